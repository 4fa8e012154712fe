"""The stages of `covidlake run` as events for a program, in the place of lines."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime

from covidlake.base.console import Stage, Stages
from covidlake.live import watch
from covidlake.live.model import FAILED, SUCCEEDED, Event


class StageEvents(Stages):
    """Writes an event when a stage begins and when it ends, and each answer as one."""

    def running(self, stage: Stage) -> AbstractContextManager[object]:
        watch.event(Event("begun", stage.title, datetime.now(UTC), title=stage.title))
        return nullcontext()

    def ended(self, stage: Stage, succeeded: bool) -> None:
        status = SUCCEEDED if succeeded else FAILED
        watch.event(Event("ended", stage.title, datetime.now(UTC), status=status, text=stage.note))

    def answer(self, columns: list[str], rows: list[list[str | None]], title: str) -> None:
        watch.answer({"title": title, "columns": columns, "rows": rows})
