"""Partition projection: partitions computed from the table's properties instead of the catalog."""

from __future__ import annotations

import calendar
import datetime
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from localcloud.athena.sql.errors import QueryError, unsupported
from localcloud.plugin import refusals

LARGEST = 100_000
JAVA_TOKENS = {"yyyy": "%Y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S"}


def is_projected(table: Mapping[str, Any]) -> bool:
    return str((table.get("Parameters") or {}).get("projection.enabled", "")).lower() == "true"


def injected_keys(table: Mapping[str, Any]) -> list[str]:
    """The partition keys whose values only a query can say."""
    parameters = (table.get("Parameters") or {}) if is_projected(table) else {}
    keys = [key["Name"].lower() for key in table.get("PartitionKeys") or []]
    return [key for key in keys if parameters.get(f"projection.{key}.type", "").lower() == "injected"]


def projected_partitions(
    table: Mapping[str, Any], asked: Mapping[str, Sequence[str]]
) -> list[tuple[list[str], str]]:
    """Values and location of every partition that the properties describe.

    `asked` has the values that a query's equality conditions give the injected keys.
    """
    parameters = table["Parameters"]
    keys = [key["Name"] for key in table["PartitionKeys"]]
    values = itertools.product(*(list(asked.get(key.lower()) or _values(parameters, key)) for key in keys))
    found = list(itertools.islice(values, LARGEST + 1))
    if len(found) > LARGEST:
        raise unsupported(f"a partition projection of table {table['Name']} beyond {LARGEST} partitions")
    return [(list(one), _location(table, dict(zip(keys, one, strict=True)))) for one in found]


def _location(table: Mapping[str, Any], values: Mapping[str, str]) -> str:
    template: str | None = table["Parameters"].get("storage.location.template")
    if template:
        return re.sub(r"\$\{([^}]+)\}", lambda match: values[match[1]], template)
    root: str = table["StorageDescriptor"]["Location"].rstrip("/")
    return root + "/" + "".join(f"{key}={value}/" for key, value in values.items())


def _values(parameters: Mapping[str, str], key: str) -> Iterator[str]:
    kind = parameters.get(f"projection.{key}.type", "").lower()
    if kind == "enum":
        yield from parameters[f"projection.{key}.values"].split(",")
    elif kind == "integer":
        low, high = (int(part) for part in parameters[f"projection.{key}.range"].split(","))
        digits = int(parameters.get(f"projection.{key}.digits", 0))
        for number in range(low, high + 1, int(parameters.get(f"projection.{key}.interval", 1))):
            yield str(number).zfill(digits)
    elif kind == "date":
        yield from _dates(parameters, key)
    elif kind == "injected":
        raise QueryError(
            f"CONSTRAINT_VIOLATION: For the injected projected partition column {key}, the WHERE clause must "
            "contain only static equality conditions, and at least one such condition must be present."
        )
    else:
        raise QueryError(
            f"INVALID_TABLE_PROPERTY: Table property projection.{key}.type is `{kind or 'missing'}`: "
            + refusals.not_supported("it", "use enum, integer, date or injected")
        )


def _dates(parameters: Mapping[str, str], key: str) -> Iterator[str]:
    pattern = parameters[f"projection.{key}.format"]
    for java, python in JAVA_TOKENS.items():
        pattern = pattern.replace(java, python)
    pattern = pattern.replace("'", "")
    low, high = (_date(part.strip(), pattern) for part in parameters[f"projection.{key}.range"].split(","))
    unit = parameters.get(f"projection.{key}.interval.unit", "DAYS").upper().rstrip("S")
    step = int(parameters.get(f"projection.{key}.interval", 1))
    while low <= high:
        yield low.strftime(pattern)
        low = _add(low, unit, step)


def _date(text: str, pattern: str) -> datetime.datetime:
    match = re.fullmatch(r"NOW(?:\s*([+-])\s*(\d+)\s*([A-Z]+?)S?)?", text, re.IGNORECASE)
    if not match:
        return datetime.datetime.strptime(text, pattern)  # noqa: DTZ007 - Athena projects in UTC without a zone
    now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
    amount = int((match[1] or "+") + (match[2] or "0"))
    return _add(now, (match[3] or "DAY").upper(), amount)


def _add(moment: datetime.datetime, unit: str, count: int) -> datetime.datetime:
    if unit in ("MONTH", "YEAR"):
        months = moment.year * 12 + moment.month - 1 + count * (12 if unit == "YEAR" else 1)
        year, month = months // 12, months % 12 + 1
        return moment.replace(
            year=year, month=month, day=min(moment.day, calendar.monthrange(year, month)[1])
        )
    return moment + datetime.timedelta(**{f"{unit.lower()}s": count})
