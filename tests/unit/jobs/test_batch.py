"""Several data sets in one job run: each by itself, each with a record, none worked on by two runs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from ingestion import batch
from ingestion.errors import ConcurrentRunError, DataSetsFailedError, SchemaChangedError
from ingestion.state import claim
from ingestion.state.claim import Claim
from ingestion.state.job_runs import JobRuns
from ingestion.state.run_record import RunRecord
from ingestion.state.storage import Prefix, Storage

OPTIONS = {"run_id": "run-1", "lake_root": "s3://lake/"}


class Runs(JobRuns):
    """Glue, where some runs go: `going` says which."""

    def __init__(self, going: Callable[[str], bool] = lambda _: False, seconds: float = 3600.0) -> None:
        self.going = going
        self.seconds = seconds

    def check(self, job_run: str) -> float:
        assert job_run == "jr_1"
        return self.seconds

    def is_running(self, job_run: str) -> bool:
        return job_run == "jr_1" or self.going(job_run)


def loaded(options: Mapping[str, str], **_: Any) -> RunRecord:
    """What a job would have done."""
    return RunRecord(options["dataset"], "run-1", "LOADED", True, True, "", 1, {}, "", 0.1, "", "", 1)


def failing(**errors: BaseException) -> Callable[..., RunRecord]:
    def one(options: Mapping[str, str], **more: Any) -> RunRecord:
        if error := errors.get(options["dataset"]):
            raise error
        return loaded(options, **more)

    return one


def run(
    s3: Any, names: str, one: Callable[..., RunRecord] = loaded, runs: JobRuns | None = None
) -> list[str]:
    records = batch.run({**OPTIONS, "datasets": names}, "ingest", "jr_1", Storage(s3), runs or Runs(), one)
    return [record.dataset for record in records]


def record_of(s3: Any, name: str) -> dict[str, Any]:
    body = s3.get_object(Bucket="lake", Key=f"runs/{name}/run-1.json")["Body"].read()
    content: dict[str, Any] = json.loads(body)
    return content


def holder(s3: Any, name: str) -> str:
    return claim.holder(Storage(s3), Prefix("lake", f"state/{name}/"))


def test_each_data_set_is_run_and_none_is_held_afterwards(s3: Any) -> None:
    assert run(s3, "a,b,c") == ["a", "b", "c"]
    assert [holder(s3, name) for name in "abc"] == ["", "", ""]


@pytest.mark.parametrize(
    "error", [SchemaChangedError("a field is gone"), RuntimeError("a defect"), MemoryError("Java heap space")]
)
def test_one_that_fails_does_not_stop_the_others_and_says_why(s3: Any, error: Exception) -> None:
    seen: list[str] = []

    def one(options: Mapping[str, str], **more: Any) -> RunRecord:
        seen.append(options["dataset"])
        return failing(b=error)(options, **more)

    with pytest.raises(DataSetsFailedError, match=rf"^1 of 3 data sets failed: b: {error}$"):
        run(s3, "a,b,c", one)
    assert seen == ["a", "b", "c"]
    failed = record_of(s3, "b")
    assert (failed["status"], failed["error"], failed["cause"]) == (
        "FAILED",
        type(error).__name__,
        str(error),
    )
    assert failed["started_at"] <= failed["ended_at"]
    assert holder(s3, "b") == ""


def test_the_only_data_set_fails_in_its_own_words(s3: Any) -> None:
    with pytest.raises(SchemaChangedError, match=r"^gone$"):
        run(s3, "b", failing(b=SchemaChangedError("gone")))


def test_a_run_that_dies_leaves_no_record_of_what_it_did_not_end(s3: Any) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(s3, "a,b,c", failing(b=KeyboardInterrupt()))
    assert "Contents" not in s3.list_objects_v2(Bucket="lake", Prefix="runs/b/")


def test_a_data_set_that_another_run_has_waits_until_that_has_ended(
    s3: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage, left = Storage(s3), [3]
    claim.take(storage, Prefix("lake", "state/a/"), "jr_other", "run-0", lambda _: True)
    monkeypatch.setattr(batch.time, "sleep", lambda _: left.append(left.pop() - 1))
    assert run(s3, "a,b", runs=Runs(lambda _: left[0] > 0)) == ["b", "a"]


def test_patience_for_another_run_ends_and_is_a_failure_that_names_it(
    s3: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim.take(Storage(s3), Prefix("lake", "state/a/"), "jr_other", "run-0", lambda _: True)
    monkeypatch.setattr(batch, "WAIT_SECONDS", 0.0)
    monkeypatch.setattr(batch.time, "sleep", lambda _: None)
    with pytest.raises(ConcurrentRunError, match="job run jr_other of run-0 still has a,"):
        run(s3, "a", runs=Runs(lambda _: True))
    assert record_of(s3, "a")["error"] == "ConcurrentRunError"
    assert holder(s3, "a") == "jr_other of run-0"


def test_a_run_says_that_it_waited_in_vain_before_glue_stops_it(
    s3: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim.take(Storage(s3), Prefix("lake", "state/a/"), "jr_other", "run-0", lambda _: True)
    clock = [0.0]
    monkeypatch.setattr(batch.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(batch.time, "sleep", lambda seconds: clock.append(clock.pop() + seconds))
    with pytest.raises(DataSetsFailedError, match="1 of 2 data sets failed: a: job run jr_other of run-0"):
        run(s3, "a,b", runs=Runs(lambda _: True, seconds=60.0))
    assert 40 < clock[0] < 60


def test_a_record_that_cannot_be_written_does_not_stop_the_others(
    s3: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch.FailedRun, "save", lambda *_: 1 / 0)
    with pytest.raises(DataSetsFailedError, match="1 of 2"):
        run(s3, "a,b", failing(a=ValueError("x")))


def test_a_claim_that_cannot_be_given_back_is_no_failure(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The data set is done, and the claim ends with the job run."""
    monkeypatch.setattr(Claim, "release", lambda _: 1 / 0)
    assert run(s3, "a,b") == ["a", "b"]
    assert "Contents" not in s3.list_objects_v2(Bucket="lake", Prefix="runs/")


@pytest.mark.parametrize("names", ["", "a,,b", "a,a", " "])
def test_names_that_are_none_are_refused(s3: Any, names: str) -> None:
    with pytest.raises(batch.arguments.InvalidArgumentError, match="--datasets"):
        run(s3, names)
