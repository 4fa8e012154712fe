"""Templates as CloudFormation would see them: intrinsic functions resolved; policies as IAM matches them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from infra.common import partitions

PSEUDO = {
    "AWS::Partition": "aws",
    "AWS::Region": "us-east-2",
    "AWS::AccountId": "111122223333",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::NoValue": None,
}


def resolve(value: Any, values: Mapping[str, Any], conditions: Mapping[str, bool]) -> Any:
    """A value of a template; `values` by what `Ref`, `Fn::Sub` or a dotted `Fn::GetAtt` names."""
    if isinstance(value, list):
        return [item for one in value if (item := resolve(one, values, conditions)) is not None]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((function, argument),) = value.items()
        if function == "Ref":
            return {**PSEUDO, **values}[argument]
        if function == "Fn::GetAtt":
            return values[".".join(argument)]
        if function in FUNCTIONS:
            return FUNCTIONS[function](argument, values, conditions)
    return {key: resolve(one, values, conditions) for key, one in value.items()}


def _substitute(argument: Any, values: Mapping[str, Any], conditions: Mapping[str, bool]) -> str:
    text, own = argument if isinstance(argument, list) else (argument, {})
    known = {**PSEUDO, **values, **resolve(own, values, conditions)}
    return re.sub(r"\$\{([^!}]+)\}", lambda match: str(known[match[1]]), text)


def _join(argument: Any, values: Mapping[str, Any], conditions: Mapping[str, bool]) -> str:
    separator, items = argument
    return str(separator.join(resolve(items, values, conditions)))


def _split(argument: Any, values: Mapping[str, Any], conditions: Mapping[str, bool]) -> list[str]:
    separator, text = argument
    return list(resolve(text, values, conditions).split(separator))


def _if(argument: Any, values: Mapping[str, Any], conditions: Mapping[str, bool]) -> Any:
    condition, there, otherwise = argument
    return resolve(there if conditions[condition] else otherwise, values, conditions)


def _select(argument: Any, values: Mapping[str, Any], conditions: Mapping[str, bool]) -> Any:
    index, items = argument
    return resolve(items, values, conditions)[int(index)]


def _find(argument: Any, values: Mapping[str, Any], conditions: Mapping[str, bool]) -> str:
    """The console of a partition, which is all that a mapping of ours holds."""
    mapping, partition, key = resolve(argument, values, conditions)
    assert (mapping, key) == (partitions.MAPPING, "Console")
    return partitions.CONSOLES[partition]


def _zones(argument: Any, values: Mapping[str, Any], conditions: Mapping[str, bool]) -> list[str]:
    """Of the stack's region, which an empty argument means."""
    region = resolve(argument, values, conditions) or {**PSEUDO, **values}["AWS::Region"]
    return [f"{region}{zone}" for zone in "abc"]


FUNCTIONS = {
    "Fn::GetAZs": _zones,
    "Fn::FindInMap": _find,
    "Fn::Sub": _substitute,
    "Fn::Join": _join,
    "Fn::Split": _split,
    "Fn::If": _if,
    "Fn::Select": _select,
}


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def permits(statement: Mapping[str, Any], action: str, resource: str) -> bool:
    """Whether a statement, its conditions aside, names the action on the whole of the resource."""
    return any(fnmatchcase(action.lower(), one.lower()) for one in listed(statement["Action"])) and any(
        fnmatchcase(resource, one) for one in listed(statement["Resource"])
    )


def pairs(statement: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for action in listed(statement["Action"]):
        for resource in listed(statement["Resource"]):
            yield action, resource
