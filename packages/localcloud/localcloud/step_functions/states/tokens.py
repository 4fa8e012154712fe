"""Task tokens: what SendTaskSuccess, SendTaskFailure and SendTaskHeartbeat leave with ministack."""

from __future__ import annotations

import base64
import json
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from localcloud.step_functions.states.outcomes import TaskFailedError

_PREFIX = b"task"
_RESOURCE_AT = len(_PREFIX) + 32


def new_token(arn: str) -> str:
    """A token that no other Task has; its form tells it from what never was one.

    `arn` is that of the Task's state machine or activity, which IAM asks the token for.
    """
    part = arn.split(":", 5)[5].partition("/")[0]  # a Map's child executions are of the whole machine
    unique = uuid.uuid4().bytes + uuid.uuid4().bytes
    return base64.urlsafe_b64encode(_PREFIX + unique + part.encode()).decode()


def resource(token: str) -> str | None:
    """The last part of the ARN that `new_token` was given; None for what is no token."""
    if not is_token(token):
        return None
    return base64.urlsafe_b64decode(token)[_RESOURCE_AT:].decode(errors="replace") or None


def is_token(text: str) -> bool:
    """Whether some Task of this or an earlier cloud may have had the token."""
    try:
        return base64.urlsafe_b64decode(text).startswith(_PREFIX)
    except ValueError:
        return False


class Answer:
    """What a callback has said so far about the Task that waits for it."""

    def __init__(self, entry: dict[str, Any]) -> None:
        self._entry = entry
        self._since = time.time()

    def given(self) -> bool:
        return bool(self._entry["event"].is_set())

    @property
    def error(self) -> dict[str, str] | None:
        """What SendTaskFailure was called with, which may be neither an error nor a cause."""
        return self._entry.get("failure")

    def value(self) -> Any:
        """What SendTaskSuccess gave. Raises `TaskFailedError` with what SendTaskFailure said."""
        if self.error is not None:
            raise TaskFailedError(self.error.get("error"), self.error.get("cause"))
        return json.loads(self._entry.get("result", "null"))

    @property
    def worker(self) -> str | None:
        """The name of the worker that took an activity's task, which may be empty; None before one did."""
        name: str | None = self._entry.get("worker")
        return name

    def last_heartbeat(self) -> float:
        """Seconds since the epoch; before the first heartbeat, when the Task began."""
        sent = self._entry.get("heartbeat")
        return datetime.fromisoformat(sent).timestamp() if sent else self._since


@contextmanager
def registered(token: str, account: str, region: str) -> Iterator[Answer]:
    """Let callbacks of this account and region use the token until the Task is over."""
    from ministack.core import responses
    from ministack.services import stepfunctions

    # The thread of a Task has a context of its own: ministack's stores are per account and region.
    responses.set_request_account_id(account)
    responses.set_request_region(region)
    entry: dict[str, Any] = {"event": threading.Event()}
    stepfunctions._task_tokens[token] = entry
    try:
        yield Answer(entry)
    finally:
        stepfunctions._task_tokens.pop(token, None)
