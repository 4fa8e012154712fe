"""What the history says of branches and iterations that end because another one failed."""

from __future__ import annotations

from typing import Any

from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEventException

_ABORTED = {
    "TaskStateEntered": HistoryEventType.TaskStateAborted,
    "WaitStateEntered": HistoryEventType.WaitStateAborted,
}


def in_branches(evaluate: Any, component: Any, env: Any) -> None:
    """Evaluate a Parallel state's branches; one that fails aborts the states of all."""
    begun = len(env.event_manager.events)
    try:
        evaluate(component, env)
    except FailureEventException:
        for kind in _open_states(env.event_manager.events[begun:]):
            _add(env, kind)
        raise


def in_iterations(evaluate: Any, component: Any, env: Any) -> None:
    """Evaluate an inline Map's iterations; one that fails aborts those that have begun."""
    begun = len(env.event_manager.events)
    try:
        evaluate(component, env)
    except Exception:
        events = env.event_manager.events[begun:]
        states, iterations = _open_states(events), _open_iterations(events)
        for details in iterations:
            if states:
                _add(env, states.pop())
            _add(env, HistoryEventType.MapIterationAborted, {"mapIterationAbortedEventDetails": details})
        for kind in states if iterations else ():
            _add(env, kind)
        raise


def _open_states(events: list[dict[str, Any]]) -> list[Any]:
    """The abort of each state that was entered and not left."""
    entered: dict[tuple[str, str], int] = {}
    for event in events:
        kind = event["type"].replace("StateExited", "StateEntered")
        if kind in _ABORTED:
            details = event.get("stateEnteredEventDetails") or event["stateExitedEventDetails"]
            key = (kind, details["name"])
            entered[key] = entered.get(key, 0) + (1 if kind == event["type"] else -1)
    return [_ABORTED[kind] for (kind, _), count in entered.items() for _ in range(count)]


def _open_iterations(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    begun = {}
    for event in events:
        if event["type"] == "MapIterationStarted":
            details = event["mapIterationStartedEventDetails"]
            begun[(details["name"], details["index"])] = details
        for word in ("Succeeded", "Failed", "Aborted"):
            if event["type"] == f"MapIteration{word}":
                details = event[f"mapIteration{word}EventDetails"]
                begun.pop((details["name"], details["index"]), None)
    return list(begun.values())


def _add(env: Any, kind: Any, details: Any = None) -> None:
    env.event_manager.add_event(
        context=env.event_history_context,
        event_type=kind,
        event_details=details,
        update_source_event_id=False,
    )
