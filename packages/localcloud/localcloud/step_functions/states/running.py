"""The executions that run now: started, stopped, measured, and ended with the cloud."""

from __future__ import annotations

import contextvars
import copy
import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from localcloud.step_functions.states import loading
from localcloud.step_functions.states.logs import put_metrics
from localcloud.step_functions.states.resuming import Point
from localcloud.step_functions.states.shapes import iso_stamp

Record = dict[str, Any]

_METRICS = {
    "SUCCEEDED": "ExecutionsSucceeded",
    "FAILED": "ExecutionsFailed",
    "TIMED_OUT": "ExecutionsTimedOut",
    "ABORTED": "ExecutionsAborted",
}
_STARTED_WITH = ("definition", "roleArn", "loggingConfiguration", "tracingConfiguration")
_STOP_SECONDS = 2.0
_SETTLE_SECONDS = 30.0
_logger = logging.getLogger(__name__)


class Executions:
    """Runs executions, each attempt in a thread. `announce` publishes a status change."""

    def __init__(self, announce: Callable[[Record], None]) -> None:
        self._announce = announce
        self._runs: dict[str, Any] = {}
        self._threads: dict[str, threading.Thread] = {}
        self._lock = threading.RLock()

    def begin(self, work: Callable[..., None], record: Record, *rest: Any) -> None:
        """Run an attempt in a thread of its own: `settled` waits for it."""
        context = contextvars.copy_context()  # ministack's stores are per account and region
        thread = threading.Thread(target=context.run, args=(work, record, *rest), daemon=True)
        with self._lock:
            self._threads = {arn: one for arn, one in self._threads.items() if one.is_alive()}
            self._threads[record["executionArn"]] = thread
            thread.start()

    def settled(self, record: Record) -> bool:
        """Wait until the attempt before is quite over: its status may be final while it still tells of it."""
        with self._lock:
            thread = self._threads.get(record["executionArn"])
        if thread is not None:
            thread.join(_SETTLE_SECONDS)
        return thread is None or not thread.is_alive()

    def run(self, record: Record, machine: dict[str, Any]) -> None:
        """Interpret the state machine to its end. `record` is ministack's, and keeps what it started with."""
        record["startedWith"] = {key: copy.deepcopy(machine.get(key)) for key in _STARTED_WITH}
        if machine.get("updated"):
            revision = machine.get("stateMachineRevisionId") or machine["revisionId"]
            record["startedWith"]["revision"] = revision
        put_metrics(record["stateMachineArn"], {"ExecutionsStarted": (1, "Count")})
        self._interpret(record, machine, None)

    def go_on(self, record: Record, machine: dict[str, Any], point: Point) -> None:
        """Interpret what is left of an execution that is redriven, as the machine was when it started."""
        put_metrics(record["stateMachineArn"], {"ExecutionsRedriven": (1, "Count")})
        self._interpret(record, {**machine, **record["startedWith"]}, point)

    def _interpret(self, record: Record, machine: dict[str, Any], point: Point | None) -> None:
        arn, run = record["executionArn"], None
        try:
            run = loading.execution().Run(record, copy.deepcopy(machine), point)
            with self._lock:
                self._runs[arn] = run
            run.run()
        except Exception as error:
            _logger.exception("the execution %s could not run", arn)
            _fail(record, error)
        with self._lock:
            if run is not None and self._runs.get(arn) is run:
                del self._runs[arn]
        if record["status"] != "ABORTED" and not record.get("sync"):  # whoever aborted it has announced it
            self._announce(record)
        _measure(record)

    def stop(self, execution_arn: str, abort: Callable[[], Any]) -> Any:
        """Call `abort`, which turns the record to ABORTED unless it is over, and end the execution's run."""
        with self._lock:
            run = self._runs.get(execution_arn)
            if run is None:
                return abort()  # within the lock: what begins only now finds its record aborted
        with run.lock:
            answer = abort()
        run.stop()
        return answer

    def wait(self) -> None:
        """Wait a little while stopped executions stop the jobs they wait for."""
        with self._lock:
            runs = list(self._runs.values())
        deadline = time.monotonic() + _STOP_SECONDS
        for run in runs:
            run.over.wait(max(0.0, deadline - time.monotonic()))

    def forget(self) -> None:
        """End every run without a word: the records are gone."""
        with self._lock:
            runs, self._runs = self._runs, {}
        for run in runs.values():
            run.record["status"] = "ABORTED"
            run.stop()


def _fail(record: Record, error: Exception) -> None:
    if record["status"] != "RUNNING":
        return
    record["error"], record["cause"] = "States.Runtime", f"{type(error).__name__}: {error}"
    record["stopDate"] = iso_stamp(datetime.now(UTC))
    record["status"] = "FAILED"


def _measure(record: Record) -> None:
    begin, end = (datetime.fromisoformat(record[key]) for key in ("startDate", "stopDate"))
    milliseconds = (end - begin).total_seconds() * 1000
    values = {
        _METRICS[record["status"]]: (1.0, "Count"),
        "ExecutionTime": (milliseconds, "Milliseconds"),
    }
    if record.get("redriveCount"):
        values[f"Redriven{_METRICS[record['status']]}"] = (1.0, "Count")
    put_metrics(record["stateMachineArn"], values)
