"""The main pipeline's part: which data sets, and a question about each that was ingested."""

from __future__ import annotations

from typing import Any

import pytest

from covidlake.base import console
from covidlake.base.console import Stages
from covidlake.laptop import local
from covidlake.laptop.pipelines.ingestion import Part
from covidlake.laptop.pipelines.own_part import Wanted
from covidlake.run import query
from covidlake.run.execution import Execution
from covidlake.run.query import Answer

ENDED = Execution("arn:x:y", "SUCCEEDED", 1.0, {"outcomes": [{"dataset": "country_codes"}]}, "", "")


def test_the_usual_data_set_is_one_and_all_are_none() -> None:
    assert Part(Wanted()).request.content()["datasets"] == ["uk_covid"]
    assert Part(Wanted(data_sets="*")).request.content() == {"mode": "incremental"}


def test_the_source_is_filled_before_the_deploy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "fill_source", lambda source, _: f"filled from {source}")
    stages = Stages()
    assert Part(Wanted(source="sample")).before_deploy(stages) == {}
    assert [(one.title, one.note) for one in stages.finished] == [("Source objects", "filled from sample")]


def test_each_data_set_is_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Any] = []
    monkeypatch.setattr(query, "query", lambda *_: Answer(["a"], [["1"]], 5, ""))
    monkeypatch.setattr(console, "show", lambda *given: shown.append(given))
    stages = Stages()
    Part(Wanted()).answer(ENDED, stages)
    assert [one.title for one in stages.finished] == ["Ask Athena about country_codes"]
    assert shown[0][:2] == (["a"], [["1"]])
