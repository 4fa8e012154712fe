"""`covidlake run`: on the cloud that is kept or on one of its own, with the time of each stage."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest

from covidlake.base.errors import DataSetError, EnvironmentFileError, IngestionError
from covidlake.laptop import local, loop
from covidlake.run import ingest, logs, notifications
from covidlake.run.execution import Execution, StateVisit
from covidlake.run.logs import Log
from covidlake.run.notifications import Notification
from covidlake.ship.deploy import deploy
from covidlake.ship.deploy.deployment_record import Deployment

ARN = "arn:aws:states:us-east-2:000000000000:execution:covid-lake-dev:today"
ENDED = Execution(ARN, "SUCCEEDED", 12.0, {}, "", "", [StateVisit("RunJob", 9.5)])
DONE = Deployment("covid-lake-dev", "a" * 64, "now", "CREATE_COMPLETE", 3)


class Cloud:
    """A handle that only has an address."""

    endpoint_url = "http://127.0.0.1:4566"


@pytest.fixture
def ended_clouds(monkeypatch: pytest.MonkeyPatch) -> list[Cloud]:
    """The clouds of its own that a run ended, in place of all that takes long."""
    ended: list[Cloud] = []

    @contextmanager
    def ephemeral() -> Iterator[Cloud]:
        cloud = Cloud()
        yield cloud
        ended.append(cloud)

    monkeypatch.setattr(local, "ephemeral", ephemeral)
    monkeypatch.setattr(local, "attached", nullcontext)
    for name, answer in {"_make": None, "_operate": ENDED, "_answer": None}.items():
        monkeypatch.setattr(loop, name, lambda *_, answer=answer: answer)
    return ended


def test_a_cloud_of_its_own_ends_with_the_run(
    ended_clouds: list[Cloud], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(local, "running", lambda: None)
    loop.run("dev", None)
    assert len(ended_clouds) == 1
    shown = capsys.readouterr().err
    assert "for this run only" in shown
    assert "This cloud is gone now" in shown


def test_a_cloud_that_is_kept_stays(
    ended_clouds: list[Cloud], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(local, "running", Cloud)
    loop.run("dev", None)
    assert ended_clouds == []
    shown = capsys.readouterr().err
    assert "kept by make up" in shown
    assert "covidlake status dev" in shown


def test_the_times_of_stages_and_states_are_kept(
    ended_clouds: list[Cloud], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(local, "running", Cloud)
    loop.run("dev", None, tmp_path / "times.json")
    times = json.loads((tmp_path / "times.json").read_text())
    assert list(times["stages"]) == ["Local cloud"]
    assert times["states"] == {"RunJob": 9.5}


@pytest.mark.parametrize(
    ("given", "asked"), [("*", ()), ("uk_covid, country_codes", ("uk_covid", "country_codes"))]
)
def test_data_sets_are_named_or_all(
    monkeypatch: pytest.MonkeyPatch, given: str, asked: tuple[str, ...]
) -> None:
    requests: list[Any] = []

    def ingested(_environment: str, _progress: Any, request: Any) -> Execution:
        requests.append(request.datasets)
        return ENDED

    monkeypatch.setattr(local, "fill_source", lambda *_: "the sample")
    monkeypatch.setattr(deploy, "deploy", lambda *_: DONE)
    monkeypatch.setattr(notifications, "subscribe", lambda _: "url")
    monkeypatch.setattr(ingest, "ingest", ingested)
    chosen = loop._chosen("dev", given)
    loop._operate("dev", None, chosen, None, loop.Stages())  # type: ignore[arg-type]
    assert requests == [asked]


@pytest.mark.parametrize("given", ["nope", "uk_covid,nope", ",", ""])
def test_wrong_names_are_refused_before_anything_is_built(given: str) -> None:
    with pytest.raises(DataSetError, match="there are: cdc_moderna"):
        loop.run("dev", None, data_sets=given)


def test_another_pipelines_environment_is_refused_before_anything_is_built() -> None:
    with pytest.raises(EnvironmentFileError, match="only the main pipeline ingests"):
        loop.run("exports/dev", None)


def test_a_failure_shows_what_people_were_notified_of(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def failed(*_: Any) -> Execution:
        raise IngestionError("no rows")

    monkeypatch.setattr(local, "fill_source", lambda *_: "the sample")
    monkeypatch.setattr(deploy, "deploy", lambda *_: DONE)
    monkeypatch.setattr(notifications, "subscribe", lambda _: "url")
    sent = [Notification("ingestion failed", "State: RunJob\nCause: why")]
    monkeypatch.setattr(notifications, "peek", lambda *_, **__: sent)
    monkeypatch.setattr(ingest, "ingest", failed)
    written = [Log("job run of a FAILED", ("reading", "no rows"), True), Log("job run of b", ("fine",))]
    monkeypatch.setattr(logs, "logs", lambda *_: iter(written))
    with pytest.raises(IngestionError):
        loop._operate("dev", None, (), None, loop.Stages())  # type: ignore[arg-type]
    shown = capsys.readouterr().err
    assert "notified: ingestion failed" in shown
    assert "Cause: why" in shown
    assert "job run of a FAILED" in shown
    assert "no rows" in shown
    assert "fine" not in shown
