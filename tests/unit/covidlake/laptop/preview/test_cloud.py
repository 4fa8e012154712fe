"""Job runs of a preview go beside each other, and an interrupt ends what waits for them."""

from __future__ import annotations

import time
from typing import Any

import pytest

from covidlake import aws
from covidlake.laptop.preview import cloud


class Glue:
    """A run that goes on for ever."""

    def __init__(self) -> None:
        self.started: list[str] = []

    def start_job_run(self, JobName: str, **_: Any) -> dict[str, str]:  # noqa: N803
        self.started.append(JobName)
        return {"JobRunId": "jr_1"}

    def get_job_run(self, **_: Any) -> dict[str, Any]:
        return {"JobRun": {"JobRunState": "RUNNING"}}


@pytest.fixture
def glue(monkeypatch: pytest.MonkeyPatch) -> Glue:
    found = Glue()
    monkeypatch.setattr(aws, "client", lambda _service: found)
    monkeypatch.setattr(cloud, "_interrupted", cloud.threading.Event())
    return found


def test_both_results_come_back(glue: Glue) -> None:
    assert cloud.beside(lambda: 1, lambda: "two") == (1, "two")


def test_an_interrupt_ends_the_waits_and_starts_no_other_run(glue: Glue) -> None:
    ended: list[cloud.JobRun] = []

    def interrupted() -> None:
        while not glue.started:
            time.sleep(0.01)
        raise KeyboardInterrupt

    def steps() -> None:
        ended.extend(cloud.run_with(name, {}) for name in ("extract", "join"))

    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        cloud.beside(interrupted, steps)
    assert time.monotonic() - started < 10
    assert [one.error for one in ended] == [cloud.INTERRUPTED, cloud.INTERRUPTED]
    assert glue.started == ["extract"]


def test_a_preview_after_an_interrupted_one_runs(glue: Glue) -> None:
    cloud._interrupted.set()
    assert cloud.beside(lambda: cloud._interrupted.is_set(), lambda: 0) == (False, 0)
