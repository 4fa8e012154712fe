"""moto's interpreter of the Amazon States Language, with AWS's rules where moto 5.2.5 leaves them.

Importing this module imports moto (about a second) and puts our parts into it, once per process.
"""

from __future__ import annotations

import copy
import json
import logging
import re
import threading
import time
from datetime import UTC, datetime
from typing import Any

from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.utils import boto_client

from localcloud.seam import require
from localcloud.states import clients, jsonata_engine
from localcloud.states.matching import matches
from localcloud.states.shapes import iso_stamp
from localcloud.states.waiting import wait_scaled

# Before any module that copies the name.
require(boto_client, "boto_client_for", ["region", "service", "state_credentials"])
boto_client.boto_client_for = clients.client_for

from moto.stepfunctions.parser.asl.component.common.error_name.error_equals_decl import (  # noqa: E402
    ErrorEqualsDecl,
)
from moto.stepfunctions.parser.asl.component.common.error_name.error_name import ErrorName  # noqa: E402
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (  # noqa: E402
    FailureEvent,
    FailureEventException,
)
from moto.stepfunctions.parser.asl.component.common.retry.max_attempts_decl import (  # noqa: E402
    MaxAttemptsOutcome,
)
from moto.stepfunctions.parser.asl.component.common.retry.retrier_decl import RetrierDecl  # noqa: E402
from moto.stepfunctions.parser.asl.component.common.retry.retrier_outcome import (  # noqa: E402
    RetrierOutcome,
)
from moto.stepfunctions.parser.asl.component.common.string.string_expression import (  # noqa: E402
    StringIntrinsicFunction,
    StringJSONata,
    StringVariableSample,
)
from moto.stepfunctions.parser.asl.component.common.timeouts.timeout import EvalTimeoutError  # noqa: E402
from moto.stepfunctions.parser.asl.component.program.program import Program  # noqa: E402
from moto.stepfunctions.parser.asl.component.state import state  # noqa: E402
from moto.stepfunctions.parser.asl.component.state.choice.state_choice import StateChoice  # noqa: E402
from moto.stepfunctions.parser.asl.component.state.exec.execute_state import ExecutionState  # noqa: E402
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration import (  # noqa: E402
    iteration_worker,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_parallel import branches_decl  # noqa: E402
from moto.stepfunctions.parser.asl.component.state.exec.state_task import state_task_factory  # noqa: E402
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.timestamp import Timestamp  # noqa: E402
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import (  # noqa: E402
    WaitFunction,
)
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser  # noqa: E402
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str  # noqa: E402
from moto.stepfunctions.parser.asl.utils.json_path import NoSuchJsonPathError, extract_json  # noqa: E402

from localcloud.states.task import ServiceTask  # noqa: E402

_VARIABLE = re.compile(r"^\$([A-Za-z_][A-Za-z0-9_]*)(.*)$", re.DOTALL)
_SLICE_SECONDS = 0.05
_FRACTION = "ToleratedFailurePercentage"


def parse(definition: str) -> Any:
    """The program of a state machine. Raises whatever moto's parser finds wrong with it."""
    return AmazonStateLanguageParser.parse(json.dumps(_with_fractions(json.loads(definition))))[0]


def _with_fractions(value: Any) -> Any:
    """moto's grammar wants a fraction in this one field, AWS takes any number."""
    if isinstance(value, list):
        return [_with_fractions(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: float(item) if key == _FRACTION and isinstance(item, int) else _with_fractions(item)
        for key, item in value.items()
    }


def failure(env: Any, error: str, cause: str, kind: Any = HistoryEventType.TaskFailed) -> Any:
    """The exception with which a state fails."""
    key = "taskFailedEventDetails"
    if kind == HistoryEventType.EvaluationFailed:
        key = "evaluationFailedEventDetails"
    event = FailureEvent(
        env=env,
        error_name=ErrorName(error),
        event_type=kind,
        event_details={key: {"error": error, "cause": cause}},
    )
    return FailureEventException(failure_event=event)


def _error_equals(self: Any, env: Any) -> None:
    error = env.stack.pop().error_name
    env.stack.append(matches([name.error_name for name in self.error_names], error))


def _retry(self: Any, env: Any) -> None:
    self.error_equals.eval(env)
    if not env.stack.pop():
        env.stack.append(RetrierOutcome.Skipped)
        return
    self.max_attempts.eval(env=env)
    if env.stack.pop() == MaxAttemptsOutcome.EXHAUSTED:
        env.stack.append(RetrierOutcome.Failed)
        return
    for part in (self.interval_seconds, self.backoff_rate, self.max_delay_seconds, self.jitter_strategy):
        part.eval(env=env)
    wait_scaled(env, env.stack.pop())
    env.stack.append(RetrierOutcome.Executed)


def _wait_interval(_self: Any, env: Any, wait_seconds: float) -> None:
    wait_scaled(env, wait_seconds)


def _seconds_until(self: Any, env: Any) -> float:
    self.string.eval(env=env)
    text = env.stack.pop()
    moment = self._from_timestamp_string(timestamp=text)
    if moment is None:
        raise FailureEventException(self._create_failure_event(env, text))
    left: float = (moment.replace(tzinfo=UTC) - datetime.now(UTC)).total_seconds()
    return left


def _choose(self: Any, env: Any) -> None:
    for rule in self.choices_decl.rules:
        rule.eval(env)
        if env.stack.pop() is True:
            env.stack.append(rule.next_stmt.name)
            return
    if self.default_state is None:
        cause = "Failed to transition out of the state. The state does not point to a next state."
        raise failure(env, "States.NoChoiceMatched", cause)
    env.stack.append(self.default_state.state_name)


def _variables(env: Any) -> dict[str, Any]:
    store = env.variable_store
    return {**store._outer_scope, **store._inner_scope}


def _evaluate_jsonata(self: Any, env: Any) -> None:
    variables = {**_variables(env), "states": env.states._states_data}
    try:
        env.stack.append(jsonata_engine.evaluate(self.expression, variables))
    except jsonata_engine.JsonataError as error:
        failed = failure(env, "States.QueryEvaluationError", str(error), HistoryEventType.EvaluationFailed)
        env.event_manager.add_event(
            context=env.event_history_context,
            event_type=HistoryEventType.EvaluationFailed,
            event_details={"evaluationFailedEventDetails": failed.get_evaluation_failed_event_details()},
        )
        raise failed from error


def _sample_variable(self: Any, env: Any) -> None:
    """`$name.path` in a JSONPath state: a path into a variable."""
    found = _VARIABLE.match(self.expression)
    variables = _variables(env)
    if found is None or found[1] not in variables:
        cause = f"The variable '{self.expression}' could not be found"
        raise failure(env, "States.QueryEvaluationError", cause)
    value = variables[found[1]]
    env.stack.append(copy.deepcopy(extract_json("$" + found[2], value) if found[2] else value))


def _evaluate_intrinsic(self: Any, env: Any) -> None:
    try:
        self.function.eval(env=env)
    except (FailureEventException, NoSuchJsonPathError):
        raise
    except Exception as error:
        cause = f"{error} in {self.intrinsic_function_derivation}"
        raise failure(env, "States.IntrinsicFailure", cause) from error


def _evaluate_with_timeout(self: Any, env: Any) -> None:
    """Run the state's work in a frame of its own that ends with the state, however the state ends."""
    self.timeout.eval(env=env)
    seconds = env.stack.pop()
    frame = env.open_frame()
    frame.states.reset(input_value=env.states.get_input())
    frame.stack = copy.deepcopy(env.stack)
    work = _Work(self, frame)
    work.run(env, seconds)
    work.end(env)
    if not env.is_running():
        return
    if work.error is not None:
        raise work.error
    if not work.done.is_set():
        raise EvalTimeoutError
    _take_output(self, env, frame.stack.pop())


class _Work:
    """A state's work in a thread of its own."""

    def __init__(self, state: Any, frame: Any) -> None:
        self.frame = frame
        self.error: Exception | None = None
        self.done = threading.Event()
        self._state = state

    def _evaluate(self) -> None:
        try:
            self._state._eval_execution(self.frame)
        except Exception as error:
            self.error = error
            if isinstance(error, NoSuchJsonPathError):
                error.add_note(str(self.frame.next_field_name))
        self.done.set()

    def run(self, env: Any, seconds: float) -> None:
        """Return when the work is done, `seconds` are over or the state machine has ended."""
        threading.Thread(target=self._evaluate, daemon=True).start()
        deadline = time.monotonic() + seconds
        while env.is_running() and (left := deadline - time.monotonic()) > 0:
            if self.done.wait(min(left, _SLICE_SECONDS)):
                return

    def end(self, env: Any) -> None:
        """Stop whatever of the work is left: its own threads see it and stop the jobs they wait for."""
        if self.done.is_set() and self.error is None:
            self.frame.set_ended()
        else:
            self.frame.set_stop(stop_date=datetime.now(UTC), cause=None, error=None)
        env.close_frame(self.frame)


def _take_output(self: Any, env: Any, output: Any) -> None:
    env.stack.append(output)
    if not self._is_language_query_jsonpath():
        env.states.set_result(output)
    if self.assign_decl:
        self.assign_decl.eval(env=env)
    if self.result_selector:
        self.result_selector.eval(env=env)
    if self.result_path:
        self.result_path.eval(env)
    else:
        env.states.reset(input_value=env.stack.pop())


_moto_from_error = ExecutionState._from_error


def _from_error(self: Any, env: Any, ex: Exception) -> Any:
    if isinstance(ex, NoSuchJsonPathError):
        field = ex.__notes__[0] if hasattr(ex, "__notes__") else env.next_field_name
        cause = (
            f"The JSONPath '{ex.json_path}' specified for the field '{field}' "
            f"could not be found in the input '{to_json_str(ex.data)}'"
        )
        return failure(env, "States.Runtime", cause).failure_event
    return _moto_from_error(self, env=env, ex=ex)


def _eval_execution_state(self: Any, env: Any) -> None:
    """Run a Task until it succeeds, is caught or fails for good."""
    env.states.context_object.context_object_data["State"]["RetryCount"] = 0
    while env.is_running():
        try:
            self._evaluate_with_timeout(env)
            return
        except Exception as error:
            event = self._from_error(env=env, ex=error)
        if _handled(self, env, event):
            return


def _handled(self: Any, env: Any, event: Any) -> bool:
    """Whether the failure ended the state by its Catch; False means that it is tried again."""
    name = event.error_name.error_name if event.error_name else None
    if event.event_type != HistoryEventType.EvaluationFailed and name != "States.Runtime":
        env.event_manager.add_event(
            context=env.event_history_context, event_type=event.event_type, event_details=event.event_details
        )
    output = self._construct_error_output_value(failure_event=event)
    env.states.set_error_output(output)
    env.states.set_result(output)
    if self.retry and self._handle_retry(env=env, failure_event=event).name == "CanRetry":
        return False
    if self.catch:
        self._handle_catch(env=env, failure_event=event)
        if env.stack[-1].name == "Caught":
            return True
    self._handle_uncaught(env=env, failure_event=event)
    return True


def _run_program(self: Any, env: Any) -> None:
    """Run a state machine, a branch or an iteration; its own TimeoutSeconds ends it."""
    env.next_state_name = self.start_at.start_at_name
    thread = threading.Thread(target=super(Program, self).eval, args=(env,), daemon=True)
    thread.start()
    thread.join(timeout=self.timeout_seconds.timeout_seconds if self.timeout_seconds else None)
    if thread.is_alive():
        env.set_timed_out()
        thread.join()


def _task_for(service_name: str) -> ServiceTask:
    del service_name  # the Task reads it from its Resource
    return ServiceTask()


def _state_data(**fields: Any) -> dict[str, Any]:
    """The context object's State, with its time as AWS writes it."""
    return {**fields, "EnteredTime": iso_stamp(datetime.fromisoformat(fields["EnteredTime"]))}


def _plug_in() -> None:
    """Put our rules in place of moto's, each only where moto still has what it replaces."""
    replacements: tuple[tuple[Any, str, list[str], Any], ...] = (
        (ErrorEqualsDecl, "_eval_body", ["self", "env"], _error_equals),
        (RetrierDecl, "_eval_body", ["self", "env"], _retry),
        (WaitFunction, "_wait_interval", ["self", "env", "wait_seconds"], _wait_interval),
        (Timestamp, "_get_wait_seconds", ["self", "env"], _seconds_until),
        (StateChoice, "_eval_state", ["self", "env"], _choose),
        (StringJSONata, "_eval_body", ["self", "env"], _evaluate_jsonata),
        (StringVariableSample, "_eval_body", ["self", "env"], _sample_variable),
        (StringIntrinsicFunction, "_eval_body", ["self", "env"], _evaluate_intrinsic),
        (ExecutionState, "_evaluate_with_timeout", ["self", "env"], _evaluate_with_timeout),
        (ExecutionState, "_from_error", ["self", "env", "ex"], _from_error),
        (ExecutionState, "_eval_state", ["self", "env"], _eval_execution_state),
        (Program, "eval", ["self", "env"], _run_program),
        (branches_decl, "CustomErrorName", ["error_name"], ErrorName),
        (iteration_worker, "CustomErrorName", ["error_name"], ErrorName),
        (state_task_factory, "state_task_service_for", ["service_name"], _task_for),
    )
    for owner, name, arguments, replacement in replacements:
        require(owner, name, arguments)
        setattr(owner, name, replacement)
    assert state.StateData.__required_keys__ == {"EnteredTime", "Name", "RetryCount"}
    state.StateData = _state_data
    logging.getLogger("moto.stepfunctions").setLevel(logging.CRITICAL)  # it logs what executions report


_plug_in()
