"""An execution's history as events of the tree: states below the execution, iterations below their Map."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from covidlake.base import json_text
from covidlake.base.text import one_line
from covidlake.live.model import FAILED, SUCCEEDED, Event
from covidlake.run import execution_history

RECORD = "Record"  # in the names of states that read what a job did
UNSEEN = ("Choice", "Pass", "Succeed", "Fail")  # states that take no time
_FAULTS = ("Failed", "TimedOut", "Aborted")
ENDS = {"SUCCEEDED": SUCCEEDED, "FAILED": FAILED, "TIMED_OUT": "timed out", "ABORTED": "stopped"}
ROWS = (
    ("read", "rows_read"),
    ("new", "rows_new"),
    ("restated", "rows_restated"),
    ("changed", "rows_changed"),
    ("deleted", "rows_deleted"),
    ("quarantined", "rows_quarantined"),
)


@dataclass
class States:
    """Reads the events of one execution as they come; `wants_data` says that their data would tell more."""

    execution: str
    wants_data: bool = False
    job_runs: dict[str, str] = field(default_factory=dict)  # node -> id of the Glue job run
    _node_of: dict[int, str] = field(default_factory=dict)  # event -> the node on whose path it is
    _scope_of: dict[int, str] = field(default_factory=dict)  # event -> the execution or iteration it is in
    _open: dict[str, list[str]] = field(default_factory=dict)  # state's name -> its open nodes
    _faulty: set[str] = field(default_factory=set)
    _told: dict[str, str] = field(default_factory=dict)

    def read(self, events: Iterable[Mapping[str, Any]]) -> list[Event]:
        """The tree's events of new events of the history, the oldest first."""
        return [found for event in events for found in self._read(event)]

    def _read(self, event: Mapping[str, Any]) -> Iterator[Event]:
        number, before = int(event["id"]), int(event.get("previousEventId", 0))
        kind, at = str(event["type"]), event["timestamp"]
        scope = self._scope_of.get(before, self.execution)
        node = self._node_of.get(before)
        if kind == "ExecutionStarted":
            yield Event("begun", self.execution, at, title=f"execution {self.execution}")
        elif begun := event.get("mapIterationStartedEventDetails"):
            scope = self._iteration(str(begun["name"]), int(begun["index"]))
            node, self.wants_data = None, True
            parent = scope.rpartition("[")[0]
            yield Event("begun", scope, at, parent=parent, title=f"#{begun['index']}")
        elif kind.startswith("MapIteration"):
            ended = event.get(f"m{kind[1:]}EventDetails") or {}
            scope = self._iteration(str(ended.get("name", "")), int(ended.get("index", 0)))
            yield Event("ended", scope, at, status=SUCCEEDED if kind.endswith("Succeeded") else FAILED)
        elif entered := event.get("stateEnteredEventDetails"):
            node = f"{scope}/{entered['name']}"
            if not kind.startswith(UNSEEN):
                self._open.setdefault(str(entered["name"]), []).append(node)
                yield Event("begun", node, at, parent=scope, title=str(entered["name"]))
        elif exited := event.get("stateExitedEventDetails"):
            if node := self._leave(str(exited["name"]), node):
                scope = node.rpartition("/")[0]
                self._faulty.discard(node)
                yield Event("ended", node, at, status=SUCCEEDED)
            self.wants_data |= RECORD in str(exited["name"])
        elif node is not None:
            yield from self._task(kind, node, event)
        if node is not None:
            self._node_of[number] = node
        self._scope_of[number] = scope

    def _iteration(self, name: str, index: int) -> str:
        """The id of an iteration, below the node of its Map that is open."""
        opened = self._open.get(name) or [f"{self.execution}/{name}"]
        return f"{opened[-1]}[{index}]"

    def _leave(self, name: str, node: str | None) -> str | None:
        """The node that a state's exit ends, if it has one: a Map's exit is on the path of an iteration."""
        opened = self._open.get(name, [])
        if not opened:
            return None
        found = node if node in opened else opened[0]
        opened.remove(found)
        return found

    def _task(self, kind: str, node: str, event: Mapping[str, Any]) -> Iterator[Event]:
        if kind.endswith(_FAULTS) and not kind.startswith(("Execution", "Map")):
            self._faulty.add(node)
            details: Mapping[str, Any] = next(
                (value for name, value in event.items() if name.endswith("EventDetails")), {}
            )
            yield Event("noted", node, event["timestamp"], text=one_line(details.get("error", "failed")))
        elif kind == "TaskScheduled" and node in self._faulty:
            self._faulty.discard(node)
            yield Event("retried", node, event["timestamp"])
        elif kind == "TaskSubmitted":
            submitted = event.get("taskSubmittedEventDetails") or {}
            self.wants_data |= str(submitted.get("resourceType", "")) == "glue"

    def enrich(self, events: Iterable[Mapping[str, Any]], at: datetime) -> list[Event]:
        """What the data of all events so far tells: names of iterations, rows of records, ids of job runs."""
        known = list(events)
        self.wants_data = False
        found: list[Event] = []
        for (name, index), names in execution_history.data_sets_of_iterations(known).items():
            iteration, title = self._known_iteration(name, index), ", ".join(filter(None, names))
            if iteration and title and self._is_news(iteration, title):
                found.append(Event("titled", iteration, at, title=title))
        for event in known:
            node = self._node_of.get(int(event["id"]))
            exited = event.get("stateExitedEventDetails") or {}
            if RECORD in str(exited.get("name", "")):
                found += self._record(_object(exited.get("output")), event["timestamp"])
            submitted = event.get("taskSubmittedEventDetails") or {}
            if node and submitted.get("resourceType") == "glue":
                run_id = str(_object(submitted.get("output")).get("JobRunId", ""))
                if run_id:
                    self.job_runs[node] = run_id
        return found

    def _known_iteration(self, name: str, index: int) -> str:
        end = f"/{name}[{index}]"
        return next((one for one in self._scope_of.values() if one.endswith(end)), "")

    def _record(self, output: Mapping[str, Any], at: datetime) -> Iterator[Event]:
        """What became of a data set, as a line of its own that stays."""
        name, record = str(output.get("dataset") or ""), output.get("run")
        failure = _mapping(output.get("failure"))
        text = one_line(failure.get("error", "")) or rows_text(record)
        node = f"{self.execution}/={name}"
        if name and text and self._is_news(node, text):
            yield Event("begun", node, at, parent=self.execution, title=name)
            yield Event("ended", node, at, status=FAILED if failure else SUCCEEDED, text=text)

    def _is_news(self, node: str, text: str) -> bool:
        """Nothing is told twice."""
        news = self._told.get(node) != text
        self._told[node] = text
        return news


def rows_text(record: Any) -> str:
    """`3,787 rows read, 3,780 new; the table holds 3,780`, of a run record; empty where it says nothing."""
    if not isinstance(record, dict):
        return ""
    counts = [
        f"{record[key]:,} {word}" for word, key in ROWS if isinstance(record.get(key), int) and record[key]
    ]
    if record.get("status") == "NOTHING_NEW":
        counts = ["nothing new"]
    if isinstance(record.get("table_rows"), int):
        counts.append(f"the table holds {record['table_rows']:,}")
    return ", ".join(counts)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _object(text: Any) -> Mapping[str, Any]:
    if not isinstance(text, str):
        return {}
    try:
        found = json_text.parse(text)
    except (json.JSONDecodeError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
