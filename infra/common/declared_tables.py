"""The tables that every template declares; crawlers find all others."""

from __future__ import annotations

from collections.abc import Iterable

from troposphere import glue

from infra.common import lineage_events, runs

# By the logical id of each: its name in the catalog.
TABLES = {runs.TITLE: runs.TABLE, lineage_events.TITLE: lineage_events.TABLE}


class ReservedNameError(ValueError):
    """A table of the pipeline has the name of one that the template declares; `hint` is what to do."""

    hint = "rename its description"


def declared_tables(described: Iterable[str]) -> list[glue.Table]:
    """Those beside the `described` ones. Raises `ReservedNameError`."""
    if taken := sorted(set(described) & set(TABLES.values())):
        raise ReservedNameError(f"{taken[0]} is a table of the stack itself")
    return [runs.table(), lineage_events.table()]
