"""What can be wrong with a description. It is found here, before Spark or the Data Catalog would fail."""

from __future__ import annotations

import keyword
import re
import reprlib
from collections.abc import Iterable, Iterator
from dataclasses import is_dataclass
from typing import Any, get_args, get_origin, get_type_hints

from ingestion.description import charts, rule_problems, spellings
from ingestion.description.model import (
    CORRUPT,
    CSV,
    FORMATS,
    HISTORY_COLUMNS,
    JSON,
    KEEP,
    REMOVE,
    TEMPORAL,
    Column,
    Description,
    Source,
    Unnested,
)


def problems(dataset: Description) -> Iterator[str]:
    """What is wrong, each in a line with a hint. The lines after the first may only follow from it."""
    yield from _of_python_types(dataset, "")
    yield from _of_tables(dataset)
    yield from _of_source(dataset.source)
    yield from _of_fields(dataset)
    for column in dataset.columns:
        for problem in _of_column(dataset, column):
            yield f"column `{column.name}`: {problem}"
    yield from _of_roles(dataset)
    yield from _of_partition(dataset)
    for unnested in dataset.unnested:
        for problem in _of_unnested(dataset, unnested):
            yield f"unnested `{unnested.name}`: {problem}"
    yield from _of_queries(dataset)
    yield from charts.problems(dataset.charts, [query.title for query in dataset.queries])
    yield from rule_problems.problems(dataset.expectations, dataset.rules, dataset.types)


def _of_python_types(part: Any, where: str) -> Iterator[str]:
    """Values that are not what the annotation of their field says, in all parts of a description."""
    for name, annotation in get_type_hints(type(part)).items():
        yield from _mismatches(getattr(part, name), annotation, f"{where}{name}")


def _mismatches(value: Any, annotation: Any, where: str) -> Iterator[str]:
    if get_origin(annotation) is tuple and isinstance(value, tuple):
        for number, item in enumerate(value):
            yield from _mismatches(item, get_args(annotation)[0], f"{where}[{number}]")
    elif not _is_a(value, annotation):
        spelled = annotation.__name__ if isinstance(annotation, type) else str(annotation)
        kind = re.sub(r"[a-z]+\.(?=[A-Za-z])", "", spelled)
        one = get_origin(annotation) is tuple and isinstance(value, str)
        hint = f"write ({value!r},)" if one else "correct it"
        yield f"{where} is {reprlib.repr(value)}, not {kind}: {hint}"
    elif is_dataclass(value):
        yield from _of_python_types(value, f"{where}.")


def _is_a(value: Any, annotation: Any) -> bool:
    """Here a bool is not a number, and an int is a float too."""
    if get_origin(annotation) is tuple or (isinstance(value, bool) and annotation is not bool):
        return False
    return isinstance(value, (int, float) if annotation is float else annotation)


def _of_tables(dataset: Description) -> Iterator[str]:
    if keyword.iskeyword(dataset.name):
        yield f"the name `{dataset.name}` is a word of Python: choose another"
    for table in dataset.tables:
        if problem := spellings.table_problem(table):
            yield f"table {problem}"
    if repeated := _repeated(dataset.tables):
        yield f"tables {repeated} occur twice: an unnested one needs a name of its own"
    for name, share in (("max_rejected", dataset.max_rejected), ("max_removed", dataset.max_removed)):
        if not 0 <= share <= 1:
            yield f"{name} `{share}` is not a share from 0 to 1: 0.2 is a fifth of the rows"


def _of_source(source: Source) -> Iterator[str]:
    if source.format not in FORMATS:
        yield f"source format `{source.format}` is not one of {FORMATS}"
    if source.vanished not in (REMOVE, KEEP):
        yield f"vanished `{source.vanished}` is neither `{REMOVE}` nor `{KEEP}`"
    path = re.sub(r"^\w+://[^/]*", "", source.prefix.strip())
    folders = [part for part in re.split(r"[/\\]", path) if part not in ("", ".", "..")]
    if source.prefix != (wanted := "".join(f"{folder}/" for folder in folders)) or not folders:
        hint = f"write `{wanted}`" if folders else "name the folder, such as `uk_covid/json/`"
        yield f"source prefix `{source.prefix}` must be a path in the bucket that ends with a slash: {hint}"
    if len(source.delimiter) != 1 or source.delimiter in '"\\\r\n':
        yield f"delimiter {source.delimiter!r} must be one character, not a quote, backslash or line end"
    if source.format == JSON and (source.delimiter, source.nulls) != (Source.delimiter, Source.nulls):
        yield f"delimiter {source.delimiter!r} and nulls {source.nulls} are for a CSV: leave them out"


