"""What EventBridge refuses of the entries of PutEvents: each by itself, in the answer, not as an error."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

Entry = dict[str, Any]
MOST = 10  # entries of one request
_REQUIRED = ("Source", "DetailType", "Detail")


def put(entries: Sequence[Entry], send: Callable[[list[Entry]], dict[str, Any]]) -> dict[str, Any]:
    """PutEvents: `send` is called with the good entries, the others are answered in their places."""
    refused = [_refusal(entry) for entry in entries]
    good = [entry for entry, refusal in zip(entries, refused, strict=True) if refusal is None]
    nothing: dict[str, Any] = {"Entries": [], "FailedEntryCount": 0}
    answer = send(good) if good or not entries else nothing
    sent = iter(list(answer["Entries"]))
    answered = [refusal if refusal is not None else next(sent) for refusal in refused]
    failed = sum(1 for entry in answered if "ErrorCode" in entry)
    return {**answer, "Entries": answered, "FailedEntryCount": failed}


def _refusal(entry: Entry) -> dict[str, str] | None:
    for name in _REQUIRED:
        if not entry.get(name):
            message = f"Parameter {name} is not valid. Reason: {name} is a required argument."
            return {"ErrorCode": "InvalidArgument", "ErrorMessage": message}
    if not _is_object(entry["Detail"]):
        return {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}
    return None


def _is_object(detail: Any) -> bool:
    try:
        return isinstance(json.loads(detail) if isinstance(detail, str) else detail, dict)
    except ValueError:
        return False
