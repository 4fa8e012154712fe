"""The input of an execution: what is refused, with the sentence that says so."""

from __future__ import annotations

from infra.common import step_functions_sdk as sdk
from infra.common.states.announcement import SMOKE
from infra.common.states.building_blocks import jsonata, text
from infra.common.states.validation import INPUT, name_problems, object_problems, quoted
from infra.ingestion.data_sets import ALL
from infra.ingestion.job import NO_BOUND

CONFIGURED = f"$split('${{DataSets}}' = '{ALL}' ? '${{DescribedDataSets}}' : '${{DataSets}}', ',')"
MODES = ("incremental", "full", "replay", SMOKE)
KEYS = ("datasets", "mode", "from", "to", "allow_removal")
LATEST = "latest"  # of jobs/ingestion/read/date_range.py
_DATA_SETS = "$states.input.datasets"
_EXPECTED = text(
    ': expected a JSON object such as {"datasets": ["uk_covid"], "mode": "incremental", '
    '"from": "2022-12-01", "to": "2022-12-07"}, each key optional'
)


# Every day of the calendar from 1000 to 2999 and no other: JSONata parses a 31st of June.
_DAY = (
    "/^([12][0-9]{3}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
    "|02-(0[1-9]|1[0-9]|2[0-8]))"
    "|([12][0-9](0[48]|[2468][048]|[13579][26])|(12|16|20|24|28)00)-02-29)$/"
)


def _is_no_day(value: str) -> str:
    """Whether a value is given and is no day as YYYY-MM-DD."""
    return f"($exists({value}) and ($type({value}) != 'string' or $not($contains({value}, {_DAY}))))"


def problems() -> list[tuple[str, str]]:
    """What is wrong and the sentence for it, both JSONata; each relies on those before it being false."""
    mode, removal = f"{INPUT}.mode", f"{INPUT}.allow_removal"
    return [
        *object_problems(KEYS, _EXPECTED),
        *name_problems("datasets", "data set", CONFIGURED, "DataSets"),
        (
            f"$exists({mode}) and $not({mode} in {list(MODES)})",
            f"'unknown mode: ' & {quoted(mode)} & '; allowed: {', '.join(MODES)}'",
        ),
        (
            f"$exists({removal}) and $type({removal}) != 'boolean'",
            f"'allow_removal is neither true nor false: ' & {quoted(removal)}",
        ),
        *_date_problems(),
    ]


def _date_problems() -> list[tuple[str, str]]:
    first, last = f"{INPUT}.from", f"{INPUT}.to"
    return [
        (
            f"{_is_no_day(first)} and {first} != '{LATEST}'",
            f"'from is no day: ' & {quoted(first)} & '; give YYYY-MM-DD or {LATEST}'",
        ),
        (_is_no_day(last), f"'to is no day: ' & {quoted(last)} & '; give YYYY-MM-DD'"),
        (
            f"$exists({last}) and {first} = '{LATEST}'",
            f"'from {LATEST} is one day and takes no to: ' & {quoted(last)}",
        ),
        (
            f"$exists({first}) and $exists({last}) and {first} > {last}",
            f"'from is after to: ' & {first} & ' > ' & {last} & '; exchange them'",
        ),
    ]


def complete_input() -> sdk.Pass:
    """What the input leaves open comes from the stack's parameters."""
    return sdk.Pass(
        "CompleteInput",
        comment="All data sets of the stack, incrementally, unless the input says otherwise; the execution's "
        "name is the run's: Step Functions keeps it unique for 90 days",
        assign={
            "datasets": jsonata(f"$exists({_DATA_SETS}) ? {_DATA_SETS} : {CONFIGURED}"),
            "mode": jsonata(f"$exists({INPUT}.mode) ? {INPUT}.mode : '{MODES[0]}'"),
            "from": jsonata(f"$exists({INPUT}.from) ? {INPUT}.from : '{NO_BOUND}'"),
            "to": jsonata(f"$exists({INPUT}.to) ? {INPUT}.to : '{NO_BOUND}'"),
            "allowRemoval": jsonata(f"{INPUT}.allow_removal = true ? 'true' : 'false'"),
            "runId": jsonata("$states.context.Execution.Name"),
            "crawled": False,
            "jobRuns": [],
        },
    )
