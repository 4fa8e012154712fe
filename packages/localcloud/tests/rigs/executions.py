"""The record of an execution that has not begun, as ministack keeps it."""

from __future__ import annotations

import json
from typing import Any

PREFIX = "arn:aws:states:us-east-2:000000000000"


def new_record(given: Any = None, name: str = "e", **more: Any) -> dict[str, Any]:
    """Of the execution `name` of the state machine `m`, with this input."""
    return {
        "executionArn": f"{PREFIX}:execution:m:{name}",
        "stateMachineArn": f"{PREFIX}:stateMachine:m",
        "name": name,
        "status": "RUNNING",
        "startDate": "2026-01-02T03:04:05.678Z",
        "input": json.dumps({} if given is None else given),
        "events": [],
        **more,
    }
