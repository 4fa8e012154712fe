"""Reads samples of files and classifies them: at most `SAMPLE_BYTES` of a text, the footer of a Parquet."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import duckdb

from localcloud.glue.catalog.parquet import parquet_columns
from localcloud.glue.catalog.table_objects import S3Object, read_range
from localcloud.glue.crawlers.schema import DataFile, FileSchema, lower_case
from localcloud.glue.crawlers.text import NotClassifiedError, classify_text
from localcloud.plugin.refusals import UnsupportedError

SAMPLE_BYTES = 512 * 1024
FOOTER_BYTES = 64 * 1024
READERS = 4
UNSUPPORTED = {b"ORC": "ORC", b"Obj\x01": "Avro", b"\xe0\x01\x00\xea": "Ion", b"<?xm": "XML"}

Warn = Callable[[str], None]


class BrokenParquetError(Exception):
    """An object that is named as a Parquet file and is none."""


def classify_objects(
    s3: Any, items: Iterable[S3Object], warn: Warn, stopped: Callable[[], bool]
) -> list[DataFile]:
    """Classify each object; one that nothing recognises is reported to `warn` and left out."""
    with tempfile.TemporaryDirectory(prefix="crawl-") as folder, ThreadPoolExecutor(READERS) as pool:
        connection = duckdb.connect(config={"threads": 1})

        def sample(numbered: tuple[int, S3Object]) -> DataFile | Path | None:
            return None if stopped() else _sample(s3, numbered[1], Path(folder, str(numbered[0])), warn)

        listed = list(items)
        found = list(pool.map(sample, enumerate(listed)))
        footers = {path: item for path, item in zip(found, listed, strict=True) if isinstance(path, Path)}
        parquet = iter(_parquet_schemas(connection, footers))
        return [next(parquet) if isinstance(one, Path) else one for one in found if one is not None]


def _sample(s3: Any, item: S3Object, path: Path, warn: Warn) -> DataFile | Path | None:
    """The classified file, or for a Parquet file a local copy of its footer."""
    named_parquet = item.key.lower().endswith((".parquet", ".parq"))
    head = b"" if named_parquet else read_range(s3, item, 0, SAMPLE_BYTES)
    if named_parquet or head[:4] == b"PAR1":
        return _footer(s3, item, path)
    for magic, name in UNSUPPORTED.items():
        if head.startswith(magic):
            raise UnsupportedError(f"crawling {name}", f"{item.url}; it reads Parquet, JSON and CSV")
    try:
        return DataFile(item, classify_text(head, item.size))
    except NotClassifiedError as error:
        warn(f"Classification UNKNOWN for {item.url}: {error}")
        return None


def _footer(s3: Any, item: S3Object, path: Path) -> Path:
    """Write a sparse file that holds only the end of the object: all that a reader of the schema touches."""
    tail = read_range(s3, item, item.size - FOOTER_BYTES, item.size)
    if tail[-4:] != b"PAR1":
        raise BrokenParquetError(f"{item.url} is not a Parquet file: it does not end with PAR1")
    needed = int.from_bytes(tail[-8:-4], "little") + 8
    if needed > len(tail):
        tail = read_range(s3, item, item.size - needed, item.size)
    with path.open("wb") as file:
        file.truncate(item.size)
        file.write(b"PAR1")
        file.seek(item.size - len(tail))
        file.write(tail)
    return path


def _parquet_schemas(connection: Any, footers: dict[Path, S3Object]) -> list[DataFile]:
    if not footers:
        return []
    paths = [str(path) for path in footers]
    counts = dict(
        connection.execute(
            "SELECT file_name, num_rows FROM parquet_file_metadata($paths)", {"paths": paths}
        ).fetchall()
    )
    columns = parquet_columns(connection, paths)
    return [
        DataFile(item, FileSchema("parquet", lower_case(columns[str(path)]), records=counts[str(path)]))
        for path, item in footers.items()
    ]
