"""What a change means to the readers of a data set: grades of its contract, and of what the runs showed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any, TypeVar

from covidlake.dataset.contract import document, grades
from covidlake.dataset.contract.grades import BREAKING, CARE, Change
from covidlake.laptop.preview.descriptions import Described
from covidlake.laptop.preview.model import TableChange

T = TypeVar("T")
Graded = tuple[tuple[str, str, str], ...]


def graded(base: Described | None, head: Described | None, tables: tuple[TableChange, ...]) -> Graded:
    """Grade, place and meaning of each change, the gravest first; empty where one side has no description.

    The description alone says what is promised; rows that went and values that differ say what it does.
    """
    if base is None or head is None or not base.facts or not head.facts:
        return ()
    try:
        found = grades.changes(document.of(_description(base)), document.of(_description(head)))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        found = [Change(head.name, f"the contracts cannot be compared: {type(error).__name__}", CARE)]
    found += _seen(tables)
    ordered = sorted(found, key=lambda change: (-grades.GRADES.index(change.grade), change))
    return tuple((change.grade, change.where, change.what) for change in ordered)


def _seen(tables: tuple[TableChange, ...]) -> Iterator[Change]:
    for table in tables:
        if table.before is None or table.after is None:
            continue
        if table.gone:
            yield Change(table.name, f"{table.gone:,} rows are gone in the preview", BREAKING)
        if table.changed:
            yield Change(table.name, f"{table.changed:,} rows have other values in the preview", CARE)


def _description(one: Described) -> Any:
    """The description as this code's own classes; a field that only the other ref knows is left out."""
    from ingestion import description
    from ingestion.description import model

    whole = dict(one.facts["whole"])
    rules = one.facts["rules"].values()
    parts = {
        "source": _made(model.Source, whole["source"]),
        "columns": tuple(_made(model.Column, column) for column in whole["columns"]),
        "partition": _made(model.Partition, whole["partition"]) if whole.get("partition") else None,
        "queries": tuple(_made(model.NamedQuery, query) for query in whole["queries"]),
        "unnested": tuple(_made(model.Unnested, other) for other in whole.get("unnested", ())),
        "expectations": tuple(_made(description.Expectation, rule) for rule in whole.get("expectations", ())),
        "rules": tuple(
            _made(getattr(description, rule["kind"]), rule) for rule in rules if rule["kind"] != "Expectation"
        ),
        "charts": (),
    }
    return _made(model.Description, whole | parts)


def _made(kind: type[T], values: Mapping[str, Any]) -> T:
    names = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    return kind(**{name: _tuples(value) for name, value in values.items() if name in names})


def _tuples(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
