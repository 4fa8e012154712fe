"""Resources of stacks that their service refuses: ministack makes many of them past the service's API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Properties = Mapping[str, Any]


def look_at(kind: str, problem: Callable[[Properties], str | None]) -> None:
    """Have resources of a type fail, new or changed, with what `problem` says of their properties."""
    from ministack.services.cloudformation import provisioners

    handler = provisioners._RESOURCE_HANDLERS[kind]
    create, update = handler["create"], handler["update"]

    def created(logical_id: str, properties: Properties, stack_name: str) -> Any:
        _refuse(problem(properties))
        return create(logical_id, properties, stack_name)

    def updated(
        physical_id: str, before: Properties, properties: Properties, *rest: Any, **named: Any
    ) -> Any:
        _refuse(problem(properties))
        return update(physical_id, before, properties, *rest, **named)

    handler["create"], handler["update"] = created, updated


def _refuse(reason: str | None) -> None:
    if reason:
        raise ValueError(reason)
