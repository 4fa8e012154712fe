"""IAM's decision on a request: deny before allow, wildcards, conditions, and the policy of the resource.

Only what our policies use is understood; anything else raises, so that nothing is ever taken for granted.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Statement = Mapping[str, Any]
Context = Mapping[str, Any]


class NotKnownError(Exception):
    """A statement says what the evaluator has not been taught; it refuses to guess."""


@dataclass(frozen=True)
class Request:
    """`context` by condition key; a key that is not in it is absent from the request."""

    action: str
    resource: str
    context: Context = field(default_factory=dict)
    principal: str = ""


def listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def matches(pattern: str, text: str) -> bool:
    """IAM's wildcards: `*` is any text, `?` one character; brackets mean nothing."""
    return _compiled(pattern).fullmatch(text) is not None


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = {"*": ".*", "?": "."}
    return re.compile("".join(parts.get(one, re.escape(one)) for one in pattern), re.DOTALL)


def names_action(statement: Statement, action: str) -> bool:
    _only_known(statement)
    return any(matches(one.lower(), action.lower()) for one in listed(statement["Action"]))


def names_resource(statement: Statement, resource: str) -> bool:
    return any(matches(one, resource) for one in listed(statement["Resource"]))


def _only_known(statement: Statement) -> None:
    unknown = set(statement) - {"Sid", "Effect", "Action", "Resource", "Condition", "Principal"}
    if unknown:
        raise NotKnownError(f"the evaluator does not know {sorted(unknown)} of {statement}")


def holds(conditions: Mapping[str, Mapping[str, Any]], context: Context) -> bool:
    """Every operator and key has to hold; of the values of one, any."""
    return all(
        _holds(operator, context.get(key), [str(one) for one in listed(expected)])
        for operator, keys in conditions.items()
        for key, expected in keys.items()
    )


_COMPONENTS = 6


def _like_arn(actual: str, expected: str) -> bool:
    """ArnEquals too takes wildcards; none of them reaches past a colon but in the last component.

    IAM User Guide, "Amazon Resource Name (ARN) condition operators".
    """
    patterns, parts = (one.split(":", _COMPONENTS - 1) for one in (expected, actual))
    if len(patterns) != _COMPONENTS:
        raise NotKnownError(f"the evaluator compares ARNs only with ARNs, not with {expected}")
    return len(parts) == _COMPONENTS and all(map(matches, patterns, parts))


_COMPARE: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda actual, expected: actual == expected,
    "StringLike": lambda actual, expected: matches(expected, actual),
    "StringNotLike": lambda actual, expected: not matches(expected, actual),
    "ArnEquals": _like_arn,
    "ArnLike": _like_arn,
    "ArnNotLike": lambda actual, expected: not _like_arn(actual, expected),
    "Bool": lambda actual, expected: actual.lower() == expected.lower(),
}


def _holds(operator: str, actual: Any, expected: Sequence[str]) -> bool:
    if operator == "Null":
        return (actual is None) == (expected[0] == "true")
    name, one_of = operator.removesuffix("IfExists"), operator.endswith("IfExists")
    quantifier, _, name = name.rpartition(":")
    if name not in _COMPARE or quantifier not in {"", "ForAnyValue", "ForAllValues"}:
        raise NotKnownError(f"the evaluator does not know the operator {operator}")
    if actual is None:
        return one_of or quantifier == "ForAllValues" or ("Not" in name and not quantifier)
    # What is compared with several values must be like one of them, or unlike all of them.
    combine = all if "Not" in name else any
    found = [combine(_COMPARE[name](str(one), value) for value in expected) for one in listed(actual)]
    return any(found) if quantifier == "ForAnyValue" else all(found)


def applies(statement: Statement, request: Request) -> bool:
    return (
        names_action(statement, request.action)
        and names_resource(statement, request.resource)
        and holds(statement.get("Condition", {}), request.context)
    )


def decision(statements: Iterable[Statement], request: Request) -> str:
    """`Deny`, `Allow`, or `None` where no statement says anything."""
    effects = {one["Effect"] for one in statements if applies(one, request)}
    return next((effect for effect in ("Deny", "Allow") if effect in effects), "None")


def allows(statements: Iterable[Statement], request: Request) -> bool:
    return decision(statements, request) == "Allow"


def key_allows(identity: Iterable[Statement], key_policy: Iterable[Statement], request: Request) -> bool:
    """A key's own policy decides: it lets the caller in directly, or leaves it to the account's policies.

    Who is let in as `*` needs no policy of his own; who is let in as the account's root does.
    """
    named = [one for one in key_policy if _principals(one) & {"*", request.principal}]
    account = [one for one in key_policy if any(arn.endswith(":root") for arn in _principals(one))]
    direct, own = decision(named, request), decision(identity, request)
    if "Deny" in (direct, own, decision(account, request)):
        return False
    return direct == "Allow" or (own == "Allow" and decision(account, request) == "Allow")


def _principals(statement: Statement) -> set[str]:
    principal = statement["Principal"]
    return {"*"} if principal == "*" else set(listed(principal.get("AWS", [])))
