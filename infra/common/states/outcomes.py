"""How each data set went, and how the execution ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from infra.common import step_functions_sdk as sdk
from infra.common.states.building_blocks import items, jsonata

_FAILED = "$filter($outcomes, function($each) { $each.outcome = 'FAILED' })"
_WHY = "(state & ': ' & error & ': ' & cause)"
# Those that failed for one and the same reason are named together, and it is said once.
_WHAT_FAILED = (
    f"( $failed := {_FAILED}; $map($distinct($failed.{_WHY}), function($why) {{ "
    f"$join($append([], $failed[{_WHY} = $why].dataset), ', ') & ' in ' & $why }}) )"
)


def _findings() -> str:
    """A data set's findings; JSONata. A job run that failed after all its work was done is said, too."""
    mine = "$jobRuns[$exists(failure) and $one.dataset in datasets]"
    others = "$filter($mine.datasets, function($name) { $name in $failed })"
    said = "'its job run failed after the work: ' & $replace($mine.failure.cause, '; ', ', ')"
    return (
        f"( $failed := $append([], $dataSets[$exists(failure)].dataset); $mine := {mine}; "
        f"$exists($mine) and $count({others}) = 0 "
        f"? $join($filter([$one.run.findings, {said}], function($text) {{ $text != '' }}), '; ') "
        ": $one.run.findings )"
    )


def collect_outcomes(counted: Iterable[str]) -> sdk.Pass:
    """A name, a pointer and counts for each data set, in the order in which they were asked for.

    `counted` are fields of the run records, `findings` among them.
    """
    counts = ", ".join(f"'{count}': $one.run.{count}" for count in counted if count != "findings")
    good = f"'outcome': $one.run.status, 'run_record': $one.run.record, {counts}, 'findings': {_findings()}"
    fields = ", ".join(f"'{field}': $one.failure.{field}" for field in ("state", "error", "cause"))
    of_one = (
        f"$exists($one.failure) ? {{'dataset': $one.dataset, 'outcome': 'FAILED', {fields}}} "
        f": {{'dataset': $one.dataset, {good}}}"
    )
    outcomes = jsonata(items(f"$map($dataSets, function($one) {{ {of_one} }})"))
    return sdk.Pass(
        "CollectOutcomes",
        comment="A failed data set has the state, the error and the cause",
        output={"outcomes": outcomes},
        assign={"outcomes": outcomes},
    )


def every_data_set(state_id: str, error: str, failed: Any) -> sdk.Choice:
    """Succeed with the outcomes, or fail with those that failed, by the name `error`."""
    choice = sdk.Choice(state_id, comment="One failed data set fails the execution")
    problem = {"error": error, "cause": jsonata(f"$join($append([], {_WHAT_FAILED}), '; ')")}
    choice.add_choice(sdk.Condition(jsonata(f"$count({_FAILED}) > 0"), {"problem": problem}), failed)
    return choice


def all_failed(state_id: str, comment: str, then: Any, assign: Mapping[str, Any] | None = None) -> sdk.Pass:
    """Where nothing is known of any data set that was asked for, each of them has failed, by `$failure`."""
    each = "$map($datasets, function($name) { {'dataset': $name, 'failure': $failure} })"
    failed = sdk.Pass(state_id, comment=comment, assign={**(assign or {}), "dataSets": jsonata(items(each))})
    failed.next(then)
    return failed
