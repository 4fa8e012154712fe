"""What the data of a state is between its steps: the members of inspectionData."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from localcloud.step_functions.states.trials.notes import Notes


def watch(kind: str, state: Any, notes: Notes) -> None:
    """Have the steps of moto's state tell what they leave on the interpreter's stack.

    AWS tells less of a Parallel or Map than of a Task: neither a raw result nor Arguments or Parameters,
    and nothing before the result of a Parallel. What is a Map's own, its work tells.
    """
    if not state._is_language_query_jsonpath():
        if kind not in ("Parallel", "Map"):
            _tell(notes, getattr(state, "parargs", None), "_eval_body", "afterArguments")
        if kind == "Task":
            _tell(notes, state, "_eval_execution", "result")
        return
    has_result = kind == "Pass" and state.result is not None
    if not has_result and kind != "Parallel":
        _tell(notes, state.input_path, "_eval_body", "afterInputPath")
    if kind == "Task":
        _tell(notes, state.parargs, "_eval_body", "afterParameters")
        _tell(notes, state, "_eval_execution", "result")
    if kind == "Pass":
        _tell(notes, None if has_result else state.parameters, "_eval_body", "afterParameters")
        _tell(notes, state.result, "_eval_body", "result")
    if kind in ("Task", "Parallel", "Map"):
        _tell(notes, state.result_selector, "_eval_body", "afterResultSelector")
    if kind in ("Task", "Pass", "Parallel", "Map"):
        before = partial(_defaults, kind, notes)
        _tell(notes, state.result_path, "_eval_body", "afterResultPath", before)


def default_parameters(notes: Notes) -> None:
    """Without Parameters, what InputPath leaves is what the work is given."""
    if "afterInputPath" in notes.members:
        notes.members.setdefault("afterParameters", notes.members["afterInputPath"])


def _defaults(kind: str, notes: Notes, env: Any) -> None:
    """A filter that the state has not leaves what it is given."""
    if kind in ("Task", "Pass"):
        default_parameters(notes)
    notes.members.setdefault("afterResultSelector", notes.text(env.stack[-1]))


def _tell(
    notes: Notes, component: Any, method: str, name: str, before: Callable[[Any], None] = lambda _env: None
) -> None:
    if component is None:
        return
    evaluate = getattr(component, method)

    def watched(env: Any) -> None:
        before(env)
        evaluate(env)
        notes.tell(name, env.stack[-1])

    setattr(component, method, watched)
