"""Signs of a changed source, beside a few bad rows: objects that do not fit, fields that were renamed."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812 - the name that every Spark code base uses

from ingestion.description import Column, DataSet
from ingestion.description.model import HISTORY_COLUMNS, table_name
from ingestion.description.problems import is_addressable
from ingestion.errors import SchemaChangedError
from ingestion.read import rows
from ingestion.read.fields import Header
from ingestion.read.scan import Scan
from ingestion.read.undescribed import beside

SIMILAR = 0.85  # Incidence_Rate and Incident_Rate are 0.88 alike
_KINDS = ("missing_", "wrong_type", "bad_", "two_values_")
_JSON_KINDS = {str: "text", bool: "boolean", int: "number", float: "number", list: "array", dict: "object"}


def check_objects(scan: Scan, judged: DataFrame, dataset: DataSet) -> None:
    """Raise SchemaChangedError for an object whose rows are all rejected for one reason.

    A single row may just be a bad row, so the object must have two at least.
    """
    totals = scan.rows_of_objects()
    for rejection in scan.rejections():
        whole = rejection.rows == totals[rejection.object] > 1
        if whole and rejection.reason.startswith(_KINDS):
            detail = _detail(rejection.object, rejection.reason, judged, dataset)
            raise SchemaChangedError(
                f"{rejection.object}: each of its {rejection.rows} rows is rejected as `{rejection.reason}`"
                f"{detail}; describe the change in {where(dataset)}, nothing was published"
            )


def check_header(key: str, header: Header, dataset: DataSet) -> frozenset[str]:
    """The undescribed fields of a CSV.

    Raises SchemaChangedError if a required field is missing, or a described one is renamed or occurs twice.
    """
    described = [column for column in dataset.columns if not column.from_name]
    for name in (name for column in described for name in column.names):
        if header.names.count(name) > 1:
            raise SchemaChangedError(
                f"{key}: field `{name}` is {header.names.count(name)} times in the header, so it is "
                "not clear which one counts; have it published again or remove it, nothing was published"
            )
    absent = [column for column in described if not set(column.names) & set(header.names)]
    names = {name for name in header.names if name and header.names.count(name) == 1}
    unknown = frozenset(names) - {name for column in described for name in column.names}
    check_renamed(key, unknown, absent, dataset)
    for column in absent:
        if dataset.is_required(column):
            raise SchemaChangedError(
                f"{key}: field `{column.name}` is missing, the header has {', '.join(header.names)}; "
                f"describe the change in {where(dataset)}, nothing was published"
            )
    return unknown


def check_fields(unknown: Mapping[str, frozenset[str]], judged: DataFrame, dataset: DataSet) -> None:
    """Raise SchemaChangedError if an object lacks a field and has an undescribed one that looks like it."""
    for key, every in sorted(unknown.items()):
        names = beside(every)
        alike = [column for column in dataset.columns if any(_is_alike(name, column) for name in names)]
        if alike:
            counts = [F.count(column.table_name) for column in alike]
            found = judged.where(F.col(rows.OBJECT) == key).agg(*counts).first() or ()
            absent = [column for column, count in zip(alike, found, strict=True) if not count]
            check_renamed(key, names, absent, dataset)


def check_renamed(key: str, unknown: Iterable[str], absent: Iterable[Column], dataset: DataSet) -> None:
    for column in absent:
        for name in sorted(unknown):
            if _is_alike(name, column):
                raise SchemaChangedError(
                    f"{key}: field `{column.name}` is missing and `{name}` is new: if renamed, name both "
                    f"in {where(dataset)} (`aliases`), else describe `{name}`; nothing was published"
                )


def added_columns(unknown: Iterable[str], dataset: DataSet) -> tuple[str, ...]:
    """The undescribed fields that become columns of text, but for those that Spark cannot address.

    Raises SchemaChangedError for a field whose column exists already.
    """
    own = (*dataset.table_columns, *(HISTORY_COLUMNS if dataset.history else ()))
    taken = {name: name for name in own}
    added = sorted(name for name in beside(unknown) if is_addressable(name, dataset.source.format))
    for name in added:
        column = table_name(name)
        if column in taken or (dataset.partition and column == dataset.partition.name):
            raise SchemaChangedError(
                f"{dataset.source.prefix}: the new field `{name}` would be column `{column}`, which exists; "
                f"describe it in {where(dataset)}, nothing was published"
            )
        taken[column] = name
    return tuple(added)


def where(dataset: DataSet) -> str:
    return f"jobs/datasets/{dataset.name}.py"


def _is_alike(name: str, column: Column) -> bool:
    first, second = (re.sub(r"[^a-z0-9]", "", text.lower()) for text in (name, column.name))
    return first == second or difflib.SequenceMatcher(None, first, second).ratio() >= SIMILAR


def _detail(key: str, reason: str, judged: DataFrame, dataset: DataSet) -> str:
    """What has a wrong type, from the first rejected row: the line, or a field of it."""
    if reason != "wrong_type":
        return ""
    rejected = (F.col(rows.OBJECT) == key) & (F.col(rows.OUTCOME) == rows.REJECTED)
    first = judged.where(rejected).select(rows.RAW).first()
    if not first:
        return ""
    record = json.loads(first[0])
    if not isinstance(record, dict):
        return f": the first is no object but {_JSON_KINDS.get(type(record), 'null')} ({first[0][:40]})"
    return next(_mismatches(record, dataset), "")


def _mismatches(record: Mapping[str, Any], dataset: DataSet) -> Iterator[str]:
    for column in dataset.columns:
        for name in column.names:
            value = record.get(name)
            found = _JSON_KINDS.get(type(value), "null")
            if value is not None and not _fits(column.source_type, value):
                yield f": `{name}`, a {column.type}, comes as {found} ({json.dumps(value)[:40]})"


def _fits(described: str, value: Any) -> bool:
    if described == "string":
        return True
    if described.startswith("array"):
        return isinstance(value, list)
    if described.startswith(("struct", "map")):
        return isinstance(value, dict)
    if described == "boolean":
        return isinstance(value, bool)
    whole = described in ("tinyint", "smallint", "int", "bigint")
    return isinstance(value, int if whole else (int, float)) and not isinstance(value, bool)
