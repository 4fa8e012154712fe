"""When each state was in work, by the history of an execution: its visits, and the arrows that were taken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from covidlake.run.execution_history import ABORTED, CAUGHT, FAILED, RUNNING, SUCCEEDED, TIMED_OUT

_ENDS = {
    "FAILED": FAILED,
    "TIMED_OUT": TIMED_OUT,
    "ABORTED": ABORTED,
    "RUNNING": RUNNING,
    "PENDING_REDRIVE": RUNNING,
}
_FAULTS = ("Failed", "TimedOut", "Aborted")


@dataclass
class Visit:
    """One visit of a state, in seconds from the start of the execution.

    `about` names the data sets of the Map's iteration that it belongs to, `faults` counts failed attempts.
    """

    state: str
    about: str
    start: float
    end: float | None = None
    outcome: str = SUCCEEDED
    faults: int = 0

    @property
    def seconds(self) -> float:
        return (self.end or self.start) - self.start


@dataclass
class Timeline:
    """The visits in the order of their begin; `taken` counts the arrows from one state to the next."""

    visits: list[Visit] = field(default_factory=list)
    taken: Counter[tuple[str, str]] = field(default_factory=Counter)


@dataclass
class _Path:
    """Where an event stands: the visit, and the event that began the iteration of a Map around it."""

    visit: Visit | None = None
    iteration: int = 0


def timeline(events: Iterable[Mapping[str, Any]], status: str, until: str) -> Timeline:
    """Read the events as `Collected` keeps them.

    A visit without an exit lasts `until`, and ends as `status` says. Each event names the one before
    it on its path, which tells the iterations of a Map apart.
    """
    found, paths, named = Timeline(), {0: _Path()}, dict[int, str]()
    faulty: set[int] = set()
    begin: datetime | None = None
    for event in events:
        at = datetime.fromisoformat(event["at"])
        begin = begin or at
        seconds = (at - begin).total_seconds()
        before = paths.get(event.get("previousEventId", 0), _Path())
        path = _Path(before.visit, before.iteration)
        if "mapIterationStartedEventDetails" in event:
            path.iteration = event["id"]
        elif entered := event.get("stateEnteredEventDetails"):
            name = entered["name"]
            if before.visit and before.visit.end is not None:
                found.taken[before.visit.state, name] += 1
            about = (
                named.setdefault(path.iteration, ", ".join(event.get("named", []))) if path.iteration else ""
            )
            path.visit = Visit(name, about, seconds)
            found.visits.append(path.visit)
        elif exited := event.get("stateExitedEventDetails"):
            path = _left(exited["name"], seconds, path, found.visits, faulty)
        elif path.visit:
            _judge(event["type"], path.visit, faulty)
        paths[event["id"]] = path
    if begin:
        last = (datetime.fromisoformat(until) - begin).total_seconds()
        for visit in (one for one in found.visits if one.end is None):
            visit.end, visit.outcome = max(last, visit.start), _ENDS.get(status, SUCCEEDED)
    return found


def _left(name: str, seconds: float, path: _Path, visits: Sequence[Visit], faulty: set[int]) -> _Path:
    """A state is left; a Map ends on the path of its last iteration, and its own visit is an older one."""
    visit = path.visit
    if visit is None or visit.state != name or visit.end is not None:
        visit = next((one for one in visits if one.state == name and one.end is None), visit)
        path = _Path(visit, 0)
    if visit:
        visit.end = seconds
        if id(visit) in faulty:
            visit.outcome = CAUGHT  # its last attempt failed, and a Catch led on
    return _Path(visit, path.iteration)


def _judge(kind: str, visit: Visit, faulty: set[int]) -> None:
    if kind.endswith(_FAULTS) and not kind.startswith(("Execution", "Map")):
        visit.faults += 1
        faulty.add(id(visit))
    elif kind.endswith("Succeeded"):
        faulty.discard(id(visit))
