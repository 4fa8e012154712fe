"""moto's interpreter of the Amazon States Language, with AWS's rules where moto 5.2.5 leaves them.

Importing this module imports moto (about a second) and puts our parts into it, once per process.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

from moto.stepfunctions.parser.asl.component.common.error_name.error_equals_decl import ErrorEqualsDecl
from moto.stepfunctions.parser.asl.component.common.error_name.error_name import ErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEventException
from moto.stepfunctions.parser.asl.component.common.retry.max_attempts_decl import MaxAttemptsOutcome
from moto.stepfunctions.parser.asl.component.common.retry.retrier_decl import RetrierDecl
from moto.stepfunctions.parser.asl.component.common.retry.retrier_outcome import RetrierOutcome
from moto.stepfunctions.parser.asl.component.common.string.string_expression import (
    StringIntrinsicFunction,
    StringJSONata,
    StringVariableSample,
)
from moto.stepfunctions.parser.asl.component.intrinsic.function.statesfunction.json_manipulation.json_to_string import (  # noqa: E501
    JsonToString,
)
from moto.stepfunctions.parser.asl.component.program.program import Program
from moto.stepfunctions.parser.asl.component.state import state
from moto.stepfunctions.parser.asl.component.state.choice.state_choice import StateChoice
from moto.stepfunctions.parser.asl.component.state.exec.execute_state import ExecutionState
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration import iteration_worker
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.distributed_iteration_component import (  # noqa: E501
    DistributedIterationComponent,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_parallel import branches_decl
from moto.stepfunctions.parser.asl.component.state.exec.state_task import state_task_factory
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.timestamp import Timestamp
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import WaitFunction
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.asl.utils import boto_client, encoding, json_path

from localcloud.plugin import require
from localcloud.step_functions.states import clients, expressions, state_work
from localcloud.step_functions.states.error_matching import matches
from localcloud.step_functions.states.failures import failure
from localcloud.step_functions.states.shapes import iso_stamp
from localcloud.step_functions.states.task import FunctionTask, ServiceTask
from localcloud.step_functions.states.waiting import scale, wait_scaled

_FRACTION = "ToleratedFailurePercentage"
# Errors of work that waits for other work to end: that takes its real time, however short the waits are.
_BUSY = ("Glue.ConcurrentRunsExceededException",)


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


def _error_equals(self: Any, env: Any) -> None:
    error = env.stack.pop().error_name
    env.stack.append(matches([name.error_name for name in self.error_names], error))


def _retry(self: Any, env: Any) -> None:
    is_busy = env.stack[-1].error_name in _BUSY
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


_moto_map_run = DistributedIterationComponent._map_run


def _map_run(self: Any, env: Any, eval_input: Any) -> None:
    """Fail a distributed Map with more failed iterations than it tolerates: moto tolerates them all."""
    _moto_map_run(self, env, eval_input)
    counts = eval_input.map_run_record.execution_counter.describe()
    failed = counts["failed"] + counts["timedOut"] + counts["aborted"]
    share = 100 * failed / max(counts["total"], 1)
    limits = (eval_input.tolerated_failure_count or 0, eval_input.tolerated_failure_percentage or 0)
    exceeded = [value > limit for value, limit in zip((failed, share), limits, strict=True) if limit]
    if any(exceeded) or (failed and not exceeded):
        cause = "The specified tolerated failure threshold was exceeded"
        raise failure(env, "States.ExceedToleratedFailureThreshold", cause)


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
    (StateChoice, "_eval_state", ["self", "env"], _choose),
    (DistributedIterationComponent, "_map_run", ["self", "env", "eval_input"], _map_run),
    (StringJSONata, "_eval_body", ["self", "env"], expressions.evaluate_jsonata),
    (StringVariableSample, "_eval_body", ["self", "env"], expressions.sample_variable),
    (StringIntrinsicFunction, "_eval_body", ["self", "env"], expressions.evaluate_intrinsic),
    (JsonToString, "_eval_body", ["self", "env"], expressions.json_to_string),
    (ExecutionState, "_evaluate_with_timeout", ["self", "env"], state_work.evaluate_with_timeout),
    (ExecutionState, "_from_error", ["self", "env", "ex"], state_work.from_error),
    (ExecutionState, "_eval_state", ["self", "env"], state_work.evaluate_task),
    (Program, "eval", ["self", "env"], state_work.run_program),
    (branches_decl, "CustomErrorName", ["error_name"], ErrorName),
    (iteration_worker, "CustomErrorName", ["error_name"], ErrorName),
    (state_task_factory, "state_task_service_for", ["service_name"], _task_for),
    (state_task_factory, "StateTaskLambda", [], FunctionTask),
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
    assert state.StateData.__required_keys__ == {"EnteredTime", "Name", "RetryCount"}
    state.StateData = _state_data
    logging.getLogger("moto.stepfunctions").setLevel(logging.CRITICAL)  # it logs what executions report


_plug_in()
