"""`covidlake run`: on the cloud that is kept or on one of its own, with the time of each stage."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from covidlake.base import console
from covidlake.base.errors import DataSetError, EnvironmentFileError, IngestionError, LocalCloudError
from covidlake.laptop import local, loop, pipelines
from covidlake.laptop.pipelines import ingestion
from covidlake.laptop.pipelines.own_part import Wanted
from covidlake.report.form import Form
from covidlake.run import going_on, ingest, logs, notifications
from covidlake.run.execution import Execution, StateVisit
from covidlake.run.logs import Log
from covidlake.run.notifications import Notification
from covidlake.run.pipelines.ingestion import Request

ARN = "arn:aws:states:us-east-2:000000000000:execution:covid-lake-dev:today"
INGEST = loop._ingest
ENDED = Execution(ARN, "SUCCEEDED", 12.0, {}, "", "", [StateVisit("RunJob", 9.5)])


class Cloud:
    """A handle that only has an address, and what it was started for."""

    endpoint_url = "http://127.0.0.1:4566"

    def __init__(self, little_data: bool = False) -> None:
        self.little_data = little_data


@pytest.fixture
def ended_clouds(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Cloud]:
    """The clouds of its own that a run ended, in place of all that takes long."""
    ended: list[Cloud] = []

    @contextmanager
    def ephemeral(_warm: bool, little_data: bool) -> Iterator[Cloud]:
        cloud = Cloud(little_data)
        yield cloud
        ended.append(cloud)

    monkeypatch.setattr(local, "ephemeral", ephemeral)
    monkeypatch.setattr(local, "attached", nullcontext)
    monkeypatch.setattr(local, "HOME", tmp_path / ".localcloud")
    monkeypatch.setattr(ingestion.Part, "answer", lambda *_: None)
    answers = {"_make": None, "_deploy": None, "_ingest": ENDED, "_report": "report.html"}
    for name, answer in answers.items():
        monkeypatch.setattr(loop, name, lambda *_, answer=answer: answer)
    return ended


def test_a_cloud_of_its_own_ends_with_the_run(
    ended_clouds: list[Cloud], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(local, "running", lambda: None)
    loop.run(Wanted())
    assert [one.little_data for one in ended_clouds] == [True]
    shown = capsys.readouterr().err
    assert "for this run only" in shown
    assert re.search(r"Report .* report.html", shown)
    assert "This cloud is gone now" in shown


@pytest.mark.parametrize(
    "wanted", [Wanted(source="public"), Wanted(source="folder"), Wanted(database="postgresql://u@h/d")]
)
def test_java_compiles_for_little_data_only_where_it_is_the_sample(
    ended_clouds: list[Cloud], monkeypatch: pytest.MonkeyPatch, wanted: Wanted
) -> None:
    monkeypatch.setattr(local, "running", lambda: None)
    monkeypatch.setattr(pipelines, "of", lambda _: mock.MagicMock())
    loop.run(wanted)
    assert [one.little_data for one in ended_clouds] == [False]


def test_a_cloud_that_is_kept_stays(
    ended_clouds: list[Cloud], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(local, "running", Cloud)
    loop.run(Wanted())
    assert ended_clouds == []
    shown = capsys.readouterr().err
    assert "kept by make up" in shown
    assert "covidlake status dev" in shown


def test_the_times_of_stages_and_states_are_kept(
    ended_clouds: list[Cloud], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(local, "running", Cloud)
    loop.run(Wanted(), tmp_path / "times.json")
    times = json.loads((tmp_path / "times.json").read_text())
    assert list(times["stages"]) == ["Local cloud", "Report"]
    assert times["states"] == {"RunJob": 9.5}


def test_a_file_of_times_that_cannot_be_is_refused_before_anything_is_built(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FileExistsError):
        loop.run(Wanted(), tmp_path / "file" / "times.json")


def test_a_run_that_fails_leaves_no_empty_file_of_times(
    ended_clouds: list[Cloud], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(loop, "_make", mock.Mock(side_effect=DataSetError("broken")))
    with pytest.raises(DataSetError):
        loop.run(Wanted(), tmp_path / "times.json")
    assert not (tmp_path / "times.json").exists()


def test_without_the_local_cloud_nothing_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "_is_installed", lambda: False)
    monkeypatch.setattr(loop, "_make", lambda *_: pytest.fail("half a minute of building, for nothing"))
    with pytest.raises(LocalCloudError, match="is not installed"):
        loop.run(Wanted())


def test_a_program_gets_events_and_no_text(
    ended_clouds: list[Cloud], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def ingested(_environment: str, progress: Any, *_: Any) -> Execution:
        progress("ingest-1 is running")
        return replace(
            ENDED, output={"outcomes": [{"dataset": "uk_covid", "outcome": "NOTHING_NEW", "table_rows": 7}]}
        )

    monkeypatch.setattr(local, "running", Cloud)
    monkeypatch.setattr(loop, "_ingest", INGEST)
    monkeypatch.setattr(ingest, "ingest", ingested)
    monkeypatch.setattr(
        ingestion.Part, "answer", lambda _self, _ended, stages: stages.answer(["a"], [["1"]], "all")
    )
    loop.run(Wanted(), as_json=True)
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["event"] for one in events] == [
        *("begun", "ended", "begun", "line", "ended", "outcome", "answer", "begun", "ended", "outcome"),
    ]
    assert all("at" in one for one in events)
    assert events[1] == events[1] | {"id": "Local cloud", "status": "succeeded"}
    assert events[5]["table_rows"] == 7
    assert (events[6]["columns"], events[6]["rows"]) == (["a"], [["1"]])
    assert events[-1] == events[-1] | {"execution": ARN, "status": "SUCCEEDED", "report": "report.html"}


@pytest.mark.parametrize(
    ("given", "asked"), [("*", ()), ("uk_covid, country_codes", ("uk_covid", "country_codes"))]
)
def test_data_sets_are_named_or_all(
    monkeypatch: pytest.MonkeyPatch, given: str, asked: tuple[str, ...]
) -> None:
    requests: list[Any] = []

    def ingested(_environment: str, _progress: Any, request: Any, _name: str) -> Execution:
        requests.append(request.datasets)
        return ENDED

    monkeypatch.setattr(ingest, "ingest", ingested)
    own = pipelines.of(Wanted(data_sets=given))
    loop._ingest("dev", own.request, False, loop.Stages())
    assert requests == [asked]


def test_a_kept_cloud_is_for_one_run_at_a_time(
    ended_clouds: list[Cloud], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(local, "running", Cloud)
    order, waiting = list[str](), threading.Event()

    def deployed(_environment: str, own: Any, *_: Any) -> None:
        order.append(f"fills {own._wanted.source}")

    def ingested(*_: Any) -> Execution:
        if not second.is_alive() and not waiting.is_set():
            second.start()
            assert waiting.wait(10)
        order.append("ingests")
        return ENDED

    def detail(line: str) -> None:
        if "waiting" in line:
            order.append(line)
            waiting.set()

    monkeypatch.setattr(loop, "_deploy", deployed)
    monkeypatch.setattr(loop, "_ingest", ingested)
    monkeypatch.setattr(console, "detail", detail)
    second = threading.Thread(target=lambda: loop.run(Wanted(source="feedB")))
    loop.run(Wanted(source="feedA"))
    second.join(10)
    said = f"another run works in this cloud (process {os.getpid()}): waiting for its end"
    assert order == ["fills feedA", said, "ingests", "fills feedB", "ingests"]


HOLD = """
import sys, time
from pathlib import Path
from covidlake.laptop import local
local.HOME = Path(sys.argv[1])
local.running = lambda: None
with local.reserved(print):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_run_that_is_killed_holds_no_cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "HOME", tmp_path)
    monkeypatch.setattr(local, "running", Cloud)
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, tmp_path], stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        holder.kill()
    said: list[str] = []
    with local.reserved(said.append) as cloud:
        assert cloud
    assert said == []


