"""The input of an execution: what is refused, with the sentence that says so."""

from __future__ import annotations

from typing import Any

from infra.common import step_functions_sdk as sdk
from infra.common.states.announcement import SMOKE
from infra.common.states.building_blocks import failure, jsonata, text
from infra.ingestion.data_sets import ALL
from infra.ingestion.job import NO_BOUND

CONFIGURED = f"$split('${{DataSets}}' = '{ALL}' ? '${{DescribedDataSets}}' : '${{DataSets}}', ',')"
MODES = ("incremental", "full", "replay", SMOKE)
KEYS = ("datasets", "mode", "from", "to", "allow_removal")
LATEST = "latest"  # of jobs/ingestion/read/date_range.py
_INPUT = "$states.input"
_DATA_SETS = "$states.input.datasets"
_UNKNOWN_KEYS = f"$filter($keys({_INPUT}), function($key) {{ $not($key in {list(KEYS)}) }})"
_NOT_STRINGS = f"$filter({_DATA_SETS}, function($name) {{ $type($name) != 'string' }})"
_STRINGS = f"$filter({_DATA_SETS}, function($name) {{ $type($name) = 'string' }})"
_UNKNOWN_NAMES = f"$filter({_DATA_SETS}, function($name) {{ $not($name in {CONFIGURED}) }})"
_ALLOWED_NAMES = "$join(" + CONFIGURED + ", ', ')"
_ALLOWED = f"'; allowed: ' & {_ALLOWED_NAMES}"
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


def _quoted(names: str) -> str:
    """At most ten of the names, each shortened: the input may hold anything."""
    first = f"$filter([{names}], function($name, $index) {{ $index < 10 }})"
    return f"$join($map($append([], {first}), function($name) {{ $substring($string($name), 0, 40) }}), ', ')"


def problems() -> list[tuple[str, str]]:
    """What is wrong and the sentence for it, both JSONata; each relies on those before it being false."""
    mode, removal = f"{_INPUT}.mode", f"{_INPUT}.allow_removal"
    return [
        (
            f"$type({_INPUT}) != 'object'",
            f"'the input is of type ' & $type({_INPUT}) & {_EXPECTED}",
        ),
        (
            f"$count({_UNKNOWN_KEYS}) > 0",
            f"'unknown key in the input: ' & {_quoted(_UNKNOWN_KEYS)} & {_EXPECTED}",
        ),
        (
            f"$exists({_DATA_SETS}) and $type({_DATA_SETS}) != 'array'",
            f"'datasets is of type ' & $type({_DATA_SETS}) & ', not a list of names' & {_ALLOWED}",
        ),
        (
            f"$exists({_DATA_SETS}) and $count({_DATA_SETS}) = 0",
            f"'datasets is empty: name a data set or leave the key out for all of them' & {_ALLOWED}",
        ),
        (
            f"$count({_STRINGS}) < $count({_DATA_SETS})",
            f"'datasets holds something that is not a name: ' & {_quoted(_NOT_STRINGS)} & {_ALLOWED}",
        ),
        (
            f"$count({_UNKNOWN_NAMES}) > 0",
            f"'unknown data set: ' & {_quoted(_UNKNOWN_NAMES)} & {_ALLOWED}"
            " & '; the parameter DataSets of the stack lists them'",
        ),
        (
            f"$exists({_DATA_SETS}) and $count($distinct({_DATA_SETS})) != $count({_DATA_SETS})",
            f"'datasets names one more than once: ' & {_quoted(_DATA_SETS)}",
        ),
        (
            f"$exists({mode}) and $not({mode} in {list(MODES)})",
            f"'unknown mode: ' & {_quoted(mode)} & '; allowed: {', '.join(MODES)}'",
        ),
        (
            f"$exists({removal}) and $type({removal}) != 'boolean'",
            f"'allow_removal is neither true nor false: ' & {_quoted(removal)}",
        ),
        *_date_problems(),
    ]


def _date_problems() -> list[tuple[str, str]]:
    first, last = f"{_INPUT}.from", f"{_INPUT}.to"
    return [
        (
            f"{_is_no_day(first)} and {first} != '{LATEST}'",
            f"'from is no day: ' & {_quoted(first)} & '; give YYYY-MM-DD or {LATEST}'",
        ),
        (_is_no_day(last), f"'to is no day: ' & {_quoted(last)} & '; give YYYY-MM-DD'"),
        (
            f"$exists({last}) and {first} = '{LATEST}'",
            f"'from {LATEST} is one day and takes no to: ' & {_quoted(last)}",
        ),
        (
            f"$exists({first}) and $exists({last}) and {first} > {last}",
            f"'from is after to: ' & {first} & ' > ' & {last} & '; exchange them'",
        ),
    ]


def validate_input(rejected: Any) -> sdk.Choice:
    """Refuse a bad input before anything runs."""
    validate = sdk.Choice("ValidateInput", comment="Refuse a bad input at once, saying what is wrong")
    logs = text("none: nothing was run")
    for condition, sentence in problems():
        problem = failure("ValidateInput", "'InvalidInput'", sentence, logs)
        validate.add_choice(sdk.Condition(jsonata(condition), {"problem": problem}), rejected)
    return validate


def complete_input() -> sdk.Pass:
    """What the input leaves open comes from the stack's parameters."""
    return sdk.Pass(
        "CompleteInput",
        comment="All data sets of the stack, incrementally, unless the input says otherwise; the execution's "
        "name is the run's: Step Functions keeps it unique for 90 days",
        assign={
            "datasets": jsonata(f"$exists({_DATA_SETS}) ? {_DATA_SETS} : {CONFIGURED}"),
            "mode": jsonata(f"$exists({_INPUT}.mode) ? {_INPUT}.mode : '{MODES[0]}'"),
            "from": jsonata(f"$exists({_INPUT}.from) ? {_INPUT}.from : '{NO_BOUND}'"),
            "to": jsonata(f"$exists({_INPUT}.to) ? {_INPUT}.to : '{NO_BOUND}'"),
            "allowRemoval": jsonata(f"{_INPUT}.allow_removal = true ? 'true' : 'false'"),
            "runId": jsonata("$states.context.Execution.Name"),
            "crawled": False,
            "jobRuns": [],
        },
    )
