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

from localcloud import seam

SECONDS = 0.3
# What ministack schedules once the stack says IN_PROGRESS; a deletion says so only when it begins.
DEPLOYING = {"_deploy_stack_async", "_track_change_set_execution"}
_CHANGE_SET_ID = re.compile(rb"<(?:Id|ChangeSetId)>([^<]+)</")
_REASON = re.compile(rb"<StatusReason>[^<]*</StatusReason>")

_made: dict[bytes, float] = {}


def install() -> None:
    """Delay each stack operation, and hold back what became of a change set."""
    from ministack.services.cloudformation import changesets, handlers, stacks

    schedule = seam.require(stacks, "_create_stack_task_in_region", ["coro", "stack", "stack_id"])

    def scheduled(coro: Coroutine[Any, Any, None], stack: Any, stack_id: Any = None) -> None:
        slow = getattr(coro, "__name__", "") in DEPLOYING
        schedule(_after_a_moment(coro) if slow else coro, stack, stack_id)

    for module in (changesets, handlers):
        module._create_stack_task_in_region = scheduled
    actions = handlers._ACTION_HANDLERS
    actions["CreateChangeSet"] = _noted(actions["CreateChangeSet"])
    actions["DescribeChangeSet"] = _held_back(actions["DescribeChangeSet"])


async def _after_a_moment(operation: Coroutine[Any, Any, None]) -> None:
    try:
        await asyncio.sleep(SECONDS)
    except asyncio.CancelledError:  # the cloud stops: the operation is not begun
        operation.close()
        raise
    await operation


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
        if found is None or time.monotonic() - _made.get(found[1], 0.0) > SECONDS:
            return status, headers, body
        body = re.sub(rb"<Status>[A-Z_]+</Status>", b"<Status>CREATE_IN_PROGRESS</Status>", body)
        body = re.sub(rb"(<ExecutionStatus>)[A-Z_]+", rb"\1UNAVAILABLE", body)
        body = re.sub(rb"<Changes>.*</Changes>", b"<Changes></Changes>", body, flags=re.DOTALL)
        return status, headers, _REASON.sub(b"", body)

    return described
