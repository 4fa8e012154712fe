"""Partition projection: partitions computed from the table's properties instead of the catalog."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from localcloud.athena.sql.errors import QueryError, unsupported
from localcloud.athena.sql.tables.projected_dates import dates, invalid, positive, range_of, required
from localcloud.glue.catalog.partition_paths import partition_name
from localcloud.plugin import refusals

LARGEST = 100_000
TEMPLATE = "storage.location.template"
PLACE = r"\$\{([^}]+)\}"


def is_projected(table: Mapping[str, Any]) -> bool:
    return str((table.get("Parameters") or {}).get("projection.enabled", "")).lower() == "true"


def injected_keys(table: Mapping[str, Any]) -> list[str]:
    """The partition keys whose values only a query can say."""
    parameters = (table.get("Parameters") or {}) if is_projected(table) else {}
    keys = [key["Name"].lower() for key in table.get("PartitionKeys") or []]
    return [key for key in keys if parameters.get(f"projection.{key}.type", "").strip().lower() == "injected"]


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
    """The folder of a partition: as Hive names it, or as the template says, which takes values unescaped."""
    template: str | None = table["Parameters"].get(TEMPLATE)
    if not template:
        root: str = table["StorageDescriptor"]["Location"].rstrip("/")
        return f"{root}/{partition_name(values, values.values())}/"
    unknown = [name for name in re.findall(PLACE, template) if name not in values]
    if unknown:
        raise invalid(TEMPLATE, template, f"{unknown[0]} is no partition key")
    return re.sub(PLACE, lambda found: values[found[1]], template)


def _values(parameters: Mapping[str, str], key: str) -> Iterable[str]:
    """The values of a key, each once."""
    return dict.fromkeys(itertools.islice(_every_value(parameters, key), LARGEST + 1))


def _every_value(parameters: Mapping[str, str], key: str) -> Iterator[str]:
    kind = parameters.get(f"projection.{key}.type", "").strip().lower()
    if kind == "enum":
        yield from required(parameters, f"projection.{key}.values").split(",")
    elif kind == "integer":
        yield from _integers(parameters, key)
    elif kind == "date":
        yield from dates(parameters, key)
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


def _integers(parameters: Mapping[str, str], key: str) -> Iterator[str]:
    ends = range_of(parameters, key)
    if not all(re.fullmatch(r"-?\d+", end) for end in ends):
        raise invalid(f"projection.{key}.range", ",".join(ends), "two whole numbers are needed")
    step = positive(parameters, f"projection.{key}.interval")
    digits = positive(parameters, f"projection.{key}.digits")
    for number in range(int(ends[0]), int(ends[1]) + 1, step):
        yield str(number).zfill(digits)
