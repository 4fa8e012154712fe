"""The built-in classifiers of text: JSON (lines, arrays, concatenated documents) and delimited values."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zlib
from typing import Any

from localcloud.glue.catalog.types import (
    STRING,
    VOID,
    Array,
    HiveType,
    Primitive,
    Struct,
    merge,
    merge_fields,
)
from localcloud.glue.crawlers.schema import Columns, FileSchema, lower_case

DELIMITERS = (",", "|", "\t", ";", "\x01")
HEADER_NAME = re.compile(r"[A-Za-z_][^\n]{0,148}")
CSV_SAMPLE_ROWS = 1000
WIDEST_INT = 2**31


class NotClassifiedError(Exception):
    """No built-in classifier recognises the bytes."""


def decompress(data: bytes) -> tuple[bytes, str]:
    """The text of a gzip member, also of one cut off in the middle, and the compression's name."""
    if data[:2] != b"\x1f\x8b":
        return data, "none"
    try:
        return gzip.decompress(data), "gzip"
    except EOFError:
        return zlib.decompressobj(wbits=31).decompress(data), "gzip"
    except (OSError, zlib.error) as error:
        raise NotClassifiedError(f"broken gzip data: {error}") from error


def classify_text(sample: bytes, whole_size: int) -> FileSchema:
    """Classify the beginning of a text file of `whole_size` bytes; NotClassifiedError if nothing fits."""
    complete = len(sample) >= whole_size
    data, compression = decompress(sample)
    if b"\x00" in data[:1024]:
        raise NotClassifiedError("binary data")
    text = data.decode("utf-8-sig", errors="replace")
    if not complete:
        text = text[: text.rfind("\n") + 1] or text
    scale = 1.0 if complete else whole_size / len(sample)
    if text.lstrip()[:1] in ("{", "["):
        return _classify_json(text, compression, scale)
    return _classify_csv(text, compression, scale)


def _json_documents(text: str) -> tuple[list[Any], int]:
    """The documents of the text, and how many lines held something else."""
    decoder, documents, broken, position = json.JSONDecoder(), [], 0, 0
    blank = re.compile(r"\s*")
    while (position := blank.match(text, position).end()) < len(text):  # type: ignore[union-attr]
        try:
            document, position = decoder.raw_decode(text, position)
            documents.append(document)
        except json.JSONDecodeError:
            broken += 1
            position = text.find("\n", position) + 1 or len(text)
    return documents, broken


def _classify_json(text: str, compression: str, scale: float) -> FileSchema:
    documents, broken = _json_documents(text)
    if not documents or broken > len(documents):
        raise NotClassifiedError(f"{broken} of {broken + len(documents)} lines are not JSON")
    arrays = [document for document in documents if isinstance(document, list)]
    columns: Columns = (("array", json_type(documents[0])),) if arrays else ()
    seen: HiveType = VOID
    for document in documents:
        if isinstance(document, dict):
            seen = merge(seen, json_type(document))
    if isinstance(seen, Struct):
        columns = tuple(merge_fields(columns, seen.fields))
    if not columns:
        raise NotClassifiedError("JSON without any object or array")
    names = lower_case(columns)
    return FileSchema(
        "json",
        names,
        compression,
        round(len(documents) * scale),
        serde={"paths": ",".join(sorted(name for name, _ in columns))},
    )


def json_type(value: Any) -> HiveType:
    """The Hive type of a JSON value: a whole number is `int` when it fits, as AWS Glue's classifier says."""
    match value:
        case bool():
            return Primitive("boolean")
        case int():
            return Primitive("int" if -WIDEST_INT <= value < WIDEST_INT else "bigint")
        case float():
            return Primitive("double")
        case dict():
            return Struct(tuple((name, json_type(item)) for name, item in value.items()))
        case list():
            element: HiveType = VOID
            for item in value:
                element = merge(element, json_type(item))
            return Array(element)
    return STRING if isinstance(value, str) else VOID


def _rows(text: str, delimiter: str) -> list[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows = []
    for row in reader:
        if row:
            rows.append(row)
        if len(rows) > CSV_SAMPLE_ROWS:
            break
    return rows


def _delimiter(text: str) -> tuple[str, list[list[str]]]:
    """The delimiter that cuts most rows into one and the same number of fields, two at least."""
    best: tuple[float, int, str, list[list[str]]] = (0.0, 0, "", [])
    for delimiter in DELIMITERS:
        try:
            rows = _rows(text, delimiter)
        except csv.Error:
            continue
        widths = [len(row) for row in rows]
        width = max(set(widths), key=widths.count, default=0)
        if width >= 2:
            best = max(best, (widths.count(width) / len(widths), width, delimiter, rows))
    if best[0] < 0.7:
        raise NotClassifiedError("no delimiter cuts the rows into equal numbers of fields")
    return best[2], best[3]


def csv_type(value: str) -> HiveType:
    """The type that one CSV field looks like; `VOID` for an empty one."""
    text = value.strip()
    if not text:
        return VOID
    if re.fullmatch(r"[+-]?\d{1,18}", text):
        return Primitive("bigint")
    if re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", text):
        return Primitive("double")
    return Primitive("boolean") if text.lower() in ("true", "false") else STRING


def _column_types(rows: list[list[str]], width: int) -> list[HiveType]:
    kinds: list[HiveType] = [VOID] * width
    for row in rows:
        for index, value in enumerate(row[:width]):
            kinds[index] = merge(kinds[index], csv_type(value))
    return kinds


def has_header(first: list[str], kinds: list[HiveType]) -> bool:
    """AWS Glue's rule: every field of the header is a name, and some column below is not a string."""
    names = all(csv_type(name) in (STRING, VOID) for name in first)
    spelled = all(HEADER_NAME.fullmatch(name.strip()) for name in first[:-1]) and (
        not first[-1].strip() or HEADER_NAME.fullmatch(first[-1].strip())
    )
    return bool(names and spelled and any(kind not in (STRING, VOID) for kind in kinds))


def _classify_csv(text: str, compression: str, scale: float) -> FileSchema:
    delimiter, rows = _delimiter(text)
    if len(rows) < 2:
        raise NotClassifiedError("delimited values need two rows")
    width = max(len(row) for row in rows)
    below = _column_types(rows[1:], width)
    header = has_header(rows[0], below)
    kinds = below if header else _column_types(rows, width)
    names = [name.strip() for name in rows[0]] if header else []
    names += [f"col{index}" for index in range(len(names), width)]
    columns = tuple(
        (name or f"col{index}", kind) for index, (name, kind) in enumerate(zip(names, kinds, strict=True))
    )
    quoted = '"' in text
    parameters = {"delimiter": delimiter, "columnsOrdered": "true", "areColumnsQuoted": str(quoted).lower()}
    if header:
        parameters["skip.header.line.count"] = "1"
    lines = text.count("\n") + (not text.endswith("\n")) - header
    return FileSchema(
        "csv", lower_case(columns), compression, round(lines * scale), parameters, {"field.delim": delimiter}
    )
