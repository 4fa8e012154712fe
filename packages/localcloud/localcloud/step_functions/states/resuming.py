"""Where an execution that did not succeed stopped, as its history tells it: there a redrive goes on."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

Record = dict[str, Any]


@dataclass(frozen=True)
class Point:
    """The state that a redrive begins with, what it is given, and the variables of the machine."""

    state: str
    state_input: Any
    variables: dict[str, Any] = field(default_factory=dict)
    entered: bool = True  # the history has its entry already


def stopping_point(record: Record) -> Point | None:
    """The state of the machine itself, not one inside a Map or Parallel.

    An execution that was stopped between two states has left one and not entered the next; nothing when
    the history does not say which that would have been.
    """
    definition = json.loads(record["startedWith"]["definition"])
    variables: dict[str, Any] = {}
    point = Point(definition["StartAt"], json.loads(record["input"]), entered=False)
    for event in record["events"]:
        details = event.get("stateEnteredEventDetails") or event.get("stateExitedEventDetails") or {}
        if details.get("name") not in definition["States"]:
            continue
        if "stateEnteredEventDetails" in event:
            point = Point(details["name"], json.loads(details["input"]))
        else:
            assigned = details.get("assignedVariables") or {}
            variables |= {name: json.loads(text) for name, text in assigned.items()}
            left = definition["States"][details["name"]]
            after = "" if "Catch" in left else left.get("Next", "")
            point = Point(after, json.loads(details["output"]), entered=False)
    return Point(point.state, point.state_input, variables, point.entered) if point.state else None
