"""The history of one execution: events go straight into ministack's record and to the log group."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventIdGenerator, EventManager

from localcloud.plugin import require
from localcloud.step_functions.states.failures import Reported
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

    def entry_of(self, state_name: str | None, event_id: int) -> Event | None:
        """The entry into a state that an event of it follows, or the last one if the event tells nothing.

        `state_name` is nothing for whichever state it was.
        """

        def enters(event: Event) -> bool:
            entered = event.get("stateEnteredEventDetails")
            return entered is not None and state_name in (None, entered["name"])

        events = self._record["events"]
        while 0 < event_id <= len(events):
            event: Event = events[event_id - 1]
            if enters(event):
                return event
            event_id = event["previousEventId"]
        return next((event for event in reversed(events) if enters(event)), None)

    def _before_evaluation(self, details: Event, source_event_id: int) -> int:
        """A failed evaluation of what a state is given follows what the state follows; but for a Wait."""
        name = details["evaluationFailedEventDetails"].get("state")
        entry = self.entry_of(name, source_event_id)
        if entry is None or source_event_id not in (0, entry["id"]):
            return source_event_id
        return int(entry["id" if entry["type"] == "WaitStateEntered" else "previousEventId"])

    def _publish_history_event(
        self, event_id: int, source_event_id: int, event_type: Any, timestamp: Any, event_details: Any
    ) -> None:
        del event_id  # moto's also counts what is not recorded
        events = self._record["events"]
        if self.is_closed or any(isinstance(one, Reported) for one in (event_details or {}).values()):
            return
        details = json.loads(json.dumps(event_details or {}, default=_as_text))
        if event_type == HistoryEventType.EvaluationFailed:
            source_event_id = self._before_evaluation(details, source_event_id)
        event: Event = {
            **details,
            "id": len(events) + 1,
            "previousEventId": source_event_id,
            "type": event_type.value,
            "timestamp": str(timestamp),
        }
        events.append(event)
        self._listener(event)


def _as_text(value: Any) -> str:
    return iso_stamp(value) if hasattr(value, "astimezone") else str(value)
