"""The context object of a state that is tried: a given one is shown as it is, to every part of the state."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from localcloud.step_functions.states.shapes import iso_stamp


def entered(execution: dict[str, Any], machine: dict[str, Any]) -> dict[str, Any]:
    """The context object before the state is entered."""
    return {"Execution": {**execution, "StartTime": iso_stamp(datetime.now(UTC))}, "StateMachine": machine}


class _Fixed(dict[str, Any]):
    """A State of the context in which the interpreter, which wants one, counts no attempts."""

    def __setitem__(self, name: str, value: Any) -> None:
        """What was given stays."""

    def __deepcopy__(self, memo: Any) -> dict[str, Any]:
        return copy.deepcopy(dict(self), memo)


def impose(state: Any, context: dict[str, Any]) -> None:
    """Have moto's state see this context object, whatever the interpreter writes into its own."""
    original = {
        name: getattr(state, name) for name in ("_eval_state_input", "_eval_state", "_evaluate_with_timeout")
    }
    kept: dict[str, Any] = {}

    def state_input(env: Any) -> None:
        kept.update(_show(env, context))
        original["_eval_state_input"](env)

    def all_of_it(env: Any) -> None:
        _data(env)["State"] = _Fixed(copy.deepcopy(context.get("State", {})))
        original["_eval_state"](env)

    def work(env: Any) -> None:
        _show(env, context)
        _hand_on(env, context, kept)
        original["_evaluate_with_timeout"](env)

    state._eval_state_input, state._eval_state, state._evaluate_with_timeout = state_input, all_of_it, work


def _data(env: Any) -> dict[str, Any]:
    data: dict[str, Any] = env.states.context_object.context_object_data
    return data


def _show(env: Any, context: dict[str, Any]) -> dict[str, Any]:
    """Put the context in the place of the environment's own, which is returned."""
    data = _data(env)
    before = dict(data)
    data.clear()
    data.update(copy.deepcopy(context))
    return before


def _hand_on(env: Any, context: dict[str, Any], kept: dict[str, Any]) -> None:
    """Show it in the frames that the environment opens too: moto copies members that may not be given."""

    def handing(opening: Callable[..., Any]) -> Callable[..., Any]:
        def opened(*arguments: Any, **named: Any) -> Any:
            _data(env).update(copy.deepcopy(kept))
            frame = opening(*arguments, **named)
            for one in (env, frame):
                _show(one, context)
            _hand_on(frame, context, kept)
            return frame

        return opened

    env.open_frame, env.open_inner_frame = handing(env.open_frame), handing(env.open_inner_frame)
