"""Runs one state by itself, as TestState does, and tells what became of it."""

from __future__ import annotations

import json
import logging
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEventException
from moto.stepfunctions.parser.asl.component.state.exec.state_task.lambda_eval_utils import (
    LambdaFunctionErrorException,
)
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.evaluation_details import AWSExecutionDetails
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventHistoryContext
from moto.stepfunctions.parser.asl.utils.json_path import NoSuchJsonPathError

from localcloud.plugin import AwsError
from localcloud.step_functions.states import expressions, interpreter
from localcloud.step_functions.states.history import History
from localcloud.step_functions.states.outcomes import HeartbeatMissedError, TaskFailedError
from localcloud.step_functions.states.shapes import UnsupportedFieldError
from localcloud.step_functions.states.trials import contexts, inspection, retries, works
from localcloud.step_functions.states.trials.given import Mock
from localcloud.step_functions.states.trials.notes import Notes

_LONGEST_SECONDS = 300.0
_WORKING = ("Task", "Map", "Parallel")
# What a state can fail with; anything else is a fault of the local cloud.
_OF_THE_STATE = (
    *(FailureEventException, NoSuchJsonPathError, TimeoutError, TaskFailedError, HeartbeatMissedError),
    *(ClientError, BotoCoreError, UnsupportedFieldError, LambdaFunctionErrorException),
)
_logger = logging.getLogger(__name__)


@dataclass
class Outcome:
    """What TestState answers; `inspected` is its inspectionData."""

    status: str = "SUCCEEDED"
    output: str | None = None
    next_state: str | None = None
    error: str | None = None
    cause: str | None = None
    inspected: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Trial:
    """One state of a machine that has it and the states it leads to, and what it is run with."""

    name: str
    machine: dict[str, Any]
    context: dict[str, Any]
    region: str
    account: str
    variables: dict[str, Any]
    mock: Mock | None = None
    documents: tuple[str, ...] = ()  # the JSON texts that all that was made of

    @property
    def definition(self) -> dict[str, Any]:
        return dict(self.machine["States"][self.name])

    def run(self) -> Outcome:
        """Interpret the state, for five minutes at most. Raises what is no failure of the state."""
        environment = self._environment()
        state = interpreter.parse(json.dumps(self.machine)).states.states[self.name]
        notes = Notes(*self.documents)
        runner = _Runner(self.definition, state, environment, self.mock, notes)
        thread = threading.Thread(target=runner.run, daemon=True)
        thread.start()
        thread.join(_LONGEST_SECONDS)
        if thread.is_alive():
            environment.set_stop(stop_date=datetime.now(UTC), cause=None, error=None)
            return Outcome("FAILED", error="States.Timeout", inspected=runner.outcome.inspected)
        if runner.fault is not None:
            raise runner.fault
        known = expressions.variables(environment)
        if known or self.definition.get("Assign"):
            notes.tell("variables", known)
        return runner.outcome

    def _environment(self) -> Any:
        details = AWSExecutionDetails(
            account=self.account, region=self.region, role_arn=self.context["Execution"]["RoleArn"]
        )
        environment = Environment(
            aws_execution_details=details,
            execution_type="STANDARD",
            context=self.context,
            event_history_context=EventHistoryContext.of_program_start(),
            cloud_watch_logging_session=None,
            activity_store={},
        )
        environment.event_manager = History({"status": "RUNNING", "events": []}, lambda _event: None)
        environment.next_state_name = self.name
        for name, value in self.variables.items():
            environment.variable_store.set(name, value)
        environment.variable_store.reset_tracing()
        return environment


class _Runner:
    """One run of a parsed state; its outcome is told as far as the state comes."""

    def __init__(
        self, definition: dict[str, Any], state: Any, environment: Any, mock: Mock | None, notes: Notes
    ) -> None:
        self.definition = definition
        self.state = state
        self.environment = environment
        self.retries = mock.retries if mock else 0
        self.notes = notes
        self.outcome = Outcome(inspected=notes.members)
        self.fault: Exception | None = None
        self._failed: dict[str, Any] | None = None
        notes.tell("input", environment.states.get_input())
        if mock is not None:
            self._take_mock(mock)
        if definition["Type"] in _WORKING:
            self._watch_failures()
        inspection.watch(definition["Type"], state, notes)

    def _take_mock(self, mock: Mock) -> None:
        work = works.mocked(self.definition["Type"], self.state, mock, self.notes)
        self.state._eval_execution = work
        if mock.context is not None:
            contexts.impose(self.state, mock.context)

    def run(self) -> None:
        try:
            self._evaluate()
        except AwsError as error:
            self.fault = error
        except Exception as error:
            _logger.exception("the state %s could not be tried", self.state.name)
            self.fault = error

    def _evaluate(self) -> None:
        try:
            self.state.eval(self.environment)
        except FailureEventException as failure:
            pair = failure.extract_error_cause_pair() or (None, None)
            plain = dict(zip(("error", "cause"), pair, strict=True))
            is_plain = getattr(failure.failure_event, "is_plain", False)
            self._fail(plain if is_plain else failure.get_execution_failed_event_details() or {})
        else:
            self._succeed()

    def _watch_failures(self) -> None:
        from_error = self.state._from_error

        def watched(env: Any, ex: Exception) -> Any:
            if not isinstance(ex, _OF_THE_STATE):
                raise ex
            event = from_error(env=env, ex=ex)
            details = next(iter(event.event_details.values()))
            self._failed = {"error": details.get("error"), "cause": details.get("cause")}
            if self.definition["Type"] == "Task":
                inspection.default_parameters(self.notes)
            if self._is_retriable(self._failed["error"]):
                raise FailureEventException(event)
            return event

        self.state._from_error = watched
        self.state.retry = None  # TestState says that a state would be tried again and does not do it

    def _is_retriable(self, error: str | None) -> bool:
        index = retries.applying(self.definition.get("Retry", ()), error)
        if index is None:
            return False
        details = self.outcome.inspected["errorDetails"] = {"retryIndex": index}
        seconds = retries.backoff(self.definition["Retry"][index], self.retries)
        if seconds is None:
            return False
        details["retryBackoffIntervalSeconds"] = seconds
        self.outcome.status = "RETRIABLE"
        return True

    def _fail(self, told: dict[str, Any]) -> None:
        outcome = self.outcome
        if outcome.status == "SUCCEEDED":
            outcome.status = "FAILED"
        outcome.error, outcome.cause = told.get("error"), told.get("cause")

    def _succeed(self) -> None:
        outcome = self.outcome
        outcome.output = self.notes.text(self.environment.states.get_input())
        outcome.next_state = self.definition.get("Next")
        if self.definition["Type"] == "Choice":
            outcome.next_state = self.environment.next_state_name
        if self._failed is not None:
            self._tell_catch(self._failed)

    def _tell_catch(self, failed: dict[str, Any]) -> None:
        outcome = self.outcome
        outcome.status, outcome.error, outcome.cause = "CAUGHT_ERROR", failed["error"], failed["cause"]
        index = retries.applying(self.definition["Catch"], failed["error"])
        if index is not None:
            outcome.next_state = self.definition["Catch"][index]["Next"]
            outcome.inspected["errorDetails"] = {"catchIndex": index}
