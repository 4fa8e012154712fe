"""Runs one execution of a state machine on the interpreter and keeps ministack's record of it."""

from __future__ import annotations

import json
import logging
import threading
from datetime import UTC, datetime
from typing import Any

from moto.stepfunctions.parser.asl.eval.evaluation_details import (
    AWSExecutionDetails,
    EvaluationDetails,
    ExecutionDetails,
    StateMachineDetails,
)
from moto.stepfunctions.parser.asl.eval.program_state import ProgramEnded, ProgramError, ProgramTimedOut
from moto.stepfunctions.parser.backend.execution_worker import ExecutionWorker
from moto.stepfunctions.parser.utils import TMP_THREADS

from localcloud.plugin import require
from localcloud.step_functions.states import interpreter
from localcloud.step_functions.states.history import History
from localcloud.step_functions.states.logs import LogStream
from localcloud.step_functions.states.resuming import Point
from localcloud.step_functions.states.shapes import compact_json, iso_stamp

_FLUSH_SECONDS = 1.0
_logger = logging.getLogger(__name__)

require(
    ExecutionWorker,
    "__init__",
    ["self", "evaluation_details", "exec_comm", "cloud_watch_logging_session", "activity_store"],
)
require(ExecutionWorker, "_execution_logic", ["self"])


class _Worker(ExecutionWorker):  # type: ignore[misc]
    """moto's worker, with a history that is ministack's record."""

    def __init__(
        self, details: Any, record: dict[str, Any], log_stream: LogStream, point: Point | None
    ) -> None:
        super().__init__(details, self, None, {})
        self._record = record
        self._log_stream = log_stream
        self._point = point

    def _get_evaluation_entrypoint(self) -> Any:
        return interpreter.parse(self._evaluation_details.state_machine_details.definition)

    def _get_evaluation_environment(self) -> Any:
        environment = super()._get_evaluation_environment()
        if not self._record.get("answersCall"):  # AWS tells StartSyncExecution's of no redrives
            told = environment.states.context_object.context_object_data["Execution"]
            told["RedriveCount"] = self._record.get("redriveCount", 0)
            if self._point is not None:
                told["RedriveTime"] = self._record["redriveDate"]
        environment.event_manager = History(self._record, self._log_stream.add, self._point is not None)
        return environment

    def _execution_logic(self) -> None:
        """Interpret from the start, or from where a redrive begins."""
        if self._point is None:
            super()._execution_logic()
            return
        program = self._get_evaluation_entrypoint()
        program.start_at.start_at_name = self._point.state
        self.env = self._get_evaluation_environment()
        self.env.states.reset(input_value=self._point.state_input)
        for name, value in self._point.variables.items():
            self.env.variable_store.set(name, value)
        self.env.variable_store.reset_tracing()
        self.env.event_manager.go_on(
            self.env.event_history_context, self._record["redriveCount"], self._point.entered
        )
        program.eval(self.env)

    def terminated(self) -> None:
        """The interpreter's notice that the program is over; `Run` reads the outcome from it."""


class Run:
    """One execution. `record` is ministack's, `machine` the state machine as it was at the start.

    A redrive goes on at its `point`.
    """

    def __init__(self, record: dict[str, Any], machine: dict[str, Any], point: Point | None = None) -> None:
        self.record = record
        self.machine = machine
        self._log_stream = LogStream(machine, record["executionArn"], record.get("redriveCount", 0))
        self._worker = _Worker(self._details(), record, self._log_stream, point)
        self._failure: tuple[str, str] | None = None
        self.lock = threading.Lock()  # held by whoever turns the record's status
        self.over = threading.Event()

    def run(self) -> None:
        """Interpret the state machine to its end; `record` then holds the outcome."""
        thread = threading.Thread(target=self._interpret, daemon=True)
        thread.start()
        while thread.is_alive():
            thread.join(_FLUSH_SECONDS)
            self._log_stream.flush()
        with self.lock:
            if self.record["status"] == "RUNNING":
                self._close()
        self._log_stream.flush()
        self.over.set()
        del TMP_THREADS[:]  # moto keeps every thread it ever started

    def stop(self) -> None:
        """End the interpretation: the record says already that the execution was aborted."""
        if self.record["events"][-1]["type"] == "ExecutionAborted":
            self._log_stream.add(self.record["events"][-1])
        if self._worker.env is not None:
            self._worker.env.set_stop(stop_date=datetime.now(UTC), cause=None, error=None)

    def _interpret(self) -> None:
        try:
            self._worker._execution_logic()
        except Exception as error:
            _logger.exception("the execution %s ended", self.record["executionArn"])
            self._failure = ("States.Runtime", f"{type(error).__name__}: {error}")

    def _close(self) -> None:
        status, error, cause = self._outcome()
        record = self.record
        record["error"], record["cause"] = error, cause
        record["stopDate"] = iso_stamp(datetime.now(UTC))
        if status == "SUCCEEDED":
            record["output"] = compact_json(self._worker.env.states.get_input())
        record["status"] = status  # last: whoever reads it finds the rest

    def _outcome(self) -> tuple[str, str | None, str | None]:
        if self._failure is not None:
            return "FAILED", *self._failure
        state = self._worker.env.program_state()
        if isinstance(state, ProgramEnded):
            return "SUCCEEDED", None, None
        if isinstance(state, ProgramTimedOut):
            return "TIMED_OUT", None, None
        details = state.error or {} if isinstance(state, ProgramError) else {}
        return "FAILED", details.get("error"), details.get("cause")

    def _details(self) -> Any:
        record, machine = self.record, self.machine
        region, account = record["executionArn"].split(":")[3:5]
        return EvaluationDetails(
            aws_execution_details=AWSExecutionDetails(
                account=account, region=region, role_arn=machine["roleArn"]
            ),
            execution_details=ExecutionDetails(
                arn=record["executionArn"],
                name=record["name"],
                role_arn=machine["roleArn"],
                inpt=json.loads(record["input"]),
                start_time=record["startDate"],
            ),
            state_machine_details=StateMachineDetails(
                arn=record["stateMachineArn"],
                name=machine["name"],
                typ=machine.get("type", "STANDARD"),
                definition=machine["definition"],
            ),
        )
