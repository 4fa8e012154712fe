"""moto's interpreter of the Amazon States Language, with AWS's rules where moto 5.2.5 leaves them.

Importing this module imports moto (about a second) and puts our parts into it, once per process.
"""

from __future__ import annotations

import logging
import sys
import time
from datetime import datetime
from typing import Any

from moto.stepfunctions.parser.asl.component.common.assign.assign_decl import AssignDecl
from moto.stepfunctions.parser.asl.component.common.error_name.error_equals_decl import ErrorEqualsDecl
from moto.stepfunctions.parser.asl.component.common.error_name.error_name import ErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEventException
from moto.stepfunctions.parser.asl.component.common.path.input_path import InputPath
from moto.stepfunctions.parser.asl.component.common.path.output_path import OutputPath
from moto.stepfunctions.parser.asl.component.common.path.result_path import ResultPath
from moto.stepfunctions.parser.asl.component.common.retry.max_attempts_decl import MaxAttemptsOutcome
from moto.stepfunctions.parser.asl.component.common.retry.retrier_decl import RetrierDecl
from moto.stepfunctions.parser.asl.component.common.retry.retrier_outcome import RetrierOutcome
from moto.stepfunctions.parser.asl.component.common.string.string_expression import (
    StringIntrinsicFunction,
    StringJSONata,
    StringVariableSample,
)
from moto.stepfunctions.parser.asl.component.common.timeouts.heartbeat import (
    HeartbeatSecondsJSONata,
    HeartbeatSecondsPath,
)
from moto.stepfunctions.parser.asl.component.common.timeouts.timeout import (
    TimeoutSecondsJSONata,
    TimeoutSecondsPath,
)
from moto.stepfunctions.parser.asl.component.intrinsic.function.statesfunction.json_manipulation.json_to_string import (  # noqa: E501
    JsonToString,
)
from moto.stepfunctions.parser.asl.component.program.program import Program
from moto.stepfunctions.parser.asl.component.state import state
from moto.stepfunctions.parser.asl.component.state.choice.comparison.comparison import ConditionStringJSONata
from moto.stepfunctions.parser.asl.component.state.choice.comparison.comparison_variable import (
    ComparisonVariable,
)
from moto.stepfunctions.parser.asl.component.state.choice.state_choice import StateChoice
from moto.stepfunctions.parser.asl.component.state.exec.execute_state import ExecutionState
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration import iteration_worker
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.distributed_iteration_component import (  # noqa: E501
    DistributedIterationComponent,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.inline_iteration_component import (  # noqa: E501
    InlineIterationComponent,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.result_writer.result_writer_decl import (
    ResultWriter,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_parallel import branches_decl
from moto.stepfunctions.parser.asl.component.state.exec.state_task import state_task_factory
from moto.stepfunctions.parser.asl.component.state.fail import state_fail
from moto.stepfunctions.parser.asl.component.state.fail.cause_decl import Cause
from moto.stepfunctions.parser.asl.component.state.fail.error_decl import Error
from moto.stepfunctions.parser.asl.component.state.state import CommonStateField
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.seconds import SecondsJSONata
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.timestamp import Timestamp
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import WaitFunction
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.variable_store import VariableStore
from moto.stepfunctions.parser.asl.utils import boto_client, encoding, json_path

from localcloud.plugin import require
from localcloud.step_functions.states import (
    aborted,
    choices,
    clients,
    expressions,
    failures,
    field_values,
    parsing,
    state_work,
    timestamps,
)
from localcloud.step_functions.states.error_matching import matches
from localcloud.step_functions.states.failures import failure
from localcloud.step_functions.states.maps import run
from localcloud.step_functions.states.parsing import is_intrinsic, parse
from localcloud.step_functions.states.shapes import iso_stamp
from localcloud.step_functions.states.tasks.activity import ActivityTask
from localcloud.step_functions.states.tasks.task import FunctionTask, ServiceTask
from localcloud.step_functions.states.waiting import scale, wait_scaled

_NO_TIMESTAMP = "cannot be parsed as an ISO-8601 extended offset date-time format string"
_LONGEST_WAIT_SECONDS = 2**31
_INLINE_CONCURRENCY = 40
__all__ = ["is_intrinsic", "parse"]

# Errors of work that waits for other work to end: that takes its real time, however short the waits are.
_BUSY = ("Glue.ConcurrentRunsExceededException",)


def _error_equals(self: Any, env: Any) -> None:
    name = env.stack.pop()
    error = name.error_name if name else None  # a Fail state or a callback may name none
    env.stack.append(matches([name.error_name for name in self.error_names], error))


def _retry(self: Any, env: Any) -> None:
    is_busy = bool(env.stack[-1]) and env.stack[-1].error_name in _BUSY
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
    if is_busy:
        _count_share(self.max_attempts, env)
    env.stack.append(RetrierOutcome.Executed)


def _count_share(attempts: Any, env: Any) -> None:
    """An attempt whose wait was shortened counts by that share: the last one is as late as on AWS."""
    attempts._store_attempt_number(env, attempts._access_attempt_number(env) - 1 + (scale() or 1.0))


def _wait_interval(_self: Any, env: Any, wait_seconds: float) -> None:
    wait_scaled(env, wait_seconds)


def _seconds_until(self: Any, env: Any) -> float:
    self.string.eval(env=env)
    text = env.stack.pop()
    instant = timestamps.read(text)
    if instant is None:
        if isinstance(self.string, StringJSONata):
            raise expressions.evaluation_failure(
                env, "Timestamp", f"The Timestamp field {_NO_TIMESTAMP}: {text}"
            )
        raise FailureEventException(self._create_failure_event(env, text))
    left = instant.seconds + instant.nanoseconds / 1e9 - time.time()
    if left > _LONGEST_WAIT_SECONDS:
        raise failure(env, "States.Runtime", "Wait state delay is too long.")
    return left


_moto_exited = CommonStateField._get_state_exited_event_details


def _exited(self: Any, env: Any) -> Any:
    expressions.commit_assign(env)
    return _moto_exited(self, env)


_moto_inline_map = InlineIterationComponent._eval_body


def _inline_map(self: Any, env: Any) -> None:
    """An inline Map runs 40 iterations at once where nothing else is said: moto makes a thread for each."""
    given = env.stack[-1]
    if given.max_concurrency == 0:
        given.max_concurrency = min(len(given.input_items), _INLINE_CONCURRENCY)
    aborted.in_iterations(_moto_inline_map, self, env)


_moto_branches = branches_decl.BranchesDecl._eval_body


def _branches(self: Any, env: Any) -> None:
    aborted.in_branches(_moto_branches, self, env)


def _work_on_jobs(self: Any, job: Any, worker_frame: Any) -> None:
    """moto's worker calls itself for each further iteration: a thousand of them overflow its stack."""
    while job is not None:
        job_frame = worker_frame.open_inner_frame()
        self._eval_job(env=job_frame, job=job)
        worker_frame.close_frame(job_frame)
        failed = isinstance(job.job_output, Exception) or self.stopped()
        following = None if failed else self._job_pool.next_job()
        if following is None:
            if not failed:
                last = job_frame.event_history_context.last_published_event_id
                worker_frame.event_history_context.source_event_id = last
            self._env.close_frame(worker_frame)  # before the job: the Map waits for jobs, not for workers
            self._job_pool.close_job(job)
            return
        self._job_pool.close_job(job)
        job = following
    self._env.close_frame(worker_frame)


def _results_are_written(self: Any, env: Any) -> None:
    """The map run wrote its results before it ended."""


_moto_inner_frame = Environment.as_inner_frame_of


def _inner_frame(_cls: Any, env: Any, *given: Any, **named: Any) -> Any:
    """moto's, but that what runs within an iteration sees the item, as the iteration's own states do."""
    frame = _moto_inner_frame(env, *given, **named)
    data = env.states.context_object.context_object_data
    if "Map" in data:
        frame.states.context_object.context_object_data["Map"] = data["Map"]
    return frame


def _state_data(**fields: Any) -> dict[str, Any]:
    """The context object's State, with its time as AWS writes it."""
    return {**fields, "EnteredTime": iso_stamp(datetime.fromisoformat(fields["EnteredTime"]))}


def _task_for(service_name: str) -> ServiceTask:
    del service_name  # the Task reads it from its Resource
    return ServiceTask()


_REPLACEMENTS: tuple[tuple[Any, str, list[str], Any], ...] = (
    (ErrorEqualsDecl, "_eval_body", ["self", "env"], _error_equals),
    (RetrierDecl, "_eval_body", ["self", "env"], _retry),
    (WaitFunction, "_wait_interval", ["self", "env", "wait_seconds"], _wait_interval),
    (Timestamp, "_get_wait_seconds", ["self", "env"], _seconds_until),
    (SecondsJSONata, "_get_wait_seconds", ["self", "env"], field_values.seconds),
    (TimeoutSecondsJSONata, "_eval_seconds", ["self", "env"], field_values.seconds),
    (HeartbeatSecondsJSONata, "_eval_seconds", ["self", "env"], field_values.seconds),
    (TimeoutSecondsPath, "_eval_seconds", ["self", "env"], field_values.timeout),
    (HeartbeatSecondsPath, "_eval_seconds", ["self", "env"], field_values.heartbeat),
    (ConditionStringJSONata, "_eval_body", ["self", "env"], field_values.condition),
    (Error, "_eval_body", ["self", "env"], field_values.text),
    (Cause, "_eval_body", ["self", "env"], field_values.text),
    (InputPath, "_eval_body", ["self", "env"], field_values.input_path),
    (OutputPath, "_eval_body", ["self", "env"], field_values.output_path),
    (ResultPath, "_eval_body", ["self", "env"], field_values.result_path),
    (CommonStateField, "_get_state_exited_event_details", ["self", "env"], _exited),
    (AssignDecl, "_eval_body", ["self", "env"], expressions.evaluate_assign),
    (VariableStore, "get_assigned_variables", ["self"], expressions.assigned_variables),
    (ComparisonVariable, "_eval_body", ["self", "env"], choices.compare),
    (StateChoice, "_eval_state", ["self", "env"], choices.choose),
    (StateChoice, "_eval_state_output", ["self", "env"], choices.leave),
    (DistributedIterationComponent, "_eval_body", ["self", "env"], run.evaluate),
    (InlineIterationComponent, "_eval_body", ["self", "env"], _inline_map),
    (ResultWriter, "_eval_body", ["self", "env"], _results_are_written),
    (Environment, "as_inner_frame_of", ["env", "variable_store"], classmethod(_inner_frame)),
    (iteration_worker.IterationWorker, "_eval_pool", ["self", "job", "worker_frame"], _work_on_jobs),
    (StringJSONata, "_eval_body", ["self", "env"], expressions.evaluate_jsonata),
    (StringVariableSample, "_eval_body", ["self", "env"], expressions.sample_variable),
    (StringIntrinsicFunction, "_eval_body", ["self", "env"], expressions.evaluate_intrinsic),
    (JsonToString, "_eval_body", ["self", "env"], expressions.json_to_string),
    (ExecutionState, "_evaluate_with_timeout", ["self", "env"], state_work.evaluate_with_timeout),
    (ExecutionState, "_from_error", ["self", "env", "ex"], state_work.from_error),
    (ExecutionState, "_eval_state", ["self", "env"], state_work.evaluate_task),
    (ExecutionState, "_handle_catch", ["self", "env", "failure_event"], state_work.handle_catch),
    (Program, "eval", ["self", "env"], state_work.run_program),
    (branches_decl.BranchesDecl, "_eval_body", ["self", "env"], _branches),
    (state_fail, "CustomErrorName", ["error_name"], ErrorName),
    (branches_decl, "CustomErrorName", ["error_name"], ErrorName),
    (iteration_worker, "CustomErrorName", ["error_name"], ErrorName),
    (state_task_factory, "state_task_service_for", ["service_name"], _task_for),
    (state_task_factory, "StateTaskLambda", [], FunctionTask),
    (state_task_factory, "StateTaskActivity", [], ActivityTask),
)
# Functions whose name other modules of moto have copied.
_COPIED: tuple[tuple[Any, str, list[str], Any], ...] = (
    (boto_client, "boto_client_for", ["region", "service", "state_credentials"], clients.client_for),
    (encoding, "to_json_str", ["obj", "separators"], expressions.to_json_str),
    (json_path, "extract_json", ["path", "data"], expressions.extract_json),
)


def _plug_in() -> None:
    """Put our rules in place of moto's, each only where moto still has what it replaces."""
    for owner, name, arguments, replacement in _REPLACEMENTS:
        require(owner, name, arguments)
        setattr(owner, name, replacement)
    for owner, name, arguments, replacement in _COPIED:
        original = require(owner, name, arguments)
        for module_name, module in list(sys.modules.items()):
            if module_name.startswith("moto.stepfunctions.") and getattr(module, name, None) is original:
                setattr(module, name, replacement)
    for module in (parsing, choices, failures):
        module.plug_in()
    assert state.StateData.__required_keys__ == {"EnteredTime", "Name", "RetryCount"}
    state.StateData = _state_data
    logging.getLogger("moto.stepfunctions").setLevel(logging.CRITICAL)  # it logs what executions report


_plug_in()
