"""The input of an execution: what is refused, with the sentence that says so."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from infra.common import step_functions_sdk as sdk
from infra.common.states.building_blocks import failure, jsonata, text

INPUT = "$states.input"
Problem = tuple[str, str]  # what is wrong and the sentence for it, both JSONata


def quoted(names: str) -> str:
    """At most ten of the names, each shortened: the input may hold anything."""
    first = f"$filter([{names}], function($name, $index) {{ $index < 10 }})"
    return f"$join($map($append([], {first}), function($name) {{ $substring($string($name), 0, 40) }}), ', ')"


def object_problems(keys: Iterable[str], expected: str) -> list[Problem]:
    """What is no object with these keys; `expected` says in JSONata what is one."""
    unknown = f"$filter($keys({INPUT}), function($key) {{ $not($key in {list(keys)}) }})"
    return [
        (f"$type({INPUT}) != 'object'", f"'the input is of type ' & $type({INPUT}) & {expected}"),
        (f"$count({unknown}) > 0", f"'unknown key in the input: ' & {quoted(unknown)} & {expected}"),
    ]


def name_problems(key: str, noun: str, configured: str, parameter: str) -> list[Problem]:
    """What is no list of `configured` names, which the parameter of the stack lists; each one is a `noun`."""
    given = f"{INPUT}.{key}"
    not_strings = f"$filter({given}, function($name) {{ $type($name) != 'string' }})"
    strings = f"$filter({given}, function($name) {{ $type($name) = 'string' }})"
    unknown = f"$filter({given}, function($name) {{ $not($name in {configured}) }})"
    allowed = f"'; allowed: ' & $join({configured}, ', ')"
    return [
        (
            f"$exists({given}) and $type({given}) != 'array'",
            f"'{key} is of type ' & $type({given}) & ', not a list of names' & {allowed}",
        ),
        (
            f"$exists({given}) and $count({given}) = 0",
            f"'{key} is empty: name a {noun} or leave the key out for all of them' & {allowed}",
        ),
        (
            f"$count({strings}) < $count({given})",
            f"'{key} holds something that is not a name: ' & {quoted(not_strings)} & {allowed}",
        ),
        (
            f"$count({unknown}) > 0",
            f"'unknown {noun}: ' & {quoted(unknown)} & {allowed}"
            f" & '; the parameter {parameter} of the stack lists them'",
        ),
        (
            f"$exists({given}) and $count($distinct({given})) != $count({given})",
            f"'{key} names one more than once: ' & {quoted(given)}",
        ),
    ]


def validate_input(problems: Iterable[Problem], rejected: Any) -> sdk.Choice:
    """Refuse a bad input before anything runs; each problem relies on those before it being false."""
    validate = sdk.Choice("ValidateInput", comment="Refuse a bad input at once, saying what is wrong")
    logs = text("none: nothing was run")
    for condition, sentence in problems:
        problem = failure("ValidateInput", "'InvalidInput'", sentence, logs)
        validate.add_choice(sdk.Condition(jsonata(condition), {"problem": problem}), rejected)
    return validate
