"""The input of an execution: what is refused, with the sentence that says so."""

from __future__ import annotations

from typing import Any

from infra import step_functions_sdk as sdk
from infra.state_machine.building_blocks import failure, jsonata, text

CONFIGURED = "$split('${DataSets}', ',')"
MODES = ("incremental", "full")
_INPUT = "$states.input"
_DATA_SETS = "$states.input.datasets"
_UNKNOWN_KEYS = f"$filter($keys({_INPUT}), function($key) {{ $not($key in ['datasets', 'mode']) }})"
_NOT_STRINGS = f"$filter({_DATA_SETS}, function($name) {{ $type($name) != 'string' }})"
_STRINGS = f"$filter({_DATA_SETS}, function($name) {{ $type($name) = 'string' }})"
_UNKNOWN_NAMES = f"$filter({_DATA_SETS}, function($name) {{ $not($name in {CONFIGURED}) }})"
_ALLOWED_NAMES = "$join(" + CONFIGURED + ", ', ')"
_ALLOWED = f"'; allowed: ' & {_ALLOWED_NAMES}"
_EXPECTED = text(
    ': expected a JSON object such as {"datasets": ["uk_covid"], "mode": "incremental"}, both keys optional'
)


def _quoted(names: str) -> str:
    """At most ten of the names, each shortened: the input may hold anything."""
    first = f"$filter([{names}], function($name, $index) {{ $index < 10 }})"
    return f"$join($map($append([], {first}), function($name) {{ $substring($string($name), 0, 40) }}), ', ')"


def problems() -> list[tuple[str, str]]:
    """What is wrong and the sentence for it, both JSONata; each relies on those before it being false."""
    mode = f"{_INPUT}.mode"
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
    ]


def validate_input(rejected: Any, accepted: Any) -> sdk.Choice:
    """Refuse a bad input before anything runs; an accepted one is completed from the stack's parameters."""
    validate = sdk.Choice("ValidateInput", comment="Refuse a bad input at once, saying what is wrong")
    logs = text("none: nothing was run")
    for condition, sentence in problems():
        problem = failure("ValidateInput", "'InvalidInput'", sentence, logs)
        validate.add_choice(sdk.Condition(jsonata(condition), {"problem": problem}), rejected)
    complete = sdk.Pass(
        "CompleteInput",
        comment="All data sets of the stack, incrementally, unless the input says otherwise",
        assign={
            "datasets": jsonata(f"$exists({_DATA_SETS}) ? {_DATA_SETS} : {CONFIGURED}"),
            "mode": jsonata(f"$exists({_INPUT}.mode) ? {_INPUT}.mode : '{MODES[0]}'"),
        },
    )
    complete.next(accepted)
    validate.default_choice(complete)
    return validate
