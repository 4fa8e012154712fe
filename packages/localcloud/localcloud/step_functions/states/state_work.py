"""How a Task, Parallel or Map state of moto's interpreter does its work: time-out, retry, catch, end."""

from __future__ import annotations

import copy
import threading
import time
from datetime import UTC, datetime
from typing import Any

from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.common.timeouts.timeout import EvalTimeoutError
from moto.stepfunctions.parser.asl.component.program.program import Program
from moto.stepfunctions.parser.asl.component.state.exec.execute_state import ExecutionState
from moto.stepfunctions.parser.asl.utils.json_path import NoSuchJsonPathError

from localcloud.step_functions.states.expressions import to_json_str
from localcloud.step_functions.states.failures import failure_event

_SLICE_SECONDS = 0.05
_moto_from_error = ExecutionState._from_error
_moto_handle_catch = ExecutionState._handle_catch


def evaluate_with_timeout(self: Any, env: Any) -> None:
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
            if isinstance(error, NoSuchJsonPathError):
                error.add_note(str(self.frame.next_field_name))  # only the frame knows the field
            self.error = error
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


def from_error(self: Any, env: Any, ex: Exception) -> Any:
    """The failure that an exception of the work means."""
    if isinstance(ex, NoSuchJsonPathError):
        field = ex.__notes__[0] if hasattr(ex, "__notes__") else env.next_field_name
        cause = (
            f"The JSONPath '{ex.json_path}' specified for the field '{field}' "
            f"could not be found in the input '{to_json_str(ex.data)}'"
        )
        return failure_event(env, "States.Runtime", cause)
    return _moto_from_error(self, env=env, ex=ex)


def evaluate_task(self: Any, env: Any) -> None:
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
    if name is None and "resourceType" in next(iter(event.event_details.values())):
        output = {"Error": None, "Cause": None}  # SendTaskFailure named neither
    env.states.set_error_output(output)
    if self.retry and self._handle_retry(env=env, failure_event=event).name == "CanRetry":
        return False
    if self.catch:
        self._handle_catch(env=env, failure_event=event)
        if env.stack[-1].name == "Caught":
            return True
    self._handle_uncaught(env=env, failure_event=event)
    return True


def handle_catch(self: Any, env: Any, failure_event: Any) -> None:
    """moto's, but that a Catch sees no result beside the error."""
    env.states._states_data.pop("result", None)
    _moto_handle_catch(self, env, failure_event)


def run_program(self: Any, env: Any) -> None:
    """Run a state machine, a branch or an iteration; its own TimeoutSeconds ends it."""
    env.next_state_name = self.start_at.start_at_name
    if getattr(env.event_manager, "is_closed", False):  # aborted before it began
        env.set_stop(stop_date=datetime.now(UTC), cause=None, error=None)
    thread = threading.Thread(target=super(Program, self).eval, args=(env,), daemon=True)
    thread.start()
    thread.join(timeout=self.timeout_seconds.timeout_seconds if self.timeout_seconds else None)
    if thread.is_alive():
        env.set_timed_out()
        thread.join()
