"""The last look at what was built, before anything of it is published."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ingestion.description import FAIL, DataSet
from ingestion.description.rules import Result
from ingestion.errors import (
    EmptyTableError,
    InvalidArgumentError,
    RuleBrokenError,
    TooManyRemovedError,
)
from ingestion.state.ledger import Ledger, Plan
from ingestion.state.storage import Prefix

if TYPE_CHECKING:
    from ingestion.write.staged import Built


def check_areas(areas: Iterable[str], plan: Plan, built: Built) -> None:
    """Raise InvalidArgumentError for an area that occurs nowhere; known only when everything was read."""
    fields = built.dataset.subset
    if plan.everything and not plan.partial and fields and (unknown := set(areas) - built.areas_found):
        raise InvalidArgumentError(
            f"--areas `{', '.join(sorted(unknown))}`: no row of {built.dataset.name} matches; "
            f"use an {' or '.join(fields)} of the data set, or `*` for all"
        )


def check_not_empty(table: Prefix, built: Built, after: Ledger) -> None:
    """Raise EmptyTableError if the table would have no rows."""
    if not after.rows:
        raise EmptyTableError(
            f"{table}: none of {built.rows_read} rows read would be left, so "
            "nothing was published; look at the source, the quarantine and --areas"
        )


def check_removed(dataset: DataSet, plan: Plan, built: Built, before: Ledger) -> None:
    """Raise TooManyRemovedError if more than the data set's share of the table would go."""
    removed = built.changes["removed"]
    if removed <= dataset.max_removed * before.rows:
        return
    vanished = sorted(plan.vanished)
    gone = (
        f"{len(vanished)} objects have vanished, such as {vanished[0]}" if vanished else "no object vanished"
    )
    share = f"{dataset.max_removed:.0%} (max_removed in jobs/datasets/{dataset.name}.py)"
    allow = f"covidlake ingest ENV --dataset {dataset.name} --allow-removal"
    raise TooManyRemovedError(
        f"{removed:,} of the {before.rows:,} rows of {dataset.name} would be removed, over {share}; {gone}: "
        f"correct the source, or allow it once: {allow}; nothing was published"
    )


def check_rules(results: Iterable[Result], name: str) -> None:
    """Raise RuleBrokenError for the first broken rule of severity `fail`."""
    for result in results:
        if result.severity == FAIL and result.failures:
            raise RuleBrokenError(
                f"rule `{result.rule}` of {name} is broken {result.failures} times, as "
                f"{result.example}; correct the source or the rule, nothing was published"
            )
