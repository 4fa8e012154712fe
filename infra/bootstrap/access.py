"""How it is written down what CloudFormation calls for a type of resource, and how it is bounded by tags."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from troposphere import Sub

from infra.common.policies import allow


@dataclass(frozen=True)
class Access:
    """`read` on `resources` shows resources of these types; `write` makes, changes and deletes them."""

    sid: str
    types: tuple[str, ...]
    read: tuple[str, ...]
    write: tuple[str, ...]
    resources: tuple[Sub, ...]

    def reading(self) -> dict[str, Any]:
        return self._statement(f"Read{self.sid}", self.read)

    def writing(self) -> dict[str, Any]:
        return self._statement(self.sid, self.write)

    def _statement(self, sid: str, actions: tuple[str, ...]) -> dict[str, Any]:
        return allow(sid, sorted(actions), list(self.resources))


def actions(service: str, text: str) -> tuple[str, ...]:
    return tuple(f"{service}:{name}" for name in text.split())


def access(sid: str, service: str, types: str, read: str, write: str, *resources: Sub) -> Access:
    """`types` without their AWS::, actions without their service."""
    full = tuple(f"AWS::{name}" for name in types.split())
    return Access(sid, full, actions(service, read), actions(service, write), resources)


def tags(kind: str) -> dict[str, Any]:
    """The tags that environments/*.yaml gives to everything, by condition key: of a Resource or a Request."""
    return {
        f"aws:{kind}Tag/Application": "covid-lake",
        f"aws:{kind}Tag/Environment": {"Ref": "Environment"},
    }
