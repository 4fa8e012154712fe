"""The rules and the freshness of a description, as quality checks and service levels of a contract."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ingestion.description import DataSet

ENGINE = "covid-lake"
DIMENSIONS = {
    "Unique": "uniqueness",
    "NonDecreasing": "consistency",
    "SumOfParts": "consistency",
    "Complete": "completeness",
    "NotRound": "completeness",
    "Fresh": "timeliness",
}


def checks(dataset: DataSet) -> Iterator[dict[str, Any]]:
    """Every rule; the conditions are Spark's SQL, so they are custom checks."""
    for expectation in dataset.expectations:
        yield _check(expectation.name, expectation.severity, "conformity", "row", expectation.condition)
    for rule in dataset.rules:
        kind = type(rule).__name__
        given = {name: _plain(value) for name, value in asdict(rule).items()}
        del given["severity"], given["called"]
        yield _check(rule.name, rule.severity, DIMENSIONS[kind], kind, given)


def freshness(dataset: DataSet) -> Iterator[dict[str, Any]]:
    """How old the newest value may be, once more as the standard's service levels."""
    from ingestion.description import Fresh

    for rule in dataset.rules:
        if isinstance(rule, Fresh):
            yield {
                "property": "latency",
                "value": rule.days,
                "unit": "d",
                "element": f"{dataset.name}.{rule.column}",
                "description": f"rule {rule.name}, severity {rule.severity}",
            }


def _check(name: str, severity: str, dimension: str, kind: str, rule: Any) -> dict[str, Any]:
    return {
        "type": "custom",
        "name": name,
        "dimension": dimension,
        "severity": severity,
        "engine": ENGINE,
        "implementation": {"kind": kind, "rule": rule},
    }


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
