"""`covidlake dataset new`: a first draft of a description, inferred from sample objects."""

from __future__ import annotations

import csv
import difflib
import gzip
import itertools
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from covidlake._errors import DataSetError
from covidlake.column_types import Kind, kind_of

ROWS = 20_000  # of each object
LONGEST_KEY = 4
KEY_CANDIDATES = 10
SIMILAR = 0.85  # as jobs/ingestion/schema_change.py
_DATE_IN_NAME = {
    r"(\d{4}-\d{2}-\d{2})": "yyyy-MM-dd",
    r"(\d{2}-\d{2}-\d{4})": "MM-dd-yyyy",
    r"(\d{8})": "yyyyMMdd",
}
NAME_COLUMN = "report_date"

Row = dict[str, Any]


@dataclass(frozen=True)
class Sample:
    """One object: the fields of its rows in their order, and the rows."""

    path: Path
    format: str
    fields: tuple[str, ...]
    rows: list[Row]


@dataclass
class Draft:
    """What is guessed of a data set; `notes` say why, one sentence each."""

    name: str
    prefix: str
    format: str
    kinds: dict[str, Kind]
    formerly: dict[str, list[str]]
    from_name: tuple[str, str] | None
    key: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)

    @property
    def partition(self) -> str:
        """The date of the key by whose month the table is parted; empty for none."""
        return next((name for name in self.key if self._is_date(name)), "")

    def _is_date(self, name: str) -> bool:
        return name == NAME_COLUMN or (name in self.kinds and self.kinds[name].type == "date")


def draft(name: str, paths: Sequence[Path], prefix: str) -> Draft:
    """Infer a description from objects, the oldest first.

    Raises `DataSetError` for an object that is neither JSON Lines nor CSV with a header, or has no rows.
    """
    samples = [_read(path) for path in paths]
    formats = {sample.format for sample in samples}
    if len(formats) != 1:
        raise DataSetError(f"{paths[0]}: the objects are of different formats: give those of one data set")
    formerly, notes = _renamed(samples)
    present = {old: new for new, names in formerly.items() for old in names}
    rows = [
        {present.get(key, key): value for key, value in row.items()} for one in samples for row in one.rows
    ]
    fields = dict.fromkeys(present.get(name, name) for sample in samples for name in sample.fields)
    found = Draft(
        name,
        f"{prefix.strip('/')}/" if prefix else f"{name}/",
        samples[0].format,
        {name: kind_of([row.get(name) for row in rows], samples[0].format) for name in fields},
        formerly,
        None,
        notes=notes,
    )
    _take_date_from_names(found, samples)
    _guess_key(found, [(sample.path.name, row) for sample in samples for row in sample.rows], present)
    _note_columns(found, rows)
    return found


def _read(path: Path) -> Sample:
    try:
        content = path.read_bytes()
        text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataSetError(f"{path}: {error}: give objects of UTF-8 text") from error
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        raise DataSetError(f"{path}: holds no line: give an object with rows")
    kind = "json" if lines[0].lstrip().startswith("{") else "csv"
    rows = list(itertools.islice(_json_rows(path, lines) if kind == "json" else csv.DictReader(lines), ROWS))
    if not rows:
        raise DataSetError(f"{path}: holds a header alone: give an object with rows")
    rows = [{str(key).strip(): value for key, value in row.items() if key is not None} for row in rows]
    return Sample(path, kind, tuple(dict.fromkeys(name for row in rows for name in row)), rows)


def _json_rows(path: Path, lines: list[str]) -> Iterator[Row]:
    """A line that is no record is passed over: the job will quarantine it."""
    good = 0
    for line in lines:
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if isinstance(record, dict):
            good += 1
            yield record
    if not good:
        raise DataSetError(f"{path}: no line is a JSON object: give JSON Lines or CSV with a header")


def _renamed(samples: Sequence[Sample]) -> tuple[dict[str, list[str]], list[str]]:
    """Fields that older objects spell otherwise: alike, and never both in one object."""
    formerly: dict[str, list[str]] = {}
    notes: list[str] = []
    last = samples[-1].fields
    older = dict.fromkeys(name for sample in samples[:-1] for name in sample.fields if name not in last)
    for name in older:
        together = {other for sample in samples if name in sample.fields for other in sample.fields}
        alike = [other for other in last if other not in together and _alike(name, other)]
        if alike:
            formerly.setdefault(alike[0], []).append(name)
            notes.append(f"{name} is taken for the older name of {alike[0]}")
        else:
            notes.append(f"{name} is in older objects only: if it was renamed, name it under `formerly`")
    return formerly, notes


def _alike(first: str, second: str) -> bool:
    one, other = (re.sub(r"[^a-z0-9]", "", name.lower()) for name in (first, second))
    shortened = min(len(one), len(other)) >= 3 and (one.startswith(other) or other.startswith(one))
    return one == other or shortened or difflib.SequenceMatcher(None, one, other).ratio() >= SIMILAR


def _take_date_from_names(found: Draft, samples: Sequence[Sample]) -> None:
    """Where no field is a date but every object is named by one, that is a column."""
    if any(kind.type == "date" for kind in found.kinds.values()):
        return
    for pattern, spark in _DATE_IN_NAME.items():
        if all(re.search(pattern, sample.path.name) for sample in samples):
            found.from_name = (pattern, spark)
            found.notes.append(f"{NAME_COLUMN} comes from the names of the objects: no field is a date")
            return


def _guess_key(found: Draft, rows: Sequence[tuple[str, Row]], present: dict[str, str]) -> None:
    """The smallest set of columns, dates first, that tells all rows apart and is never empty."""
    values = []
    for name, row in rows:
        record = {present.get(key, key): value for key, value in row.items()}
        if found.from_name and (match := re.search(found.from_name[0], name)):
            record[NAME_COLUMN] = match[1]
        values.append(record)
    dated = [NAME_COLUMN] if found.from_name else []
    by_type = {
        kind: [name for name in found.kinds if found.kinds[name].type == kind]
        for kind in ("date", "string", "bigint")
    }
    names = [*dated, *by_type["date"], *by_type["string"]]
    whole = [name for name in names if _is_full(values, name)]
    # A number may be unique by chance: only where nothing else is.
    for candidates in (whole, [*whole, *(name for name in by_type["bigint"] if _is_full(values, name))]):
        if key := _smallest_unique(candidates[:KEY_CANDIDATES], values):
            found.key = key
            found.notes.append(f"the key is {', '.join(key)}: unique in all {len(values)} rows")
            return
    found.key = tuple(whole[:2]) or tuple(found.kinds)[:1]
    found.notes.append(f"no set of columns is unique: the key {', '.join(found.key)} is a guess, correct it")


def _is_full(rows: Sequence[Row], name: str) -> bool:
    return all(row.get(name) not in (None, "") for row in rows)


def _smallest_unique(candidates: Sequence[str], rows: Sequence[Row]) -> tuple[str, ...]:
    for size in range(1, LONGEST_KEY + 1):
        for columns in itertools.combinations(candidates, size):
            if len({tuple(str(row[name]) for name in columns) for row in rows}) == len(rows):
                return columns
    return ()


def _note_columns(found: Draft, rows: Sequence[Row]) -> None:
    full = [name for name in found.kinds if _is_full(rows, name)]
    if others := [name for name in full if name not in found.key]:
        found.notes.append(
            f"never empty: {', '.join(others)}: add required=True where the publisher promises it"
        )
    for name, kind in found.kinds.items():
        if kind.note:
            found.notes.append(f"{name}: {kind.note}")
