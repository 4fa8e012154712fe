"""The second pipeline's part: fills what the stack has made, or leaves a database of the user's own alone."""

from __future__ import annotations

from typing import Any

import pytest

from covidlake.base import console
from covidlake.base.console import Stages
from covidlake.laptop.database import access, existing, fill
from covidlake.laptop.database.access import Access
from covidlake.laptop.pipelines.own_part import Wanted
from covidlake.laptop.pipelines.segmentation import Part
from covidlake.run import query
from covidlake.run.execution import Execution
from covidlake.run.query import Answer

ENDED = Execution("arn:x:ingest", "SUCCEEDED", 1.0, {"outcomes": []}, "", "")
ROW = ["1", "best customers", "3", "18.96", "35.60", "3501.88"]


class Connection:
    """Answers any statement with one row."""

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        """There is nothing to close."""

    def close(self) -> None:
        """There is nothing to close."""

    def execute(self, _: bytes) -> Connection:
        return self

    def fetchall(self) -> list[Any]:
        return [ROW]


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    found: list[Any] = []
    monkeypatch.setattr(Access, "connect", lambda _: Connection())
    monkeypatch.setattr(access, "of_stack", lambda _: Access("host", 5432, "shop", "me", "pw"))
    monkeypatch.setattr(query, "query", lambda *_: Answer(list("abcdef"), [list(ROW)], 5, ""))
    monkeypatch.setattr(console, "show", lambda *given: found.append(given))
    monkeypatch.setattr(console, "detail", found.append)
    return found


def test_the_made_database_is_filled_after_the_deploy(
    shown: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    filled: list[Any] = []
    monkeypatch.setattr(fill, "fill", lambda *given: filled.append(given) or "filled")
    part, stages = Part(Wanted("segmentation/dev", "sample")), Stages()
    assert part.before_deploy(stages) == {}
    part.after_deploy(stages)
    assert filled == [(access.of_stack(""), "sample")]
    assert [stage.title for stage in stages.finished] == ["Fill the database"]
    assert shown == []


def test_the_users_own_is_announced_prepared_and_not_filled(
    shown: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(existing, "prepare", lambda *_: {"DatabaseMode": "existing"})
    part, stages = Part(Wanted("segmentation/dev", database="postgresql://me:pw@host/shop")), Stages()
    assert shown == [existing.said(Access("host", 5432, "shop", "me", "pw"))]
    assert part.before_deploy(stages) == {"DatabaseMode": "existing"}
    part.after_deploy(stages)
    assert [stage.title for stage in stages.finished] == ["Your database"]


def test_the_answers_of_lake_and_database_are_shown_alike(shown: list[Any]) -> None:
    Part(Wanted("segmentation/dev")).answer(ENDED, Stages())
    said, lake, database = shown
    assert said == "nothing new: 0 rows changed in the database"
    assert lake[1] == database[1] == [ROW]
