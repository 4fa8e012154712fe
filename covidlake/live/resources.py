"""A stack's events as events of the tree: resources below the services that they belong to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from covidlake.base.text import one_line
from covidlake.live.model import FAILED, SUCCEEDED, Event

STACK_TYPE = "AWS::CloudFormation::Stack"
WORDS = {"CREATE": "created", "UPDATE": "updated", "DELETE": "deleted", "IMPORT": "imported"}


@dataclass
class Resources:
    """Reads the events of one stack as they come."""

    stack: str
    _begun: set[str] = field(default_factory=set)

    def read(self, event: Mapping[str, Any]) -> list[Event]:
        """The tree's events of one event of the stack."""
        if event.get("ResourceType") == STACK_TYPE:
            return list(self._of_stack(event))
        return list(self._of_resource(event))

    def _of_stack(self, event: Mapping[str, Any]) -> Iterator[Event]:
        status, at = str(event.get("ResourceStatus", "")), event["Timestamp"]
        yield from self._begin(self.stack, "", f"{self.stack}", at)
        text = one_line(f"{status} {event.get('ResourceStatusReason', '')}")
        yield Event("noted", self.stack, at, text=text)
        if status.endswith("_FAILED") or "ROLLBACK" in status:
            ended = not status.endswith("_IN_PROGRESS")
            yield from [Event("ended", self.stack, at, status=FAILED, text=text)] if ended else []
        elif status.endswith("_COMPLETE") and "CLEANUP" not in status:
            yield Event("ended", self.stack, at, status=SUCCEEDED, text=text)

    def _of_resource(self, event: Mapping[str, Any]) -> Iterator[Event]:
        status, at = str(event.get("ResourceStatus", "")), event["Timestamp"]
        name = str(event.get("LogicalResourceId", ""))
        service = _service(str(event.get("ResourceType", "")))
        group, node = f"{self.stack}/{service}", f"{self.stack}/{service}/{name}"
        yield from self._begin(self.stack, "", self.stack, at)
        yield from self._begin(group, self.stack, service, at, group=True)
        if status.endswith("_IN_PROGRESS"):
            again = node in self._begun and bool(event.get("ResourceStatusReason"))
            if not again:  # CloudFormation says twice that it begins: before it calls, and after
                self._begun.add(node)
                yield Event("begun", node, at, parent=group, title=name)
            return
        yield from self._begin(node, group, name, at)
        word, _, end = status.partition("_")
        reason = one_line(event.get("ResourceStatusReason", ""))
        failed = status.endswith("_FAILED")
        yield Event(
            "ended",
            node,
            at,
            status=FAILED if failed else SUCCEEDED,
            text=f"{status} {reason}".strip() if failed else WORDS.get(word, f"{word} {end}".lower()),
        )

    def _begin(self, node: str, parent: str, title: str, at: Any, *, group: bool = False) -> Iterator[Event]:
        if node not in self._begun:
            self._begun.add(node)
            yield Event("begun", node, at, parent=parent, title=title, group=group)


def _service(kind: str) -> str:
    """`Glue` of `AWS::Glue::Job`."""
    parts = kind.split("::")
    return parts[1] if len(parts) == 3 else kind
