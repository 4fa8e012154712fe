"""A description as a document of the Open Data Contract Standard, version 3.1.

The standard: https://bitol-io.github.io/open-data-contract-standard/. The version is a digest of what the
document says, so it changes with the contract and with nothing else.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from covidlake.dataset.contract import properties, quality

if TYPE_CHECKING:
    from ingestion.description import DataSet, Unnested

Document = dict[str, Any]

STANDARD = "v3.1.0"
DIGITS = 12


def of(dataset: DataSet) -> Document:
    """The contract of a data set: its tables but the quarantine, their columns, rules and freshness."""
    body = _body(dataset)
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    return {
        "apiVersion": STANDARD,
        "kind": "DataContract",
        "id": f"covid-lake.{dataset.name}",
        "name": dataset.name,
        "version": digest[:DIGITS],
        "status": "active",
        **body,
    }


def _body(dataset: DataSet) -> Document:
    tables = [_main(dataset), *(_unnested(dataset, one) for one in dataset.unnested)]
    if dataset.history:
        tables.append(_history(dataset))
    body = {
        "description": {"purpose": dataset.description, "usage": _usage(dataset)},
        "schema": tables,
        "slaProperties": list(quality.freshness(dataset)),
        "customProperties": list(_settings(dataset)),
    }
    return {name: value for name, value in body.items() if value}


def _usage(dataset: DataSet) -> str:
    return "\n\n".join(f"{query.title}:\n{query.sql}" for query in dataset.queries)


def _main(dataset: DataSet) -> Document:
    columns = [
        properties.of_column(
            column.table_name,
            column.type,
            required=dataset.is_required(column),
            key=dataset.key_columns,
        )
        for column in dataset.columns
    ]
    rules = list(quality.checks(dataset))
    return _table(dataset, dataset.name, dataset.description, dataset.key_columns, columns, rules)


def _unnested(dataset: DataSet, one: Unnested) -> Document:
    key = (*dataset.key_columns, one.label)
    carried = [dataset.column(name) for name in (*dataset.key, *one.carried)]
    columns = [
        properties.of_column(column.table_name, column.type, required=dataset.is_required(column), key=key)
        for column in carried
    ]
    columns.append(properties.of_column(one.label, "string", required=True, key=key))
    structure = properties.element(dataset.column(one.columns[0]).type)
    columns += [properties.of_column(name, kind) for name, kind in structure.items()]
    what = f"One row for each element of {', '.join(one.columns)} of {dataset.name}"
    return _table(dataset, one.name, what, (), columns, [])


def _history(dataset: DataSet) -> Document:
    from ingestion.description.model import HISTORY_COLUMNS

    kinds = {**dataset.types, **HISTORY_COLUMNS}
    columns = [properties.of_column(name, kind) for name, kind in kinds.items()]
    what = f"Rows of {dataset.name} that were restated or removed, as they were before"
    return _table(dataset, f"{dataset.name}_history", what, (), columns, [])


def _table(
    dataset: DataSet,
    name: str,
    description: str,
    key: tuple[str, ...],
    columns: list[Document],
    rules: list[Document],
) -> Document:
    if dataset.partition is not None:
        pattern = f"{dataset.partition.field} as {dataset.partition.pattern}"
        columns = [*columns, properties.of_partition_key(dataset.partition.name, pattern)]
    table = {
        "name": name,
        "physicalName": name,
        "physicalType": "table",
        "logicalType": "object",
        "description": description,
        "dataGranularityDescription": f"one row for each {', '.join(key)}" if key else "",
        "properties": columns,
        "quality": rules,
    }
    return {name: value for name, value in table.items() if value}


def _settings(dataset: DataSet) -> Iterator[Document]:
    """What the standard has no place for, and a reader may rely on."""
    from ingestion.description import CSV

    source = dataset.source
    found = {
        "sourcePrefix": source.prefix,
        "sourceFormat": source.format,
        "sourceDelimiter": source.delimiter if source.format == CSV else "",
        "sourceNulls": list(source.nulls) if source.format == CSV else [],
        "sourceTrim": source.trim,
        "vanishedObjects": source.vanished,
        "fields": {column.table_name: column.from_name or column.name for column in dataset.columns},
        "numbersAsText": [column.table_name for column in dataset.columns if column.text],
        "keptRows": dataset.keep,
        "newerVersion": dataset.version,
        "maximumRejectedShare": dataset.max_rejected,
        "maximumRemovedShare": dataset.max_removed,
        "aliases": {column.name: list(column.aliases) for column in dataset.columns if column.aliases},
        "formats": {column.name: list(column.formats) for column in dataset.columns if column.formats},
    }
    for name, value in found.items():
        if value not in ("", {}, [], False):
            yield {"property": name, "value": value}
