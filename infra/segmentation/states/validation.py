"""The input of an execution: what is refused, with the sentence that says so."""

from __future__ import annotations

from infra.common import step_functions_sdk as sdk
from infra.common.states.announcement import SMOKE
from infra.common.states.building_blocks import jsonata, text
from infra.common.states.run_records import RUN_ID
from infra.common.states.validation import INPUT, Problem, name_problems, object_problems, quoted

CONFIGURED = "$split('${Tables}' = '*' ? '${DescribedTables}' : '${Tables}', ',')"
TRUTHS = ("compare_keys", "allow_removal")
INCREMENTAL, FULL = "incremental", "full"
MODES = (INCREMENTAL, FULL, SMOKE)
KEYS = ("tables", "mode", *TRUTHS)
_EXPECTED = text(
    ': expected a JSON object such as {"tables": ["sales_orders"], "mode": "incremental", '
    '"compare_keys": true, "allow_removal": false}, each key optional'
)


def problems() -> list[Problem]:
    """What is wrong and the sentence for it, both JSONata; each relies on those before it being false."""
    mode = f"{INPUT}.mode"
    return [
        *object_problems(KEYS, _EXPECTED),
        *name_problems("tables", "table", CONFIGURED, "Tables"),
        (
            f"$exists({mode}) and $not({mode} in {list(MODES)})",
            f"'unknown mode: ' & {quoted(mode)} & '; allowed: {', '.join(MODES)}'",
        ),
        *map(_neither_true_nor_false, TRUTHS),
    ]


def _neither_true_nor_false(key: str) -> Problem:
    given = f"{INPUT}.{key}"
    return (
        f"$exists({given}) and $type({given}) != 'boolean'",
        f"'{key} is neither true nor false: ' & {quoted(given)}",
    )


def complete_input() -> sdk.Pass:
    """What the input leaves open comes from the stack's parameters."""
    given = f"{INPUT}.tables"
    return sdk.Pass(
        "CompleteInput",
        comment="All tables of the stack, incrementally, unless the input says otherwise; the execution's "
        "name is the run's: Step Functions keeps it unique for 90 days",
        assign={
            "datasets": jsonata(f"$exists({given}) ? {given} : {CONFIGURED}"),
            "mode": jsonata(f"$exists({INPUT}.mode) ? {INPUT}.mode : '{INCREMENTAL}'"),
            "compareKeys": jsonata(f"{INPUT}.compare_keys = true ? 'always' : 'auto'"),
            "allowRemoval": jsonata(f"{INPUT}.allow_removal = true ? 'true' : 'false'"),
            "runId": jsonata(RUN_ID),
            "crawled": False,
            "polls": 0,
            "jobRuns": [],
            "undescribed": [],
            "unreadable": [],
        },
    )
