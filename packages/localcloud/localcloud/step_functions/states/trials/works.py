"""The work of a state that is tried with a mock: its parameters are evaluated, and the mock answers."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from localcloud.step_functions.states.failures import failure, plainly
from localcloud.step_functions.states.trials.given import Mock
from localcloud.step_functions.states.trials.maps import MapWork
from localcloud.step_functions.states.trials.notes import Notes


def mocked(kind: str, state: Any, mock: Mock, notes: Notes) -> Callable[[Any], None]:
    """What stands in for moto's `_eval_execution` of the state."""

    def work(env: Any) -> None:
        if kind == "Task":
            _task(state, env)
        elif kind == "Map":
            MapWork(state, mock, notes).evaluate(env)
        _answer(mock, env)  # moto evaluates the parameters of a Parallel before its work

    return work


def _task(state: Any, env: Any) -> None:
    state._eval_parameters(env=env)
    state._eval_state_credentials(env=env)
    if state.heartbeat is not None:
        state.heartbeat.eval(env=env)
        env.stack.pop()


def _answer(mock: Mock, env: Any) -> None:
    if mock.error is not None:
        raise plainly(failure(env, mock.error.error, mock.error.cause))
    env.stack.append(copy.deepcopy(mock.result))
