"""The stages of `covidlake run` as events."""

from __future__ import annotations

import json

import pytest

from covidlake.live.stage_events import StageEvents


def test_a_stage_begins_and_ends_and_nothing_is_said_beside(capsys: pytest.CaptureFixture[str]) -> None:
    stages = StageEvents()
    with stages.stage("Build") as stage:
        stage.note = "3 files"
    with pytest.raises(ValueError, match="no"), stages.stage("Deploy"):
        raise ValueError("no")
    stages.answer(["a"], [["1"], [None]], "a question")
    shown = capsys.readouterr()
    events = [json.loads(line) for line in shown.out.splitlines()]
    kept = [{key: value for key, value in one.items() if key != "at"} for one in events]
    assert kept == [
        {"event": "begun", "id": "Build", "title": "Build"},
        {"event": "ended", "id": "Build", "status": "succeeded", "text": "3 files"},
        {"event": "begun", "id": "Deploy", "title": "Deploy"},
        {"event": "ended", "id": "Deploy", "status": "failed"},
        {"event": "answer", "title": "a question", "columns": ["a"], "rows": [["1"], [None]]},
    ]
    assert shown.err == ""
    assert [one.title for one in stages.finished] == ["Build", "Deploy"]
