"""The items of a distributed Map with an ItemReader: objects of S3 in each format, and listings."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from localcloud.plugin import refusals
from localcloud.step_functions.states import integrations
from localcloud.step_functions.states.shapes import iso_stamp
from localcloud.step_functions.states.tasks.errors import api_failure

Item = Any
_DELIMITERS = {"COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "SPACE": " ", "TAB": "\t"}
_LISTED = ("ETag", "LastModified", "Key", "Size", "StorageClass")


class ItemReaderError(Exception):
    """Why the items cannot be read: the cause of States.ItemReaderFailed."""


def read(client: Any, action: str, parameters: dict[str, Any], config: dict[str, Any]) -> list[Item]:
    """The items that the ItemReader's S3 action yields; `config` is its ReaderConfig, MaxItems evaluated."""
    try:
        items = (
            _listed(client, parameters) if action == "listObjectsV2" else _read(client, parameters, config)
        )
        return first(items, config.get("MaxItems"))
    except ClientError as error:
        failed = api_failure(integrations.find(f"arn:aws:states:::aws-sdk:s3:{action}"), error)
        raise ItemReaderError(failed.cause) from error


def first(items: Iterator[Item], count: int | None) -> list[Item]:
    """So many of the items, all where no number or 0 is given."""
    found: list[Item] = []
    for item in items:
        if count and len(found) >= count:
            break
        found.append(item)
    return found


def _listed(client: Any, parameters: dict[str, Any]) -> Iterator[Item]:
    for page in client.get_paginator("list_objects_v2").paginate(**parameters):
        for entry in page.get("Contents", []):
            item = {name: entry[name] for name in _LISTED if name in entry}
            item["LastModified"] = iso_stamp(item["LastModified"])
            yield {"Etag" if name == "ETag" else name: value for name, value in item.items()}


def _read(client: Any, parameters: dict[str, Any], config: dict[str, Any]) -> Iterator[Item]:
    kind = config.get("InputType", "JSON")
    content = client.get_object(**parameters)["Body"].read()
    if kind == "MANIFEST":
        yield from _inventory(client, content, config)
        return
    yield from parsed(_text(content), config)


def parsed(text: str, config: dict[str, Any]) -> Iterator[Item]:
    """The items in the text of one object, however many they are. Raises ItemReaderError."""
    kind = config.get("InputType", "JSON")
    formats = {"JSON": _json, "JSONL": _json_lines, "CSV": _csv}
    if kind not in formats:
        raise ItemReaderError(refusals.not_supported(f"an ItemReader of InputType {kind}"))
    return formats[kind](text, config)


def _text(content: bytes) -> str:
    if content.startswith(b"\x1f\x8b"):
        content = gzip.decompress(content)
    return content.decode("utf-8-sig")


def pointed(text: str, config: dict[str, Any]) -> Any:
    """What ItemsPointer selects of a JSON text: all of it where there is none."""
    try:
        value = json.loads(text)
    except ValueError as error:
        raise ItemReaderError(f"Attempting to parse invalid JSON: {error}") from error
    for key in [key for key in str(config.get("ItemsPointer", "")).split("/")[1:] if key]:
        value = _member(value, key)
    return value


def _json(text: str, config: dict[str, Any]) -> Iterator[Item]:
    value = pointed(text, config)
    if not isinstance(value, list):
        raise ItemReaderError("Attempting to map over non-iterable node.")
    yield from value


def _member(value: Any, key: str) -> Any:
    """One step of a JSON Pointer; nothing where there is no such member."""
    if isinstance(value, list) and key.isdecimal() and int(key) < len(value):
        return value[int(key)]
    return value.get(key) if isinstance(value, dict) else None


def _json_lines(text: str, config: dict[str, Any]) -> Iterator[Item]:
    del config
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield json.loads(line)
            except ValueError as error:
                raise ItemReaderError(f"Line {number} is no JSON: {error}") from error


def _csv(text: str, config: dict[str, Any]) -> Iterator[Item]:
    delimiter = _DELIMITERS.get(config.get("CSVDelimiter", "COMMA"), ",")
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    given = config.get("CSVHeaderLocation") == "GIVEN"
    headers = config.get("CSVHeaders", []) if given else next(rows, [])
    if len(set(headers)) < len(headers):
        raise ItemReaderError("CSV headers cannot contain duplicates.")
    names = sorted(headers, key=lambda name: (name.isalpha(), name))  # the order in which AWS writes them
    for row in rows:
        if row:
            cells = dict(zip(headers, [*row, *[""] * len(headers)], strict=False))
            yield {name: cells[name] for name in names}


def _inventory(client: Any, content: bytes, config: dict[str, Any]) -> Iterator[Item]:
    """The rows of the files that the manifest of an S3 inventory names."""
    if config.get("ManifestType", "S3_INVENTORY") != "S3_INVENTORY":
        raise ItemReaderError(refusals.not_supported(f"a manifest of type {config['ManifestType']}"))
    manifest = json.loads(content)
    if manifest.get("fileFormat", "CSV") != "CSV":
        raise ItemReaderError(refusals.not_supported(f"an inventory of format {manifest['fileFormat']}"))
    columns = [name.strip() for name in manifest["fileSchema"].split(",")]
    bucket = manifest["destinationBucket"].rpartition(":")[2]
    for file in manifest["files"]:
        body = client.get_object(Bucket=bucket, Key=file["key"])["Body"].read()
        for row in csv.reader(io.StringIO(_text(body), newline="")):
            yield dict(zip(columns, row, strict=False))
