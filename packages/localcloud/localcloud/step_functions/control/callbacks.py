"""SendTaskSuccess, SendTaskFailure, SendTaskHeartbeat: what a worker says of the Task that waits for it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from localcloud.plugin import AwsError
from localcloud.step_functions.control.requests import Body, Request, check_failure, check_size
from localcloud.step_functions.states.shapes import iso_stamp
from localcloud.step_functions.states.tokens import is_token


class Callbacks:
    """The operations on task tokens; `service` is ministack's module."""

    def __init__(self, service: Any) -> None:
        self.service = service

    def _entry(self, request: Request) -> dict[str, Any]:
        token = request.get("taskToken", "")
        entry: dict[str, Any] | None = self.service._task_tokens.get(token)
        if entry is not None and not entry["event"].is_set():
            return entry
        if is_token(token):
            message = "Task Timed Out: 'Provided task does not exist anymore'"
            raise AwsError("TaskTimedOut", message)
        raise AwsError("InvalidToken", "Invalid Token: 'Invalid token'")

    def send_task_success(self, request: Request) -> Body:
        text = request.get("output", "")
        check_size(text, "output")
        entry = self._entry(request)
        try:
            json.loads(text)
        except ValueError as error:
            raise AwsError("InvalidOutput", f"Invalid Output: '{text}'") from error
        entry["result"] = text
        entry["event"].set()
        return {}

    def send_task_failure(self, request: Request) -> Body:
        check_failure(request)
        entry = self._entry(request)
        entry["failure"] = {name: request[name] for name in ("error", "cause") if name in request}
        entry["event"].set()
        return {}

    def send_task_heartbeat(self, request: Request) -> Body:
        self._entry(request)["heartbeat"] = iso_stamp(datetime.now(UTC))
        return {}