def _of_fields(dataset: Description) -> Iterator[str]:
    """Names that Spark could not tell apart, or not address."""
    partition = [dataset.partition.name] if dataset.partition else []
    if repeated := _repeated([*dataset.table_columns, *partition]):
        yield f"columns {repeated} occur twice: names that differ by case or signs alone are one column"
    taken = {*HISTORY_COLUMNS} & {*dataset.table_columns, *partition} if dataset.history else ()
    if taken:
        yield f"columns {sorted(taken)} are the history's own: leave out `history`, or the column"
    is_json = dataset.source.format == JSON
    fields = [name for column in dataset.columns if not column.from_name for name in column.names]
    if repeated := _repeated(fields):
        yield f"fields {repeated} belong to two columns, or twice to one: name each once"
    for name in fields:
        if not name.strip() or (not is_json and name != name.strip()):
            yield f"field {name!r} is blank or has outer blanks: correct the name"
        elif not is_addressable(name, dataset.source.format):
            yield f"field {name!r} cannot be read: it has a back-tick, or is `{CORRUPT}`; leave it out"


def is_addressable(name: str, source_format: str) -> bool:
    """Whether Spark can read a field of this name."""
    return bool(name.strip()) and (source_format == CSV or not ("`" in name or name.lower() == CORRUPT))


def _of_column(dataset: Description, column: Column) -> Iterator[str]:
    if not column.name.strip():
        yield "it has no name: give it one"
    if problem := spellings.type_problem(column.type):
        yield problem
    if column.type.endswith(">") and (dataset.source.format == CSV or column.is_text_in_source):
        yield f"text cannot hold {column.type}: describe it as `string`"
    if column.formats and column.type not in TEMPORAL:
        yield f"type {column.type} takes no formats: leave them out, or make it a date"
    for pattern in column.formats:
        if problem := spellings.format_problem(pattern):
            yield problem
    if column.from_name and (problem := _group_problem(column.from_name)):
        yield f"from_name `{column.from_name}` {problem}"
    if column.nullable and column.name not in dataset.key:
        yield "nullable is for a part of the key, other columns are nullable anyway: leave it out"
    if column.nullable and column.required:
        yield "it is both required and nullable: leave out one of them"


def _group_problem(pattern: str) -> str:
    try:
        groups = re.compile(pattern).groups
    except re.error as error:
        return f"is not a regular expression: {error}; correct it"
    return "" if groups == 1 else f"has {groups} groups and must have one: `(?:...)` does not count"


def _of_roles(dataset: Description) -> Iterator[str]:
    names = {column.name for column in dataset.columns}
    roles: dict[str, Iterable[str]] = {
        "key": dataset.key,
        "subset": dataset.subset,
        "partition": (dataset.partition.field,) if dataset.partition else (),
        "version": (dataset.version,) if dataset.version else (),
        **{f"columns of unnested `{one.name}`": one.columns for one in dataset.unnested},
        **{f"carried of unnested `{one.name}`": one.carried for one in dataset.unnested},
    }
    for role, fields in roles.items():
        if unknown := sorted(set(fields) - names):
            yield f"{role} {unknown} is not among the columns: name fields as the source does"
        if repeated := _repeated(fields):
            yield f"{role} {repeated} occur twice: name each field once"
    if not dataset.key:
        yield "it has no key: name the fields that identify a row"
    if dataset.version in dataset.key:
        yield f"version `{dataset.version}` is in the key, so all rows of a key have the same: leave it out"
    for name in dataset.subset:
        if (kind := dataset.column(name).type).endswith(">"):
            yield f"subset `{name}` is {kind}: name a text field"


def _of_partition(dataset: Description) -> Iterator[str]:
    if not dataset.partition:
        return
    column = dataset.column(dataset.partition.field)
    if column.name not in dataset.key or column.type != "date":
        # Otherwise versions of one row could lie in two partitions, which are rebuilt separately.
        yield f"partition field `{column.name}` must be a date of the key {list(dataset.key)}"
    if column.nullable:
        yield f"partition field `{column.name}` must have a value: leave out its nullable"
    if problem := spellings.partition_problem(dataset.partition.pattern):
        yield f"partition {problem}"
    if problem := spellings.name_problem(dataset.partition.name):
        yield f"partition {problem}"


def _of_unnested(dataset: Description, unnested: Unnested) -> Iterator[str]:
    types = {dataset.column(name).type for name in unnested.columns}
    match [spellings.parsed_type(kind) for kind in types]:
        case [[dict() as fields]]:
            yield from _of_elements(dataset, unnested, fields)
        case _:
            yield f"its arrays must be of one type array<struct<...>>, not {sorted(types)}"


def _of_elements(dataset: Description, unnested: Unnested, fields: Iterable[str]) -> Iterator[str]:
    if problem := spellings.name_problem(unnested.label):
        yield f"label {problem}"
    carried = dict.fromkeys([*dataset.key, *unnested.carried])
    columns = [dataset.column(name).table_name for name in carried]
    partition = [dataset.partition.name] if dataset.partition else []
    if repeated := _repeated([*columns, unnested.label, *fields, *partition]):
        yield f"columns {repeated} occur twice: choose another label, or carry fewer columns"


def _of_queries(dataset: Description) -> Iterator[str]:
    if not dataset.queries:
        yield "it has no named query: add one to `queries`"
    for query in dataset.queries:
        if not query.title.strip() or "\n" in query.title:
            yield f"a named query has the title {query.title!r}: give it a line of text"
        if not query.sql.strip():
            yield f"named query `{query.title}` has no statement: write one"


def _repeated(names: Iterable[str]) -> list[str]:
    given = list(names)
    return sorted({name for name in given if given.count(name) > 1})
