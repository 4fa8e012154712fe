"""A stack operation and a change set take their moment, as on AWS: neither is done at the first look.

ministack works on them before it answers anybody else, so that a client would never see one in progress,
and what a client does while it waits would never be tried here.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Coroutine
from typing import Any

from localcloud import plugin

SECONDS = 0.3
SETTLE_SECONDS = 8.0
# What ministack schedules once the stack says IN_PROGRESS; a deletion says so only when it begins.
DEPLOYING = {"_deploy_stack_async", "_track_change_set_execution"}
_CHANGE_SET_ID = re.compile(rb"<(?:Id|ChangeSetId)>([^<]+)</")
_REASON = re.compile(rb"<StatusReason>[^<]*</StatusReason>")

_made: dict[bytes, float] = {}
_looked_at: set[bytes] = set()
_underway: set[Coroutine[Any, Any, None]] = set()


def install() -> None:
    """Delay each stack operation, and hold back what became of a change set."""
    from ministack.services.cloudformation import changesets, handlers

    name, arguments = "_create_stack_task_in_region", ["coro", "stack", "stack_id"]
    for module in (changesets, handlers):
        schedule = plugin.require(module, name, arguments)  # one function, imported by both

    def scheduled(coro: Coroutine[Any, Any, None], stack: Any, stack_id: Any = None) -> None:
        slow = getattr(coro, "__name__", "") in DEPLOYING
        _underway.add(coro)
        schedule(_done(coro, SECONDS if slow else 0.0), stack, stack_id)

    for module in (changesets, handlers):
        setattr(module, name, scheduled)
    actions = handlers._ACTION_HANDLERS
    actions["CreateChangeSet"] = _noted(actions["CreateChangeSet"])
    actions["DescribeChangeSet"] = _held_back(actions["DescribeChangeSet"])


async def settle() -> None:
    """Wait, for a bounded time, until no operation is under way: one that is cut off would never end."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while _underway and time.monotonic() < deadline:
        await asyncio.sleep(0.02)


async def _done(operation: Coroutine[Any, Any, None], seconds: float) -> None:
    try:
        await asyncio.sleep(seconds)
        await operation
    finally:
        operation.close()
        _underway.discard(operation)


def _noted(create: Any) -> Any:
    def created(params: Any) -> Any:
        answer = create(params)
        if found := _CHANGE_SET_ID.search(answer[2]):
            _made[found[1]] = time.monotonic()
        return answer

    return created


def _held_back(describe: Any) -> Any:
    def described(params: Any) -> Any:
        status, headers, body = describe(params)
        found = _CHANGE_SET_ID.search(body)
        if found is None or _is_done(found[1]):
            return status, headers, body
        body = re.sub(rb"<Status>[A-Z_]+</Status>", b"<Status>CREATE_IN_PROGRESS</Status>", body)
        body = re.sub(rb"(<ExecutionStatus>)[A-Z_]+", rb"\1UNAVAILABLE", body)
        body = re.sub(rb"<Changes>.*</Changes>", b"<Changes></Changes>", body, flags=re.DOTALL)
        return status, headers, _REASON.sub(b"", body)

    return described


def _is_done(change_set_id: bytes) -> bool:
    """Whether its moment is over; never at the first look, however late that comes."""
    if change_set_id not in _made:
        return True
    first_look = change_set_id not in _looked_at
    _looked_at.add(change_set_id)
    return not first_look and time.monotonic() - _made[change_set_id] > SECONDS
