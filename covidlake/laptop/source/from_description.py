"""A sample for any data set, made from its description alone: invented values in the described shapes.

Seeded by the name, so that a description always gives the same sample. It keeps the simple rules:
ranges, allowed values, `rlike` patterns of character classes, running totals. One line is not a record, one
has no key, one comes twice: a source without errors would show little.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from covidlake.laptop.source.written_times import written

if TYPE_CHECKING:
    from ingestion.description import Column, DataSet

LAST_DAY = date(2022, 12, 7)
ENTITIES = 24
DAYS = 45
WHOLE_NUMBERS = ("tinyint", "smallint", "int", "bigint")
# Of an object of a day, which its rows may take from there.
NAMES = ("sample-{}", "{}", "sample_{}", "sample{}")
Row = dict[str, Any]


def generate(dataset: DataSet, destination: Path) -> None:
    """Write objects under the data set's prefix in `destination`, laid out like the bucket.

    One, or one of each day where the days of the key are in the names.
    """
    random = Random(dataset.name)  # noqa: S311 - a sample has to be repeatable, not secret
    days = _days(dataset)
    rows = list(_rows(dataset, days, random))
    named = any(
        dataset.column(name).type == "date" and dataset.column(name).from_name for name in dataset.key
    )
    for day in days if named else days[-1:]:
        _write(dataset, destination, day, [row for of, row in rows if of == day or not named])


def _write(dataset: DataSet, destination: Path, day: date, rows: list[Row]) -> None:
    """One object; the last day's has the errors."""
    if day == LAST_DAY:
        rows.insert(len(rows) // 2, dict(rows[0]))
        needed = (name for name in dataset.key if not dataset.column(name).nullable)
        missing = next((name for name in needed if name in rows[0]), "")
        rows.append({name: value for name, value in rows[-1].items() if name != missing})
    is_csv = dataset.source.format == "csv"
    content = _csv(dataset, rows) if is_csv else _json(rows)
    if day == LAST_DAY:
        content += "cut off" if is_csv else "\n" + content[: len(content.partition("\n")[0]) // 2]
    path = destination / dataset.source.prefix / f"{_name(dataset, day)}.{dataset.source.format}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, newline="")


def _name(dataset: DataSet, day: date) -> str:
    """A name from which the description can take its dates."""
    end = f".{dataset.source.format}"
    taken = [column for column in dataset.columns if column.from_name and column.type == "date"]
    for column in taken:
        text = _written(column, day)
        for name in (form.format(text) for form in NAMES):
            found = re.search(column.from_name, name + end)
            if found and found[1] == text:
                return name
    return NAMES[0].format(day)


def _rows(dataset: DataSet, days: list[date], random: Random) -> Iterator[tuple[date, Row]]:
    """One row for each entity, and for each day where a date is in the key."""
    for number in range(ENTITIES):
        fixed = {
            column.name: _fixed(dataset, column, number)
            for column in dataset.columns
            if column.type == "string" and not column.from_name
        }
        totals = dict.fromkeys(_running_totals(dataset), 0)
        for day in days:
            yield (
                day,
                {
                    column.name: fixed.get(column.name, _value(dataset, column, day, totals, random))
                    for column in dataset.columns
                    if not column.from_name
                },
            )


def _days(dataset: DataSet) -> list[date]:
    dated = [name for name in dataset.key if dataset.column(name).type == "date"]
    step = 7 if any("week" in name for name in dated) else 1
    count = DAYS if dated else 1
    return [LAST_DAY - timedelta(days=step * back) for back in reversed(range(count))]


def _running_totals(dataset: DataSet) -> list[str]:
    from ingestion.description import NonDecreasing

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
    return written(datetime(day.year, day.month, day.day, tzinfo=UTC), column.formats[0])


def _json(rows: list[Row]) -> str:
    return "\n".join(
        json.dumps({name: value for name, value in row.items() if value is not None}) for row in rows
    )


def _csv(dataset: DataSet, rows: list[Row]) -> str:
    text = io.StringIO()
    names = [column.name for column in dataset.columns if not column.from_name]
    writer = csv.DictWriter(text, names, delimiter=dataset.source.delimiter, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
