"""The attempts of an execution one after the other: stopped, redriven, ended once each."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from typing import Any

import pytest

from localcloud.plugin import AwsError
from localcloud.step_functions.control.redrives import Redrives
from localcloud.step_functions.states import running
from localcloud.step_functions.states.resuming import Point
from localcloud.step_functions.states.running import Executions
from localcloud.step_functions.states.shapes import iso_stamp
from rigs.executions import new_record

Record = dict[str, Any]
FAILS = {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "E"}}}
WAITS = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 99999, "End": True}}}


@pytest.fixture(autouse=True)
def _no_metrics(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "put_metrics", lambda *_: None)


class Rig:
    """An execution whose changes of status are kept; `hold` delays the announcement of one."""

    def __init__(self, definition: dict[str, Any]) -> None:
        self.machine = {"name": "m", "roleArn": "r", "definition": json.dumps(definition)}
        self.record: Record = new_record()
        self.announced: list[str] = []
        self.reached, self.free, self.waiting = threading.Event(), threading.Event(), threading.Event()
        self.executions = Executions(self.announce)
        self.redrives = Redrives(self.settled, self.announce, self.go_on)
        self.hold = ""

    def announce(self, record: Record) -> None:
        self.announced.append(record["status"])
        if record["status"] == self.hold:
            self.hold = ""
            self.reached.set()
            self.free.wait(30)

    def settled(self, record: Record) -> bool:
        self.waiting.set()
        return self.executions.settled(record)

    def go_on(self, record: Record, point: Point) -> None:
        self.executions.begin(self.executions.go_on, record, self.machine, point)

    def start(self) -> None:
        self.executions.begin(self.executions.run, self.record, self.machine)

    def abort(self) -> None:
        """As ministack does it."""
        if self.record["status"] == "RUNNING":
            self.record.update(status="ABORTED", stopDate=iso_stamp(datetime.now(UTC)))
            event = {"type": "ExecutionAborted", "id": 0, "previousEventId": 0}
            self.record["events"].append({**event, "timestamp": self.record["stopDate"]})
            self.announce(self.record)

    def stop(self) -> None:
        self.executions.stop(self.record["executionArn"], self.abort)

    def types(self) -> list[str]:
        return [event["type"] for event in self.record["events"]]

    def await_event(self, kind: str) -> None:
        ticks = threading.Event()
        for _ in range(3000):
            if kind in self.types():
                return
            ticks.wait(0.01)
        raise AssertionError(f"no {kind} among {self.types()}")


def test_a_redrive_waits_until_the_attempt_before_has_told_its_end() -> None:
    rig = Rig(FAILS)
    rig.hold = "FAILED"
    rig.start()
    assert rig.reached.wait(30)
    asked = threading.Thread(target=rig.redrives.redrive, args=(rig.record, None))
    asked.start()
    assert rig.waiting.wait(30)
    asked.join(0.05)
    assert (rig.record["status"], rig.announced) == ("FAILED", ["FAILED"])
    rig.free.set()
    asked.join(30)
    assert rig.settled(rig.record)
    assert rig.announced == ["FAILED", "RUNNING", "FAILED"]
    assert (rig.record["status"], rig.record["redriveCount"]) == ("FAILED", 1)


def test_a_redrive_right_after_a_stop_runs_on_and_can_be_stopped_itself() -> None:
    rig = Rig(WAITS)
    rig.start()
    rig.await_event("WaitStateEntered")
    rig.stop()
    rig.redrives.redrive(rig.record, None)
    rig.await_event("ExecutionRedriven")
    assert rig.record["status"] == "RUNNING"
    rig.stop()
    assert rig.settled(rig.record)
    assert rig.announced == ["ABORTED", "RUNNING", "ABORTED"]
    assert rig.types()[2:] == ["ExecutionAborted", "ExecutionRedriven", "ExecutionAborted"]
    assert rig.executions._runs == {}


def test_what_is_stopped_before_it_begins_enters_no_state() -> None:
    rig = Rig(WAITS)
    rig.stop()
    rig.start()
    assert rig.settled(rig.record)
    assert (rig.types(), rig.announced) == (["ExecutionAborted"], ["ABORTED"])


def test_what_never_ends_its_attempt_is_not_redriven(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "_SETTLE_SECONDS", 0.01)
    rig = Rig(FAILS)
    rig.hold = "FAILED"
    rig.start()
    assert rig.reached.wait(30)
    with pytest.raises(AwsError, match="localcloud does not support RedriveExecution of an execution that"):
        rig.redrives.redrive(rig.record, None)
    assert (rig.record["status"], "redriveCount" in rig.record) == ("FAILED", False)
    rig.free.set()


def test_a_fault_after_the_abort_leaves_it_aborted() -> None:
    rig = Rig(WAITS)
    rig.stop()
    rig.record["input"] = "{"
    rig.start()
    assert rig.settled(rig.record)
    assert (rig.record["status"], rig.announced) == ("ABORTED", ["ABORTED"])
