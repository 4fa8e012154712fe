"""What a deploy leaves in the job summary: its end, its plan, its events, its outputs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest

from covidlake.report.deploy_report import EVENTS, Recorder
from covidlake.ship.deploy.deployment_record import Deployment

DONE = Deployment("covid-lake-dev", "a" * 64, "now", "UPDATE_COMPLETE", 3)


def test_a_success_says_what_was_done() -> None:
    recorder = Recorder("dev", deployment=DONE)
    text = recorder.markdown()
    assert text.startswith("### Deploy of <code>covid-lake-dev</code>")
    assert "✅ **UPDATE_COMPLETE** in 0 s, 3 artifacts sent" in text
    assert "❌" not in text


def test_no_change_is_said_as_that() -> None:
    assert "✅ **no change**" in Recorder("dev", deployment=replace(DONE, status="NO_CHANGE")).markdown()


def test_a_failure_keeps_its_events_and_cannot_break_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    recorder = Recorder("dev", error="</code> @all")
    recorder.report("CREATE_FAILED Queue </pre> <b>no</b>")
    text = recorder.markdown()
    assert "❌ **failed**" in text
    assert "@all" not in text
    assert text.count("</pre>") == 1
    assert "<b>" not in text
    assert "CREATE_FAILED" in capsys.readouterr().err


def test_only_the_last_events_are_shown() -> None:
    recorder = Recorder("dev", lines=[f"event {number}." for number in range(EVENTS + 1)])
    text = recorder.markdown()
    assert "event 0." not in text
    assert f"event {EVENTS}." in text


def test_outputs_are_a_table() -> None:
    stack = {"Outputs": [{"OutputKey": "B", "OutputValue": "x|y"}, {"OutputKey": "A", "OutputValue": "z"}]}
    text = Recorder("dev", deployment=replace(DONE, stack=cast(Any, stack))).markdown()
    assert text.endswith(
        "| output | value |\n|---|---|\n| A | <code>z</code> |\n| B | <code>x&#124;y</code> |"
    )
