"""Redrives: an execution that did not succeed goes on from the state where it stopped."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

from localcloud.plugin import AwsError, refusals
from localcloud.step_functions.control.requests import Body
from localcloud.step_functions.states.resuming import Point, stopping_point
from localcloud.step_functions.states.shapes import iso_stamp

Record = dict[str, Any]

_REDRIVABLE = ("FAILED", "ABORTED", "TIMED_OUT")
_PERIOD = timedelta(days=14)
_MOST_EVENTS = 24_999
_KEPT_TOKENS = 10
_TOKEN_SECONDS = 900
_PARTLY_REDRIVEN = ("Map", "Parallel")


def redrive_fields(record: Record) -> Body:
    """What DescribeExecution says of the redrives of an execution."""
    told: Body = {"redriveCount": record.get("redriveCount", 0), "redriveDate": record.get("redriveDate")}
    reason = _reason_against(record)
    if reason is None:
        child = "mapRunArn" in record  # AWS redrives it with its map run
        return {**told, "redriveStatus": "REDRIVABLE_BY_MAP_RUN" if child else "REDRIVABLE"}
    return {**told, "redriveStatus": "NOT_REDRIVABLE", "redriveStatusReason": reason}


def _reason_against(record: Record) -> str | None:
    if record["status"] not in _REDRIVABLE:
        return f"Execution is {record['status']} and cannot be redriven"
    if len(record.get("events", ())) >= _MOST_EVENTS:
        return "Execution history event limit exceeded"
    stopped = record.get("stopDate")
    if stopped and datetime.now(UTC) - datetime.fromisoformat(stopped) > _PERIOD:
        return "Execution redrivable period exceeded"
    return None


class Redrives:
    """`settled` waits for the attempt before, `announce` publishes a status, `go_on` begins the next."""

    def __init__(
        self,
        settled: Callable[[Record], bool],
        announce: Callable[[Record], None],
        go_on: Callable[[Record, Point], None],
    ) -> None:
        self._settled = settled
        self._announce = announce
        self._go_on = go_on
        self._locks: dict[str, threading.Lock] = {}

    def redrive(self, record: Record, token: str | None) -> Body:
        """Begin a redrive; a client's token that was used in the last 15 minutes is answered as it was."""
        with self._locks.setdefault(record["executionArn"], threading.Lock()):
            moment = time.time()
            used = record.setdefault("redriveTokens", {})
            if token in used and moment - used[token][0] < _TOKEN_SECONDS:
                return {"redriveDate": used[token][1]}
            point = self._ready(record)
            _reopen(record)
            if token:
                used[token] = (moment, record["redriveDate"])
                record["redriveTokens"] = dict(list(used.items())[-_KEPT_TOKENS:])
            answer = {"redriveDate": record["redriveDate"]}
            try:
                self._announce(record)
            finally:  # it is RUNNING by now, whoever has heard of it
                self._go_on(record, point)
        return answer

    def _ready(self, record: Record) -> Point:
        """Where it goes on, once nothing of the attempt before can touch the record any more."""
        if _reason_against(record) is None and not self._settled(record):
            _refuse("of an execution that still waits for a call that it made before it was stopped")
        return _point(record)


def _point(record: Record) -> Point:
    """Where the execution goes on. Raises ExecutionNotRedrivable, or the refusal of what is not done here."""
    if reason := _reason_against(record):
        raise AwsError("ExecutionNotRedrivable", reason)
    if "mapRunArn" in record:
        _refuse("of a child execution of a map run")
    point = stopping_point(record)
    if point is None:
        _refuse("of an execution that stopped between two states")
    kind = json.loads(record["startedWith"]["definition"])["States"][point.state]["Type"]
    if point.entered and kind in _PARTLY_REDRIVEN:
        _refuse(f"of an execution that stopped in a {kind} state ({point.state})")
    return point


def _refuse(which: str) -> NoReturn:
    raise AwsError("ValidationException", refusals.not_supported(f"RedriveExecution {which}"))


def _reopen(record: Record) -> None:
    record["redriveCount"] = record.get("redriveCount", 0) + 1
    record["redriveDate"] = iso_stamp(datetime.now(UTC))
    record.update(stopDate=None, error=None, cause=None, output=None)
    record["status"] = "RUNNING"  # last: whoever reads it finds the rest
