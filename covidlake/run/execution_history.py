"""The outcome of each state in an execution, read from its history."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

# The worst wins where a state was visited more than once, as for two data sets.
SUCCEEDED, RUNNING, CAUGHT, FAILED, TIMED_OUT, ABORTED = (
    "succeeded",
    "running",
    "caught",
    "failed",
    "timedout",
    "aborted",
)
SEVERITY = (SUCCEEDED, CAUGHT, RUNNING, ABORTED, TIMED_OUT, FAILED)
_ENDS = {"FAILED": FAILED, "TIMED_OUT": TIMED_OUT, "ABORTED": ABORTED, "RUNNING": RUNNING}
_FAULTS = ("Failed", "TimedOut", "Aborted")


@dataclass
class StateOutcome:
    """A state's outcome over all of its visits; `faults` counts the attempts of a task that failed."""

    outcome: str
    visits: int = 0
    faults: int = 0


def outcomes(events: Iterable[Mapping[str, Any]], status: str) -> dict[str, StateOutcome]:
    """By state name, for those that were entered; `status` is the execution's own.

    Each event names the one before it, so what happened belongs to the state that was entered last on its
    path. That separates the paths of a Map. A visit without an exit ends as the execution did.
    """
    entered: dict[int, tuple[str, int]] = {}  # event -> the state on whose path it is, and the visit
    open_visits: dict[int, str] = {}
    faulty: dict[int, int] = {}
    found: dict[str, StateOutcome] = {}
    for event in events:
        identity = int(event["id"])
        where = entered.get(int(event.get("previousEventId", 0)))
        if details := event.get("stateEnteredEventDetails"):
            where = (str(details["name"]), identity)
            open_visits[identity] = where[0]
            found.setdefault(where[0], StateOutcome(SUCCEEDED)).visits += 1
        elif where and event["type"].endswith(_FAULTS) and not event["type"].startswith(("Execution", "Map")):
            faulty[where[1]] = faulty.get(where[1], 0) + 1
            found[where[0]].faults += 1
        elif where and event["type"].endswith("Succeeded"):
            faulty.pop(where[1], None)
        elif details := event.get("stateExitedEventDetails"):
            visit = _visit_of(str(details["name"]), where, open_visits)
            open_visits.pop(visit, None)
            if visit in faulty:  # it was left by its Catch
                _worsen(found[str(details["name"])], CAUGHT)
        if where:
            entered[identity] = where
    for name in open_visits.values():
        _worsen(found[name], _ENDS.get(status, SUCCEEDED))
    return found


def _visit_of(name: str, where: tuple[str, int] | None, open_visits: Mapping[int, str]) -> int:
    """The visit that ends; that of a Map, whose path ends in its last iteration, is the oldest open one."""
    if where and where[0] == name:
        return where[1]
    return next((visit for visit, state in open_visits.items() if state == name), 0)


def _worsen(outcome: StateOutcome, other: str) -> None:
    outcome.outcome = max(outcome.outcome, other, key=SEVERITY.index)


def data_set_outcomes(events: Iterable[Mapping[str, Any]], state: str) -> list[dict[str, Any]]:
    """Each data set's outcome, also a failed one's: the output of a state; [] if it was never left."""
    for event in events:
        details = event.get("stateExitedEventDetails") or {}
        if details.get("name") == state and details.get("output"):
            output = json.loads(details["output"])
            found = output.get("outcomes") if isinstance(output, dict) else None
            return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    return []


def data_sets_of_iterations(events: Iterable[Mapping[str, Any]]) -> dict[tuple[str, int], tuple[str, ...]]:
    """By Map and index of the iteration: the data sets that it is about, which its input names."""
    begun: dict[int, tuple[str, int]] = {}  # by the event that begins an iteration
    found: dict[tuple[str, int], tuple[str, ...]] = {}
    for event in events:
        if details := event.get("mapIterationStartedEventDetails"):
            begun[int(event["id"])] = (str(details["name"]), int(details["index"]))
        elif (iteration := begun.get(int(event.get("previousEventId", 0)))) and (
            details := event.get("stateEnteredEventDetails")
        ):
            found[iteration] = _named(details.get("input", ""))
    return found


def _named(given: str) -> tuple[str, ...]:
    try:
        item = json.loads(given)
    except ValueError:
        return ()
    if not isinstance(item, dict):
        return ()
    several = item.get("datasets")
    return tuple(map(str, several)) if isinstance(several, list) else (str(item.get("dataset", "")),)
