"""Which fields of the source each column is made of. The description knows it exactly: nothing is guessed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ingestion.description import CSV, Column, DataSet, Partition, Unnested
from ingestion.description.model import HISTORY_COLUMNS, ISO_DATE, TEMPORAL
from ingestion.description.spellings import Tree, parsed_type

IDENTITY = "IDENTITY"
TRANSFORMATION = "TRANSFORMATION"


@dataclass(frozen=True)
class Origin:
    """What a column is made of: `fields` of the source, none where the run itself makes the value.

    `kind` is OpenLineage's: IDENTITY keeps the value as it is, TRANSFORMATION reads or computes it; `how`
    says by which rule.
    """

    table: str
    column: str
    type: str
    fields: tuple[str, ...]
    kind: str
    how: str


def of(dataset: DataSet) -> list[Origin]:
    """Each column of each table of a data set but its quarantine, in the tables' order."""
    main = [*_main(dataset, dataset.name), *_partition(dataset, dataset.name)]
    others = [origin for one in dataset.unnested for origin in _unnested(dataset, one)]
    return [*main, *others, *(_history(dataset) if dataset.history else ())]


def _main(dataset: DataSet, table: str) -> Iterator[Origin]:
    for column in dataset.columns:
        kind, how = _reading(dataset, column)
        fields = ("the name of the object",) if column.from_name else column.names
        yield Origin(table, column.table_name, column.type, fields, kind, how)


def _reading(dataset: DataSet, column: Column) -> tuple[str, str]:
    """How a field becomes a value of the column's type."""
    if column.from_name:
        return TRANSFORMATION, f"taken from the name of the object by {column.from_name}"
    if column.type in TEMPORAL:
        default = ISO_DATE if column.type == "date" else "ISO 8601"
        return TRANSFORMATION, f"read as {column.type} by {', '.join(column.formats) or default}"
    if column.type != "string" and (column.text or dataset.source.format == CSV):
        return TRANSFORMATION, f"a text read as {column.type}"
    source = dataset.source
    if source.format == CSV and (source.trim or source.nulls != ("",)):
        done = ["outer blanks taken away"] * source.trim
        if source.nulls != ("",):
            done.append(f"NULL for {', '.join(map(repr, source.nulls))}")
        return TRANSFORMATION, "; ".join(done)
    return IDENTITY, "kept as it is"


def _partition(dataset: DataSet, table: str) -> Iterator[Origin]:
    if dataset.partition:
        yield _of_partition(dataset, dataset.partition, table)


def _of_partition(dataset: DataSet, partition: Partition, table: str) -> Origin:
    field = dataset.column(partition.field)
    how = f"{field.table_name} written as {partition.pattern}"
    return Origin(table, partition.name, "string", field.names, TRANSFORMATION, how)


def _unnested(dataset: DataSet, one: Unnested) -> Iterator[Origin]:
    main = {origin.column: origin for origin in _main(dataset, one.name)}
    for name in dict.fromkeys((*dataset.key, *one.carried)):
        yield main[dataset.column(name).table_name]
    arrays = [dataset.column(name) for name in one.columns]
    label = "the name of the array that the element was in"
    yield Origin(one.name, one.label, "string", tuple(_names(arrays)), TRANSFORMATION, label)
    for field, kind in _fields(arrays[0].type):
        made_of = tuple(f"{name}[].{field}" for name in _names(arrays))
        yield Origin(one.name, field, kind, made_of, IDENTITY, "a row for each element")
    yield from _partition(dataset, one.name)


def _names(columns: list[Column]) -> Iterator[str]:
    for column in columns:
        yield from column.names


def _fields(kind: str) -> Iterator[tuple[str, str]]:
    """The fields of an array of structures; of a nested one the type is told in a word."""
    tree: Tree = parsed_type(kind)
    element = tree[0] if isinstance(tree, list) else tree
    if isinstance(element, dict):
        for name, inner in element.items():
            yield name, inner if isinstance(inner, str) else "array" if isinstance(inner, list) else "struct"


def _history(dataset: DataSet) -> Iterator[Origin]:
    table = f"{dataset.name}_history"
    for origin in _main(dataset, table):
        yield replace(origin, how=f"{origin.how}, before it was restated or removed")
    for name, kind in HISTORY_COLUMNS.items():
        yield Origin(table, name, kind, (), TRANSFORMATION, "said by the run that changed the row")
    yield from _partition(dataset, table)