def test_an_own_cloud_is_started_where_the_kept_one_was_stopped_meanwhile(
    ended_clouds: list[Cloud], monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([Cloud(), None])
    monkeypatch.setattr(local, "running", lambda: next(answers))
    loop.run(Wanted())
    assert len(ended_clouds) == 1


@pytest.mark.parametrize("kept", [True, False])
def test_an_interrupt_says_that_the_execution_of_a_kept_cloud_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], kept: bool
) -> None:
    def interrupted(*_: Any) -> Execution:
        raise KeyboardInterrupt

    monkeypatch.setattr(ingest, "ingest", interrupted)
    monkeypatch.setattr(going_on, "_line", lambda environment, name: f"{name} of {environment} goes on")
    with pytest.raises(KeyboardInterrupt):
        loop._ingest("dev", Request(), kept, loop.Stages())
    said = re.search(r"ingest-\S+ of dev goes on; before that: eval .*local env", capsys.readouterr().err)
    assert bool(said) is kept


@pytest.mark.parametrize("given", ["nope", "uk_covid,nope", ",", ""])
def test_wrong_names_are_refused_before_anything_is_built(given: str) -> None:
    with pytest.raises(DataSetError, match="there are: cdc_moderna"):
        loop.run(Wanted(data_sets=given))


def test_another_pipelines_environment_is_refused_before_anything_is_built() -> None:
    with pytest.raises(EnvironmentFileError, match=r"takes ingestion and segmentation through .*exports\.py"):
        loop.run(Wanted("exports/dev"))


def test_a_failure_shows_what_people_were_notified_of(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(loop, "_report", lambda _, name: f"build/report.html of {name}")

    def failed(*_: Any) -> Execution:
        raise IngestionError("no rows")

    sent = [Notification("ingestion failed", "State: RunJob\nCause: why")]
    monkeypatch.setattr(notifications, "peek", lambda *_, **__: sent)
    monkeypatch.setattr(ingest, "ingest", failed)
    written = [Log("job run of a FAILED", ("reading", "no rows"), True), Log("job run of b", ("fine",))]
    monkeypatch.setattr(logs, "logs", lambda *_: iter(written))
    with pytest.raises(IngestionError):
        loop._ingest("dev", Request(), False, loop.Stages())
    shown = capsys.readouterr().err
    assert "notified: ingestion failed" in shown
    assert "Cause: why" in shown
    assert "job run of a FAILED" in shown
    assert "no rows" in shown
    assert "fine" not in shown


def test_an_ingestion_does_not_fail_for_its_report(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from covidlake.report.page import report

    def refuse(*_: Any) -> None:
        raise IngestionError("no execution 'x'")

    monkeypatch.setattr(report, "found", refuse)
    assert loop._report("dev", "x") == "none could be written: no execution 'x'"
    written: list[Any] = []
    monkeypatch.setattr(report, "found", lambda *_: None)
    monkeypatch.setattr(report, "write", lambda *given: written.append(given) or tmp_path / "report.html")
    assert loop._report("dev", "x") == str(tmp_path / "report.html")
    as_markdown, as_page = written
    assert as_markdown[1:] == (Form.MARKDOWN, report.FILE.with_suffix(".md"))
    assert as_page == (None,)
