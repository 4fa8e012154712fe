"""A sample for any data set, made from its description alone: invented values in the described shapes.

Seeded by the name, so that a description always gives the same sample. It keeps the simple rules:
ranges, allowed values, `rlike` patterns of character classes, running totals. One line is no record, one
lacks its key, one comes twice: a source without dirt would show little.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ingestion.dataset import Column, DataSet

LAST_DAY = date(2022, 12, 7)
ENTITIES = 24
DAYS = 45
WHOLE_NUMBERS = ("tinyint", "smallint", "int", "bigint")
# Spark's datetime patterns as Python's, the longest first.
PATTERNS = (
    *(("yyyy", "%Y"), ("SSS", "000"), ("MM", "%m"), ("dd", "%d"), ("HH", "%H"), ("mm", "%M"), ("ss", "%S")),
    *(("yy", "%y"), ("M", "%m"), ("d", "%d"), ("H", "%H")),
)
Row = dict[str, Any]


def generate(dataset: DataSet, destination: Path) -> None:
    """Write one object under the data set's prefix in `destination`, laid out like the bucket."""
    random = Random(dataset.name)  # noqa: S311 - a sample has to be repeatable, not secret
    rows = list(_rows(dataset, random))
    rows.insert(len(rows) // 2, dict(rows[0]))
    incomplete = dict(rows[-1])
    incomplete.pop(dataset.key[0], None)
    folder = destination / dataset.source.prefix
    folder.mkdir(parents=True, exist_ok=True)
    content = (
        _csv(dataset, [*rows, incomplete]) if dataset.source.format == "csv" else _json([*rows, incomplete])
    )
    (folder / f"sample-{LAST_DAY}.{dataset.source.format}").write_text(content)


def _rows(dataset: DataSet, random: Random) -> Iterator[Row]:
    """One row for each entity, and for each day where a date is in the key."""
    days = _days(dataset)
    for number in range(ENTITIES):
        fixed = {
            column.name: _fixed(dataset, column, number)
            for column in dataset.columns
            if column.type == "string" and not column.from_name
        }
        totals = dict.fromkeys(_running_totals(dataset), 0)
        for day in days:
            yield {
                column.name: fixed.get(column.name, _value(dataset, column, day, totals, random))
                for column in dataset.columns
                if not column.from_name
            }


def _days(dataset: DataSet) -> list[date]:
    dated = [name for name in dataset.key if dataset.column(name).type == "date"]
    step = 7 if any("week" in name for name in dated) else 1
    count = DAYS if dated else 1
    return [LAST_DAY - timedelta(days=step * back) for back in reversed(range(count))]


def _running_totals(dataset: DataSet) -> list[str]:
    from ingestion.rules import NonDecreasing

    return [rule.column for rule in dataset.rules if isinstance(rule, NonDecreasing)]


def _fixed(dataset: DataSet, column: Column, number: int) -> str:
    """The text of an entity: by the column's pattern or allowed values, else its name and a number."""
    for expectation in dataset.expectations:
        if found := re.search(rf"\b{column.table_name} rlike '([^']+)'", expectation.condition):
            return _matching(found[1], number)
        if found := re.search(rf"\b{column.table_name} in \(([^)]+)\)", expectation.condition):
            values = re.findall(r"'([^']*)'", found[1])
            return str(values[number % len(values)])
    return f"{column.name.replace('_', ' ').title()} {number + 1}"


def _matching(pattern: str, number: int) -> str:
    """The nth text of a pattern such as `^[A-Z][0-9]{8}$`: the number, written in its classes."""
    parts = re.findall(r"\[([^\]]+)\](?:\{(\d+)\})?|([^\[\]^${}])", pattern)
    places: list[str] = []
    for classes, times, literal in parts:
        spans = re.findall(r"(.)-(.)", classes)
        symbols = (
            "".join(chr(c) for first, last in spans for c in range(ord(first), ord(last) + 1)) or literal
        )
        places += [symbols] * int(times or 1)
    text = ""
    for symbols in reversed(places):
        number, digit = divmod(number, len(symbols))
        text = symbols[digit] + text
    return text


def _value(dataset: DataSet, column: Column, day: date, totals: dict[str, int], random: Random) -> Any:
    name = column.table_name
    if name in totals:
        totals[name] += random.randint(0, 500)
        return totals[name] if column.type in WHOLE_NUMBERS else float(totals[name])
    if column.type in ("date", "timestamp"):
        return _written(column, day)
    if column.type == "boolean":
        return random.random() < 0.5
    if column.type in WHOLE_NUMBERS or column.type.startswith(("float", "double", "decimal")):
        low, high = _bounds(dataset, name)
        return (
            random.randint(int(low), int(high))
            if column.type in WHOLE_NUMBERS
            else round(random.uniform(low, high), 4)
        )
    return [] if column.type.startswith("array") else None


def _bounds(dataset: DataSet, name: str) -> tuple[float, float]:
    low, high = 0.0, 10_000.0
    for expectation in dataset.expectations:
        if found := re.search(rf"\b{name} >= (-?[\d.]+)", expectation.condition):
            low = float(found[1])
        if found := re.search(rf"\b{name} <= (-?[\d.]+)", expectation.condition):
            high = float(found[1])
    return low, max(low, high)


def _written(column: Column, day: date) -> str:
    if not column.formats:
        return day.isoformat() if column.type == "date" else f"{day.isoformat()}T00:00:00"
    pattern = column.formats[0].replace("'", "")
    for spark, python in PATTERNS:
        pattern = re.sub(rf"(?<!%){spark}", python, pattern)
    return datetime(day.year, day.month, day.day).strftime(pattern)  # noqa: DTZ001 - a day has no zone


def _json(rows: list[Row]) -> str:
    lines = [json.dumps({name: value for name, value in row.items() if value is not None}) for row in rows]
    return "\n".join([*lines, lines[0][: len(lines[0]) // 2]])


def _csv(dataset: DataSet, rows: list[Row]) -> str:
    text = io.StringIO()
    names = [column.name for column in dataset.columns if not column.from_name]
    writer = csv.DictWriter(text, names, delimiter=dataset.source.delimiter, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue() + "cut off"
