"""The event that Step Functions sends to EventBridge when the status of an execution changes."""

from __future__ import annotations

import json
import logging
from datetime import datetime
from typing import Any

from localcloud.plugin import require
from localcloud.step_functions.control.redrives import redrive_fields

Record = dict[str, Any]

_MOST_CHARACTERS = 248 * 1024  # a longer input or output is left out
_TOLD = (
    *("executionArn", "stateMachineArn", "name", "status", "error", "cause"),
    *("stateMachineVersionArn", "stateMachineAliasArn"),
)
_logger = logging.getLogger(__name__)


def announce(record: Record) -> None:
    """Send the status of an execution; a synchronous one and an EventBridge that fails are passed over."""
    if record.get("sync"):
        return
    from ministack.services import eventbridge

    put = require(eventbridge, "_put_events", ["data"])
    entry = {
        "Source": "aws.states",
        "DetailType": "Step Functions Execution Status Change",
        "Detail": json.dumps(detail(record)),
        "Resources": [record["executionArn"]],
    }
    try:
        put({"Entries": [entry]}, allow_aws_source=True)
    except Exception:
        _logger.warning("no event of %s was sent", record["executionArn"], exc_info=True)


def detail(record: Record) -> dict[str, Any]:
    """What the event says, with null for what it has nothing to say of."""
    told = {name: record.get(name) for name in _TOLD}
    redriven = {"redriveDate": None, "redriveStatusReason": None, **redrive_fields(record)}
    dates = {**redriven, "startDate": record["startDate"], "stopDate": record.get("stopDate")}
    moments = {name: _milliseconds(dates[name]) for name in ("startDate", "stopDate", "redriveDate")}
    return {**told, **redriven, **moments, **_data(record, "input"), **_data(record, "output")}


def _data(record: Record, name: str) -> dict[str, Any]:
    text = record.get(name)
    if text is None:
        return {name: None, f"{name}Details": None}
    included = len(json.dumps(text)) <= _MOST_CHARACTERS
    return {name: text if included else None, f"{name}Details": {"included": included}}


def _milliseconds(moment: str | None) -> int | None:
    return None if moment is None else int(datetime.fromisoformat(moment).timestamp() * 1000)
