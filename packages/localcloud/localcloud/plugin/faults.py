"""Rough weather on order: CloudFormation fails at a resource, a crawl takes its time.

`LocalCloud.fail` and `LocalCloud.long_crawls` order it. An order is a file in the cloud's home, so that
whoever tests against the cloud can give it from another process.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from localcloud.plugin import api

Action = Literal["create", "update", "delete"]
FOLDER, CRAWLS = "faults", "crawls"


@dataclass(frozen=True)
class Fault:
    """Where the next failure is: stack, logical id and what is done to the resource; and why."""

    stack: str
    resource: str
    action: Action
    reason: str

    @property
    def key(self) -> str:
        return f"{self.stack}.{self.resource}.{self.action}."


def order(temporary: Path, fault: Fault) -> None:
    """Have the cloud with this temporary folder fail once."""
    folder = temporary / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    draft = temporary / f"{uuid.uuid4()}.fault"
    draft.write_text(json.dumps(asdict(fault)), encoding="utf-8")
    draft.rename(folder / f"{fault.key}{uuid.uuid4()}")


def hold_crawls(temporary: Path, crawler: str) -> Path:
    """Have the crawls of a crawler go on as long as the file that this makes exists."""
    path = temporary / CRAWLS / crawler
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


def is_held(crawler: str) -> bool:
    return (Path(os.environ["TMPDIR"]) / CRAWLS / crawler).exists()


def install(_app: Any) -> None:
    """Strike before CloudFormation creates, really updates or deletes a resource."""
    from ministack.services.cloudformation import stacks

    create = api.require(
        stacks, "_provision_resource", ["resource_type", "logical_id", "props", "stack_name"]
    )
    update = api.require(
        stacks,
        "_update_resource",
        ["resource_type", "physical_id", "old_props", "new_props", "stack_name", "logical_id"],
    )
    delete = api.require(
        stacks, "_delete_resource", ["resource_type", "physical_id", "props", "stack_name", "logical_id"]
    )

    def created(kind: str, logical_id: str, properties: Any, stack: str) -> Any:
        _strike(stack, logical_id, "create")
        return create(kind, logical_id, properties, stack)

    def updated(
        kind: str, physical_id: str, old: Any, new: Any, stack: str, logical_id: str, *rest: Any
    ) -> Any:
        if old != new:
            _strike(stack, logical_id, "update")
        return update(kind, physical_id, old, new, stack, logical_id, *rest)

    def deleted(kind: str, physical_id: str, properties: Any, stack: str, logical_id: str) -> Any:
        _strike(stack, logical_id, "delete")
        return delete(kind, physical_id, properties, stack, logical_id)

    hooks: dict[str, Callable[..., Any]] = {
        "_provision_resource": created,
        "_update_resource": updated,
        "_delete_resource": deleted,
    }
    for name, hook in hooks.items():
        setattr(stacks, name, hook)


def _strike(stack: str, logical_id: str, action: Action) -> None:
    folder = Path(os.environ["TMPDIR"]) / FOLDER
    if not folder.is_dir():
        return
    key = Fault(stack, logical_id, action, "").key
    for path in sorted(folder.glob(f"{key}*")):
        fault = json.loads(path.read_text(encoding="utf-8"))
        path.unlink()
        raise ValueError(fault["reason"])
