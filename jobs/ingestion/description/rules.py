"""The rules that a description sets for its rows and its table. Knows nothing of Spark.

An expectation of severity `reject` sends the row to the quarantine. `warn` is recorded, `fail` ends the run
before anything is published. Rules of a table cannot reject: they do not say which row is wrong. Not pandera:
its PySpark backend reports on columns, not on rows, and brings pandas to every worker.

Results carry a rule's name. Two rules of one kind on one column need names of their own, by `called`.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from ingestion.errors import InvalidDescriptionError

REJECT = "reject"
WARN = "warn"
FAIL = "fail"
TABLE_SEVERITIES = (WARN, FAIL)
ROW_SEVERITIES = (REJECT, WARN, FAIL)


@dataclass(frozen=True)
class Expectation:
    """A rule for one row: a SQL condition on table columns. A row keeps it if the result is true or NULL.

    `reason` is its name, and the reason that the quarantine gives for a row that breaks it.
    """

    reason: str
    condition: str
    severity: str = REJECT

    @property
    def name(self) -> str:
        return self.reason


def required(column: str, severity: str = REJECT, called: str = "") -> Expectation:
    """The column must have a value."""
    return Expectation(called or f"missing_{column}", f"{column} is not null", severity)


def between(
    column: str, low: float | None, high: float | None, severity: str = REJECT, called: str = ""
) -> Expectation:
    """The number must lie between the bounds, both included; None means no bound.

    Raises InvalidDescriptionError for bounds that no value or every value keeps.
    """
    _check_bounds(column, low, high)
    bounds = [
        f"{column} >= {low}" if low is not None else "",
        f"{column} <= {high}" if high is not None else "",
    ]
    return Expectation(called or f"{column}_out_of_range", " and ".join(filter(None, bounds)), severity)


def _check_bounds(column: str, low: float | None, high: float | None) -> None:
    given = [bound for bound in (low, high) if bound is not None]
    for bound in given:
        if isinstance(bound, bool) or not isinstance(bound, int | float) or not math.isfinite(bound):
            raise InvalidDescriptionError(
                f"between `{column}`: bound {bound!r} is not a number: write an Expectation, such as "
                f'Expectation("too_early", "{column} >= date \'2020-01-01\'")'
            )
    if not given or given[0] > given[-1]:
        raise InvalidDescriptionError(
            f"between `{column}`: the bounds {low} and {high} keep out everything or nothing: correct them"
        )


def one_of(column: str, *values: str, severity: str = REJECT, called: str = "") -> Expectation:
    """The text must be one of the values. Raises InvalidDescriptionError without values that are texts."""
    if not values or not all(isinstance(value, str) for value in values):
        raise InvalidDescriptionError(f"one_of `{column}`: {values} are not texts: name the allowed texts")
    quoted = ", ".join("'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'" for value in values)
    return Expectation(called or f"unknown_{column}", f"{column} in ({quoted})", severity)


@dataclass(frozen=True, kw_only=True)
class Rule(ABC):
    """What all rules of a table have in common."""

    severity: str = WARN
    called: str = ""

    @property
    def name(self) -> str:
        return self.called or self._name

    @property
    @abstractmethod
    def _name(self) -> str:
        """Its name in the results, unless `called` gives another."""


@dataclass(frozen=True)
class Unique(Rule):
    """No two rows of the table have the same values in these columns. (The key is unique anyway.)"""

    columns: tuple[str, ...]

    @property
    def _name(self) -> str:
        return f"unique_{'_'.join(self.columns)}"


@dataclass(frozen=True)
class NonDecreasing(Rule):
    """A running total: within `by`, ordered by `order`, the values that are known never fall."""

    column: str
    by: tuple[str, ...]
    order: str

    @property
    def _name(self) -> str:
        return f"non_decreasing_{self.column}"


@dataclass(frozen=True)
class SumOfParts(Rule):
    """For each `by`, the sum over the rows that are `parts` equals the value of the row that is the `whole`.

    Both are SQL conditions. With `at_most` the parts may add up to less, for a source that leaves cases
    unallocated. The rule skips a `by` without a whole or without parts, and, unless `at_most`, one with an
    unknown value in a part. It also skips a run of some areas, which has not all the parts.
    """

    column: str
    whole: str
    parts: str
    by: tuple[str, ...]
    at_most: bool = False

    @property
    def _name(self) -> str:
        return f"sum_of_parts_{self.column}"


@dataclass(frozen=True)
class Complete(Rule):
    """Every `period` has as many different `members` as the period that has most."""

    members: str
    period: str

    @property
    def _name(self) -> str:
        return f"complete_{self.period}"


@dataclass(frozen=True)
class NotRound(Rule):
    """No object has a number of rows that is a multiple of this: a page limit of the API may have cut it."""

    multiple: int = 1000

    @property
    def _name(self) -> str:
        return f"rows_multiple_of_{self.multiple}"


@dataclass(frozen=True)
class Fresh(Rule):
    """The newest value of a date or timestamp column is at most `days` days old when the run begins."""

    column: str
    days: int

    @property
    def _name(self) -> str:
        return f"fresh_{self.column}"


TableRule = Unique | NonDecreasing | SumOfParts | Complete | NotRound | Fresh


@dataclass(frozen=True)
class Result:
    """What a run found for one rule: how often it is broken, and one example, in one line."""

    rule: str
    severity: str
    failures: int
    example: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def columns_of(rule: TableRule) -> tuple[str, ...]:
    """The table columns that a rule names, without those in its SQL conditions."""
    match rule:
        case Unique(columns):
            return columns
        case NonDecreasing(column, by, order):
            return (column, *by, order)
        case SumOfParts(column=column, by=by):
            return (column, *by)
        case Complete(members, period):
            return (members, period)
        case Fresh(column):
            return (column,)
        case NotRound():
            return ()


def freshness(rules: tuple[TableRule, ...], newest: Mapping[str, str], now: datetime) -> list[Result]:
    """The results of the rules `Fresh`; `newest` has the newest value of their columns, as an ISO date."""
    results = []
    for rule in rules:
        if isinstance(rule, Fresh) and (value := newest.get(rule.column)):
            oldest = (now - timedelta(days=rule.days)).date().isoformat()
            stale = value[:10] < oldest
            example = (
                f"the newest {rule.column} is {value[:10]}, older than {rule.days} days" if stale else ""
            )
            results.append(Result(rule.name, rule.severity, int(stale), example))
    return results
