"""The history of one execution: events go straight into ministack's record and to the log group."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventIdGenerator, EventManager

from localcloud.plugin import require
from localcloud.step_functions.states.shapes import iso_stamp

Event = dict[str, Any]

require(
    EventManager,
    "_publish_history_event",
    ["self", "event_id", "source_event_id", "event_type", "timestamp", "event_details"],
)
require(EventManager, "add_event", ["self", "context", "event_type"])
require(EventIdGenerator, "get", ["self"])


class History(EventManager):  # type: ignore[misc]
    """Records every event until the execution has ended; `listener` is called with each one."""

    def __init__(
        self, record: dict[str, Any], listener: Callable[[Event], None], continues: bool = False
    ) -> None:
        super().__init__()
        self._record = record
        self._listener = listener
        self._enters_again = False
        if continues:
            self._event_id_gen._next_id = len(record["events"]) + 1
        elif record["status"] == "RUNNING":
            record["events"] = []  # ministack has announced the start already

    def go_on(self, context: Any, redrive_count: int, enters_again: bool) -> None:
        """Tell of a redrive after what is recorded; a state that was entered before is not entered twice."""
        context.source_event_id = len(self._record["events"])
        details = {"executionRedrivenEventDetails": {"redriveCount": redrive_count}}
        self.add_event(context, HistoryEventType.ExecutionRedriven, details)
        self._enters_again = enters_again

    def add_event(self, context: Any, event_type: Any, *details: Any, **named: Any) -> int:
        """moto's, but for the entry of the state that a redrive begins with."""
        if self._enters_again:
            self._enters_again = False
            return len(self._record["events"])
        added: int = super().add_event(context, event_type, *details, **named)
        return added

    @property
    def is_closed(self) -> bool:
        """Whether the execution is over, though its interpretation may not know it yet."""
        return bool(self._record["status"] != "RUNNING")

    @property
    def events(self) -> list[Event]:
        """What is recorded so far."""
        return list(self._record["events"])

    def _publish_history_event(
        self, event_id: int, source_event_id: int, event_type: Any, timestamp: Any, event_details: Any
    ) -> None:
        del event_id  # moto's also counts what is not recorded
        events = self._record["events"]
        if self.is_closed or _is_repeated(events, event_type, event_details):
            return
        details = json.loads(json.dumps(event_details or {}, default=_as_text))
        event: Event = {
            **details,
            "id": len(events) + 1,
            "previousEventId": source_event_id,
            "type": event_type.value,
            "timestamp": str(timestamp),
        }
        events.append(event)
        self._listener(event)


def _is_repeated(events: list[Event], event_type: Any, event_details: Any) -> bool:
    """moto's Map state reports a failed evaluation a second time, after the expression itself did."""
    if event_type != HistoryEventType.EvaluationFailed or not events:
        return False
    key = "evaluationFailedEventDetails"
    return bool(events[-1]["type"] == event_type and events[-1][key]["cause"] == event_details[key]["cause"])


def _as_text(value: Any) -> str:
    return iso_stamp(value) if hasattr(value, "astimezone") else str(value)
