"""Sample objects of a data set, cut into lines, fields and rows as the ingestion job does."""

from __future__ import annotations

import csv
import gzip
import itertools
import json
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from covidlake.base.errors import DataSetError

ROWS = 20_000  # of each object
DELIMITERS = (",", ";", "\t", "|")
_LOOKED_AT = 500  # lines, for the delimiter
_LINE_END = re.compile(r"\r\n|\n|\r")  # str.splitlines knows more, the job does not
_GZIP = b"\x1f\x8b"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")

Row = dict[str, Any]


@dataclass(frozen=True)
class Sample:
    """One object: the fields in their order, the rows, and notes on what was skipped."""

    path: Path
    format: str
    fields: tuple[str, ...]
    rows: list[Row]
    delimiter: str = ","
    notes: tuple[str, ...] = ()


def read(path: Path) -> Sample:
    """Raises `DataSetError` for an object without rows, or neither JSON Lines nor CSV with a header."""
    lines = [line for line in _LINE_END.split(_text(path)) if line.strip()]
    if not lines:
        raise DataSetError(f"{path}: is empty: give an object with rows")
    if lines[0].lstrip().startswith("["):
        raise DataSetError(f"{path}: is a JSON array: make it JSON Lines, for instance with: jq -c '.[]'")
    return _json(path, lines) if lines[0].lstrip().startswith("{") else _csv(path, lines)


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataSetError(f"{path}: {error.strerror}: give a file that you may read") from error
    if path.suffix == ".gz":
        content = _unpacked(path, content)
    elif content.startswith(_GZIP):
        raise DataSetError(f"{path}: is gzip, but the job goes by the name: let it end in .gz")
    if content.startswith(_UTF_16):
        raise DataSetError(f"{path}: is UTF-16: make it UTF-8, for instance with: iconv -f UTF-16 -t UTF-8")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataSetError(
            f"{path}: byte {error.start} is not UTF-8: make it UTF-8, for instance with iconv"
        ) from error


def _unpacked(path: Path, content: bytes) -> bytes:
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise DataSetError(f"{path}: is not a complete gzip file ({error}): download it again") from error


def _json(path: Path, lines: Sequence[str]) -> Sample:
    """Skip lines that are not records: the job will quarantine them."""
    rows = list(itertools.islice(_records(lines), ROWS))
    if not rows:
        raise DataSetError(f"{path}: no line is a JSON object: give JSON Lines or CSV with a header")
    notes = (
        [f"{path.name}: lines that are not a JSON object will be quarantined"]
        if len(rows) < min(len(lines), ROWS)
        else []
    )
    return Sample(
        path, "json", tuple(dict.fromkeys(name for row in rows for name in row)), rows, notes=tuple(notes)
    )


def _records(lines: Iterable[str]) -> Iterator[Row]:
    for line in lines:
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(record, dict):
            yield record


def _csv(path: Path, lines: Sequence[str]) -> Sample:
    delimiter = delimiter_of(lines[:_LOOKED_AT])
    header = [name.strip() for name in _values(lines[0], delimiter)]
    below = [_values(line, delimiter) for line in lines[1 : ROWS + 1] if line != lines[0]]
    fitting = [values for values in below if len(values) == len(header)]
    if not below:
        raise DataSetError(f"{path}: holds only a header: give an object with rows")
    if not fitting or not any(header):
        raise DataSetError(f"{path}: no row has as many values as line 1 has names: give CSV with a header")
    names = dict.fromkeys(name for name in header if name)
    places = {name: header.index(name) for name in names}
    rows = [{name: values[place].strip(" ") for name, place in places.items()} for values in fitting]
    notes = tuple(f"{path.name}: {note}" for note in _notes(header, len(below), len(fitting)))
    return Sample(path, "csv", tuple(names), rows, delimiter, notes)


def _notes(header: Sequence[str], rows: int, fitting: int) -> Iterator[str]:
    counts = Counter(header)
    if unnamed := counts.pop("", 0):
        yield f"{unnamed} of its columns have no name and are left out"
    for name in (name for name, count in counts.items() if count > 1):
        yield f"{name} is the name of {counts[name]} columns: the job reads the first"
    if fitting < rows:
        yield f"{rows - fitting} of {rows} rows have more or fewer values than the header: quarantined"


def _values(line: str, delimiter: str) -> list[str]:
    """One line: the job does not read values with a line break."""
    try:
        return next(csv.reader([line], delimiter=delimiter))
    except csv.Error:  # a value longer than the module takes
        return []


def delimiter_of(lines: Sequence[str]) -> str:
    """The delimiter by which most rows have as many values as the header; of equals, that of most columns."""
    return max(DELIMITERS, key=lambda one: _fit(lines, one))


def _fit(lines: Sequence[str], delimiter: str) -> tuple[float, int]:
    columns, *counts = (len(_values(line, delimiter)) for line in lines)
    share = sum(count == columns for count in counts) / max(len(counts), 1)
    return (share if counts else 1.0, columns) if columns > 1 else (0.0, 1)
