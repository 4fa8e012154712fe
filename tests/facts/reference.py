"""What AWS publishes, as committed in `data/`: resource types' handlers, and actions with what they take."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from pathlib import Path

DATA = Path(__file__).with_name("data")
HANDLERS = ("create", "read", "update", "delete", "list", "tagging")

# Keys that any request may have: IAM User Guide, "AWS global condition context keys".
GLOBAL_KEYS = {
    *("aws:PrincipalArn", "aws:SecureTransport", "aws:SourceAccount", "aws:SourceArn"),
}


@dataclass(frozen=True)
class Action:
    """`resources` by their type: whether the action needs one of each such type."""

    name: str
    level: str
    resources: dict[str, bool]
    keys: frozenset[str]

    @property
    def service(self) -> str:
        return self.name.partition(":")[0]


@dataclass(frozen=True)
class ResourceType:
    arn: str
    keys: frozenset[str]

    def matches(self, arn: str) -> bool:
        """Whether an ARN, or a pattern of ARNs, is of this type: each variable stands for any text.

        A bucket, whose ARN is a prefix of its objects', has no slash; a log group with `:*` stands for itself
        and for its streams, and so does one with `*` at its end.
        """
        pattern = re.compile(re.sub(r"\\\$\\\{(\w+)\\\}", _variable, re.escape(self.arn)))
        forms = [arn, arn.removesuffix(":*"), re.sub(r":\*$", ":log-stream:x", arn)]
        if ":log-group:" in arn and arn.endswith("*"):
            forms.append(f"{arn}:log-stream:x")
        return any(pattern.fullmatch(form) for form in forms)


def _variable(match: re.Match[str]) -> str:
    if match[1] in {"Partition", "Region", "Account"}:
        return "[^:]*"
    return "[^/]+" if match[1] == "BucketName" else ".+"


def rows(name: str) -> list[list[str]]:
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if not line.startswith("#")]


@functools.cache
def actions() -> dict[str, Action]:
    """By the name in lower case: IAM does not tell cases apart."""
    found = (
        Action(name, level, _types(types), frozenset(keys.split()))
        for name, level, types, keys in rows("actions.tsv")
    )
    return {action.name.lower(): action for action in found}


def _types(text: str) -> dict[str, bool]:
    return {one.rstrip("!"): one.endswith("!") for one in text.split()}


def action(name: str) -> Action | None:
    return actions().get(name.lower())


@functools.cache
def services() -> set[str]:
    return {one.service for one in actions().values()}


@functools.cache
def resource_types() -> dict[tuple[str, str], ResourceType]:
    """By service and name."""
    return {
        (service, name): ResourceType(arn, frozenset(keys.split()))
        for service, name, arn, keys in rows("resources.tsv")
    }


@functools.cache
def handlers() -> dict[str, dict[str, tuple[str, ...]]]:
    """By resource type and handler: the actions that it declares."""
    found: dict[str, dict[str, list[str]]] = {}
    for kind, handler, name in rows("handlers.tsv"):
        found.setdefault(kind, {}).setdefault(handler, []).append(name)
    return {kind: {one: tuple(names) for one, names in given.items()} for kind, given in found.items()}
