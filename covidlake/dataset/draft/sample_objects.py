"""Sample objects of a data set, cut into lines, fields and rows as the ingestion job does."""

from __future__ import annotations

import csv
import itertools
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from covidlake.base import json_text
from covidlake.base.errors import DataSetError
from covidlake.dataset.draft import file_formats, forms, headers

ROWS = 20_000  # of each object, that are all looked at
DELIMITERS = (",", ";", "\t", "|")
_LOOKED_AT = 500  # lines, for the delimiter
_LINE_END = re.compile(r"\r\n|\n|\r")  # str.splitlines knows more, the job does not

Row = dict[str, Any]


@dataclass(frozen=True)
class Sample:
    """One object: the fields in their order, the rows to guess from, and notes on what was skipped.

    `total` is how many rows it has, `every` gives them all.
    """

    path: Path
    format: str
    fields: tuple[str, ...]
    rows: list[Row]
    delimiter: str = ","
    notes: tuple[str, ...] = ()
    total: int = 0
    every: Callable[[], Iterator[Row]] = field(default=lambda: iter(()), repr=False)

    @property
    def is_large(self) -> bool:
        """Whether it has rows beyond the first, of which only some are in `rows`."""
        return self.total > ROWS


def read(path: Path) -> Sample:
    """Raises `DataSetError` for an object without rows, or neither JSON Lines nor CSV with a header."""
    lines = _lines(path)
    if not lines:
        raise DataSetError(f"{path}: is empty: give an object with rows")
    if lines[0].lstrip().startswith("["):
        raise DataSetError(f"{path}: is a JSON array: make it JSON Lines, for instance with: jq -c '.[]'")
    objects = [line.lstrip().startswith("{") for line in lines[:_LOOKED_AT]]
    return _json(path, lines) if objects[0] or sum(objects) * 2 > len(objects) else _csv(path, lines)


def _lines(path: Path) -> list[str]:
    return [line for line in _LINE_END.split(file_formats.text(path)) if line.strip()]


def _json(path: Path, lines: Sequence[str]) -> Sample:
    """Skip lines that are not records: the job will quarantine them."""
    rows, total = forms.keep(_records(lines), ROWS)
    if not rows:
        raise DataSetError(f"{path}: {_no_records(lines)}")
    names = tuple(dict.fromkeys(name for row in rows for name in row))
    notes = tuple(f"{path.name}: {note}" for note in _notes(lines, rows[0], total))
    return Sample(path, "json", names, rows, ",", notes, total, lambda: _records(lines))


def _no_records(lines: Sequence[str]) -> str:
    try:
        json_text.parse("\n".join(lines))
    except ValueError:
        return "no line is a JSON object: give JSON Lines or CSV with a header"
    return "is one JSON over several lines: make it JSON Lines, for instance with: jq -c ."


def _notes(lines: Sequence[str], first: Row, total: int) -> Iterator[str]:
    if total < len(lines):
        yield f"{len(lines) - total} of {len(lines)} lines are not a JSON object: quarantined"
    for name, value in first.items() if len(lines) == 1 else ():
        if isinstance(value, list) and len(value) > 1 and isinstance(value[0], dict):
            field = f".{name}" if name.isidentifier() else f".[{json.dumps(name)}]"
            yield f"it is one row: if the rows are those in {name}, make them lines: jq -c '{field}[]'"


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _records(lines: Iterable[str]) -> Iterator[Row]:
    for line in lines:
        try:
            record = json_text.parse(line)
            if "NaN" in line or "Infinity" in line:  # Python reads them, the job does not
                json.loads(line, parse_constant=_refuse)
        except ValueError:
            continue
        if isinstance(record, dict):
            yield record


def _csv(path: Path, lines: Sequence[str]) -> Sample:
    headers.check_rest(path, lines[:_LOOKED_AT], lambda some: _fit(some, delimiter_of(some)))
    delimiter = delimiter_of(lines[:_LOOKED_AT])
    header = [name.strip() for name in _values(lines[0], delimiter)]
    below = [_values(line, delimiter) for line in lines[1 : ROWS + 1] if line != lines[0]]
    fitting = [values for values in below if len(values) == len(header)]
    _check_fitting(path, header, below, fitting)
    headers.check(path, header, fitting)
    rows, total = forms.keep(_rows(lines, header, delimiter), ROWS)
    below_all = sum(line != lines[0] for line in lines)
    names = tuple(_places(header))
    notes = tuple(f"{path.name}: {note}" for note in headers.notes(header, fitting, below_all, total))
    return Sample(
        path,
        "csv",
        names,
        rows,
        delimiter,
        notes,
        total,
        lambda: _rows(lines, header, delimiter),
    )


def _rows(lines: Sequence[str], header: Sequence[str], delimiter: str) -> Iterator[Row]:
    """The rows below the first line that have as many values as it has names."""
    places = _places(header)
    for line in itertools.islice(lines, 1, None):
        if line != lines[0] and len(values := _values(line, delimiter)) == len(header):
            yield {name: values[place] for name, place in places.items()}


def _places(header: Sequence[str]) -> dict[str, int]:
    twice = {"", *headers.repeated(header)}
    return {name: place for place, name in enumerate(header) if name not in twice}


def _check_fitting(path: Path, header: Sequence[str], below: headers.Rows, fitting: headers.Rows) -> None:
    if not below:
        raise DataSetError(f"{path}: holds only a header: give an object with rows")
    if not fitting or not any(header):
        raise DataSetError(f"{path}: no row has as many values as line 1 has names: give CSV with a header")
    if len(fitting) * 2 < len(below):
        raise DataSetError(
            f"{path}: {len(below) - len(fitting)} of {len(below)} rows have more or fewer values than line 1 "
            "has names: let line 1 be the header of most rows"
        )
    if not set(header) - {"", *headers.repeated(header)}:
        raise DataSetError(f"{path}: each name in line 1 stands there twice: have the columns named apart")


def _values(line: str, delimiter: str) -> list[str]:
    """One line; none of one that the job rejects, for it does not read values with a line break."""
    try:
        if '"' in line and _is_cut_off(line, delimiter):
            return []
        return next(csv.reader([line], delimiter=delimiter))
    except csv.Error:  # a value longer than the module takes
        return []


def _is_cut_off(line: str, delimiter: str) -> bool:
    try:
        next(csv.reader([line], delimiter=delimiter, strict=True))
    except csv.Error as error:
        return "unexpected end" in str(error)
    return False


def delimiter_of(lines: Sequence[str]) -> str:
    """The delimiter by which most rows have as many values as the header; of equals, that of most columns."""
    return max(DELIMITERS, key=lambda one: _fit(lines, one))


def _fit(lines: Sequence[str], delimiter: str) -> tuple[float, int]:
    columns, *counts = (len(_values(line, delimiter)) for line in lines)
    share = sum(count == columns for count in counts) / max(len(counts), 1)
    return (share if counts else 1.0, columns) if columns > 1 else (0.0, 1)
