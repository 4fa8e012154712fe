"""Runs one state by itself, as TestState does, and notes what its data is between its steps."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
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

from localcloud.step_functions.states import expressions, interpreter
from localcloud.step_functions.states.error_matching import matches
from localcloud.step_functions.states.history import History
from localcloud.step_functions.states.outcomes import HeartbeatMissedError, TaskFailedError
from localcloud.step_functions.states.shapes import UnsupportedFieldError, compact_json, iso_stamp

_LONGEST_SECONDS = 300.0
_ATTEMPTS, _INTERVAL_SECONDS = 3, 1
# What a Task can fail with; anything else is a fault of the local cloud.
_OF_THE_TASK = (
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

    @property
    def definition(self) -> dict[str, Any]:
        return dict(self.machine["States"][self.name])

    def run(self) -> Outcome:
        """Interpret the state, for five minutes at most. Raises what is no failure of the state."""
        environment = self._environment()
        state = interpreter.parse(json.dumps(self.machine)).states.states[self.name]
        runner = _Runner(self.definition, state, environment)
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
            runner.outcome.inspected["variables"] = compact_json(known)
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
    """One run of a parsed state whose steps tell what they leave on the interpreter's stack."""

    def __init__(self, definition: dict[str, Any], state: Any, environment: Any) -> None:
        self.definition = definition
        self.state = state
        self.environment = environment
        self.outcome = Outcome(inspected={"input": compact_json(environment.states.get_input())})
        self.fault: Exception | None = None
        self._failed: dict[str, Any] | None = None
        self._watch_steps()

    def run(self) -> None:
        try:
            self._evaluate()
        except Exception as error:
            _logger.exception("the state %s could not be tried", self.state.name)
            self.fault = error

    def _evaluate(self) -> None:
        try:
            self.state.eval(self.environment)
        except FailureEventException as failure:
            self._fail(failure.get_execution_failed_event_details() or {})
        else:
            self._succeed()

    def _watch_steps(self) -> None:
        kind, state = self.definition["Type"], self.state
        if kind == "Task":
            self._watch_failures()
        if not state._is_language_query_jsonpath():
            self._watch(getattr(state, "parargs", None), "_eval_body", "afterArguments")
            if kind == "Task":
                self._watch(state, "_eval_execution", "result")
            return
        if kind != "Pass" or state.result is None:
            self._watch(state.input_path, "_eval_body", "afterInputPath")
        if kind == "Task":
            self._watch(state.parargs, "_eval_body", "afterParameters")
            self._watch(state, "_eval_execution", "result")
            self._watch(state.result_selector, "_eval_body", "afterResultSelector")
            self._watch(state.result_path, "_eval_body", "afterResultPath", self._defaults)
        if kind == "Pass":
            if state.result is None:
                self._watch(state.parameters, "_eval_body", "afterParameters")
            self._watch(state.result, "_eval_body", "result")
            self._watch(state.result_path, "_eval_body", "afterResultPath", self._defaults)

    def _watch(
        self, component: Any, method: str, name: str, first: Callable[[], None] = lambda: None
    ) -> None:
        if component is None:
            return
        evaluate = getattr(component, method)

        def watched(env: Any) -> None:
            first()
            evaluate(env)
            self.outcome.inspected[name] = compact_json(env.stack[-1])

        setattr(component, method, watched)

    def _defaults(self) -> None:
        """A filter that the state has not leaves what it is given."""
        seen = self.outcome.inspected
        if "afterInputPath" in seen:
            seen.setdefault("afterParameters", seen["afterInputPath"])
        seen.setdefault("afterResultSelector", seen.get("result") or seen["afterParameters"])

    def _watch_failures(self) -> None:
        from_error = self.state._from_error

        def watched(env: Any, ex: Exception) -> Any:
            if not isinstance(ex, _OF_THE_TASK):
                raise ex
            event = from_error(env=env, ex=ex)
            details = next(iter(event.event_details.values()))
            self._failed = {"error": details.get("error"), "cause": details.get("cause")}
            seen = self.outcome.inspected
            if "afterInputPath" in seen:
                seen.setdefault("afterParameters", seen["afterInputPath"])
            if self._is_retriable(self._failed["error"]):
                raise FailureEventException(event)
            return event

        self.state._from_error = watched
        self.state.retry = None  # TestState says that a state would be tried again and does not do it

    def _is_retriable(self, error: str | None) -> bool:
        for index, retrier in enumerate(self.definition.get("Retry", ())):
            if matches(retrier["ErrorEquals"], error):
                self.outcome.inspected["errorDetails"] = {"retryIndex": index}
                if retrier.get("MaxAttempts", _ATTEMPTS) == 0:
                    return False
                seconds = retrier.get("IntervalSeconds", _INTERVAL_SECONDS)
                self.outcome.inspected["errorDetails"]["retryBackoffIntervalSeconds"] = seconds
                self.outcome.status = "RETRIABLE"
                return True
        return False

    def _fail(self, told: dict[str, Any]) -> None:
        outcome = self.outcome
        if outcome.status == "SUCCEEDED":
            outcome.status = "FAILED"
        outcome.error, outcome.cause = told.get("error"), told.get("cause")

    def _succeed(self) -> None:
        outcome = self.outcome
        outcome.output = compact_json(self.environment.states.get_input())
        outcome.next_state = self.definition.get("Next")
        if self.definition["Type"] == "Choice":
            outcome.next_state = self.environment.next_state_name
        if self._failed is not None:
            self._tell_catch(self._failed)

    def _tell_catch(self, failed: dict[str, Any]) -> None:
        outcome = self.outcome
        outcome.status, outcome.error, outcome.cause = "CAUGHT_ERROR", failed["error"], failed["cause"]
        for index, catcher in enumerate(self.definition["Catch"]):
            if matches(catcher["ErrorEquals"], failed["error"]):
                outcome.next_state = catcher["Next"]
                outcome.inspected["errorDetails"] = {"catchIndex": index}
                return


def entered_context(execution: dict[str, Any], machine: dict[str, Any]) -> dict[str, Any]:
    """The context object before the state is entered."""
    return {"Execution": {**execution, "StartTime": iso_stamp(datetime.now(UTC))}, "StateMachine": machine}
