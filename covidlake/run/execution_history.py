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


def data_set_outcomes(events: Iterable[Mapping[str, Any]], map_state: str) -> list[dict[str, Any]]:
    """Each data set's outcome, also a failed one's: the output of the Map state; [] if it never ended."""
    for event in events:
        details = event.get("stateExitedEventDetails") or {}
        if details.get("name") == map_state and details.get("output"):
            output = json.loads(details["output"])
            return [one for one in output if isinstance(one, dict)] if isinstance(output, list) else []
    return []
