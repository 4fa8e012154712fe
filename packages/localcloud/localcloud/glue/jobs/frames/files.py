"""Objects of S3 that a DynamicFrame is read from, and the formats in which they are read and written."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from localcloud.glue.catalog.globs import glob_pattern
from localcloud.glue.catalog.table_objects import is_hidden, list_objects, split_location
from localcloud.glue.jobs.frames.refusing import check_options, refuse

# How files are grouped and listed: it changes how fast, not what is read.
_SPEED = {"groupFiles", "groupSize", "useS3ListImplementation", "maxBand", "maxFilesInBand"}
_SOURCE = {"paths", "path", "recurse", "exclusions", "compressionType", *_SPEED}
_READ = {
    "csv": {
        "separator",
        "quoteChar",
        "escaper",
        "withHeader",
        "skipFirst",
        "multiLine",
        "optimizePerformance",
    },
    "json": {"multiLine", "multiline"},
    "parquet": set[str](),
    "orc": set[str](),
}
_WRITE = {
    "csv": {"separator", "quoteChar", "escaper", "writeHeader"},
    "json": set[str](),
    "parquet": {"compression", "useGlueParquetWriter", "blockSize", "pageSize"},
    "orc": set[str](),
}


@functools.cache
def client(service: str) -> Any:
    """With the rights of the job's role, which the environment of its process has."""
    import boto3

    connect: Any = boto3.client
    return connect(service)


def format_name(given: Any) -> str:
    """A format of awsglue that Spark can read and write."""
    name = str(given or "").lower()
    name = {"glueparquet": "parquet"}.get(name, name)
    if name not in _READ:
        refuse(f"the format {given}", f"formats are {', '.join(sorted(_READ))} and glueparquet")
    return name


def objects(options: Mapping[str, Any]) -> list[str]:
    """The URLs of the data objects below the paths; of their subfolders only with `recurse`."""
    check_options("an S3 source", options, _SOURCE)
    compression = options.get("compressionType")
    if compression not in (None, "", "gzip", "bzip2"):
        refuse(f"compressionType {compression}")
    given = options.get("paths") or [options["path"]]
    exclusions = options.get("exclusions") or []
    globs = json.loads(exclusions) if isinstance(exclusions, str) else list(exclusions)
    excluded = [glob_pattern(glob) for glob in globs]
    deep = str(options.get("recurse", False)).lower() == "true"
    return [url for path in given for url in _below(path, deep, excluded)]


def _below(path: str, deep: bool, excluded: Iterable[re.Pattern[str]]) -> list[str]:
    bucket, prefix = split_location(path)
    folder = prefix if not prefix or prefix.endswith("/") else f"{prefix}/"
    found = []
    for item in list_objects(client("s3"), bucket, prefix):
        if item.key != prefix and not item.key.startswith(folder):
            continue
        relative = item.key.removeprefix(folder) if item.key != prefix else item.key.rpartition("/")[2]
        if not item.size or is_hidden(relative) or ("/" in relative and not deep):
            continue
        if not any(pattern.fullmatch(item.url) for pattern in excluded):
            found.append(item.url)
    return found


def reader_options(name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """What Spark's reader calls the options of a format."""
    check_options(f"the format {name}", given, _READ[name])
    if name == "json":
        lines = given.get("multiLine", given.get("multiline", False))
        return {"multiLine": str(lines).lower() == "true"}
    if name != "csv":
        return {"mergeSchema": "true"} if name == "parquet" else {}
    header = _is_true(given.get("withHeader")) or _is_true(given.get("skipFirst"))
    return {"header": header, "multiLine": _is_true(given.get("multiLine")), **_csv(given)}


def writer_options(name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    check_options(f"the format {name}", given, _WRITE[name])
    if name == "parquet" and given.get("compression"):
        return {"compression": given["compression"]}
    if name != "csv":
        return {}
    header = _is_true(given.get("writeHeader", True))
    # Glue puts quotes around every value.
    return {"header": header, "quoteAll": given.get("quoteChar") != -1, **_csv(given)}


def _csv(given: Mapping[str, Any]) -> dict[str, Any]:
    quote = given.get("quoteChar", '"')
    options = {"sep": given.get("separator", ","), "quote": "" if quote == -1 else quote, "emptyValue": ""}
    return options | {"escape": given.get("escaper") or (quote if quote != -1 else "\\")}


def _is_true(value: Any) -> bool:
    return str(value).lower() == "true"
