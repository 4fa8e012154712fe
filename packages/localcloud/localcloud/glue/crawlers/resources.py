"""Crawlers of a stack while they crawl: an update is refused, a deletion stops the crawl first.

As the handlers of AWS::Glue::Crawler do: they may call StopCrawler to delete, and wait for nothing to update.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Protocol

from localcloud import plugin

CRAWLER = "AWS::Glue::Crawler"
STOP_SECONDS = 30.0


class Crawls(Protocol):
    """What is asked of the crawlers."""

    def is_running(self, name: str) -> bool: ...

    def stop(self, request: dict[str, Any]) -> dict[str, Any]: ...

    def refuse_update(self, name: str) -> None: ...


def install(crawls: Crawls) -> None:
    """Go before the handlers of the resource type; its deletion waits, so it leaves the event loop."""
    from ministack.services.cloudformation import provisioners, stacks

    on_thread = plugin.require(stacks, "_runs_on_worker_thread", ["resource_type"])
    handler = provisioners._RESOURCE_HANDLERS[CRAWLER]
    handler["update"] = _refusing(handler["update"], crawls)
    handler["delete"] = _stopping(handler["delete"], crawls)

    def runs_on_worker_thread(resource_type: str) -> bool:
        return resource_type == CRAWLER or bool(on_thread(resource_type))

    stacks._runs_on_worker_thread = runs_on_worker_thread


def _refusing(update: Callable[..., Any], crawls: Crawls) -> Callable[..., Any]:
    def updated(physical_id: str, *rest: Any, **named: Any) -> Any:
        try:
            crawls.refuse_update(physical_id)
        except plugin.AwsError as error:
            raise ValueError(f"{error.message} (Service: Glue, Status Code: 400)") from error
        return update(physical_id, *rest, **named)

    return updated


def _stopping(delete: Callable[..., Any], crawls: Crawls) -> Callable[..., Any]:
    def deleted(physical_id: str, properties: Any) -> None:
        deadline = time.monotonic() + STOP_SECONDS
        while crawls.is_running(physical_id) and time.monotonic() < deadline:
            try:
                crawls.stop({"Name": physical_id})
            except plugin.AwsError:  # it is stopping, or has stopped in between
                time.sleep(0.02)
        delete(physical_id, properties)

    return deleted
