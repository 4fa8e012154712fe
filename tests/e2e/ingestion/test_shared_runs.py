"""Find work, share job runs, crawl once: the state machine of the template, with stand-ins for both.

The tests share one stack and leave it whole: each uses revisions of its own.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from covidlake.run.execution_history import data_set_outcomes
from infra.ingestion.work import FUNCTIONS
from localcloud.cloud import LocalCloud
from tests.e2e.ingestion.stack import Inbox, IngestionStack
from tests.sampling import sampled

SIX = [f"set{number}" for number in range(6)]
RUN = {
    "status": "NOTHING_NEW",
    "crawl_needed": False,
    "verify_needed": False,
    "catalog": "2022-12",
    "seconds": 0.1,
    "findings": "",
    **dict.fromkeys(
        ("objects_read", "rows_read", "rows_new", "rows_restated", "rows_unchanged", "rows_removed"), 0
    ),
    **dict.fromkeys(("rows_duplicate", "rows_quarantined", "rows_filtered_out", "quarantine_rows"), 0),
    **dict.fromkeys(("partitions_written", "files_written", "bytes_written"), 0),
}
HISTORY_LIMIT = 25_000  # events
PAYLOAD_LIMIT = 256 * 1024  # bytes
WORKING_STATES = {"RunJobs", "RunJob", "StartCrawler", "VerifyTables", "VerifyTable"}


@pytest.fixture(scope="module")
def stack(cloud: LocalCloud) -> IngestionStack:
    deployed = IngestionStack(cloud, "covid-lake-shared")
    deployed.deploy(Environment="shared", DataSets=",".join(SIX), MaxConcurrentJobRuns="3")
    return deployed


def plan_all(stack: IngestionStack, revision: str, **more: dict[str, Any]) -> None:
    for number, name in enumerate(SIX):
        stack.plan(name, revision, number + 1, **more.get(name, {}))


def loaded(execution: dict[str, Any]) -> dict[str, str]:
    assert execution["status"] == "SUCCEEDED", execution.get("cause")
    return {one["dataset"]: one["outcome"] for one in execution["output"]["outcomes"]}


def published(stack: IngestionStack, dataset: str) -> dict[str, Any]:
    body = stack.s3.get_object(Bucket=stack.lake, Key=f"state/{dataset}/published.json")["Body"].read()
    content: dict[str, Any] = json.loads(body)
    return content


def subjects(inbox: Inbox, expected: int) -> list[str]:
    """Of the state machine's own messages; those of EventBridge and of alarms come beside them."""
    received: list[dict[str, Any]] = []
    while True:
        received += inbox.messages()
        said = [message.get("Subject", "").partition(": ")[2] for message in received]
        own = [subject for subject in said if " failed in " in subject]
        if len(own) >= expected and len(received) > len(own):
            return sorted(own)


def failures(stack: IngestionStack, execution: dict[str, Any]) -> dict[str, str]:
    """State, error and cause of each data set that failed."""
    assert execution["error"] == "IngestionFailed", execution
    outcomes = data_set_outcomes(stack.history(execution["executionArn"]), "CollectOutcomes")
    return {
        one["dataset"]: f"{one['state']}: {one['error']}: {one['cause']}"
        for one in outcomes
        if one["outcome"] == "FAILED"
    }


def test_six_data_sets_share_one_job_run_and_one_crawl(stack: IngestionStack, revision: str) -> None:
    plan_all(stack, revision)
    started = stack.start()
    assert loaded(stack.finish(started)) == dict.fromkeys(SIX, "LOADED")
    assert stack.job_runs(started) == [",".join(SIX)]
    states = stack.states_entered(started)
    assert (states.count("StartCrawler"), states.count("VerifyTable")) == (1, 6)
    assert {published(stack, name)["revision"] for name in SIX} == {revision}


@pytest.mark.prove
def test_new_rows_in_known_partitions_are_verified_without_a_crawl(
    stack: IngestionStack, revision: str
) -> None:
    plan_all(stack, revision + "a")
    loaded(stack.run())
    plan_all(stack, revision + "b")
    started = stack.start()
    assert loaded(stack.finish(started)) == dict.fromkeys(SIX, "LOADED")
    states = stack.states_entered(started)
    assert (states.count("StartCrawler"), states.count("VerifyTable")) == (0, 6)
    assert published(stack, "set5")["revision"] == revision + "b"


def test_where_the_count_disagrees_the_catalog_is_crawled_and_counted_again(
    stack: IngestionStack, revision: str
) -> None:
    """The job says that the catalog stays as it is, and writes a partition that the catalog lacks."""
    plan_all(stack, revision + "a")
    loaded(stack.run())
    month = f"{uuid.uuid4().int % 8000 + 1000}-01"
    stack.plan("set1", revision + "b", 9, partition=month, claimed_rows=2 + 9)
    known = {**published(stack, "set1"), "catalog": month}
    key = "state/set1/published.json"
    stack.s3.put_object(Bucket=stack.lake, Key=key, Body=json.dumps(known))
    started = stack.start({"datasets": ["set1"]})
    assert loaded(stack.finish(started)) == {"set1": "LOADED"}
    states = stack.states_entered(started)
    assert (states.count("StartCrawler"), states.count("VerifyTable")) == (1, 2)
    stack.s3.delete_object(Bucket=stack.lake, Key=f"clean/set1/month={month}/part-0.parquet")


@pytest.mark.prove
def test_a_count_that_disagrees_after_the_crawl_fails(
    stack: IngestionStack, inbox: Inbox, revision: str
) -> None:
    plan_all(stack, revision + "a")
    loaded(stack.run())
    stack.plan("set2", revision + "b", 5, claimed_rows=7)
    stack.plan("set3", revision + "b", 6)
    started = stack.start({"datasets": ["set2", "set3"]})
    why = failures(stack, stack.finish(started))
    assert list(why) == ["set2"]
    assert why["set2"].startswith("RowsMatch: VerificationFailed: Athena counts 5 rows in set2")
    assert stack.states_entered(started).count("StartCrawler") == 1
    assert published(stack, "set3")["revision"] == revision + "b"
    assert subjects(inbox, 1) == ["set2 failed in RowsMatch"]


@pytest.mark.prove
def test_tables_whose_wrong_counts_make_up_for_each_other_fail(stack: IngestionStack, revision: str) -> None:
    plan_all(stack, revision + "a")
    loaded(stack.run())
    stack.plan("set2", revision + "b", 5, tables={"set2": 4, "set3": 5})
    why = failures(stack, stack.run({"datasets": ["set2"]}))
    assert "counts 9 rows in set2, set3, the job published 9; 2 of the tables differ" in why["set2"]


def test_one_of_six_that_fails_fails_alone_and_the_next_run_heals(
    stack: IngestionStack, inbox: Inbox, revision: str
) -> None:
    plan_all(stack, revision, set2={"error": "a field is gone"})
    started = stack.start()
    assert failures(stack, stack.finish(started)) == {"set2": "RunJob: ValueError: a field is gone"}
    assert stack.job_runs(started) == [",".join(SIX)]
    assert subjects(inbox, 1) == ["set2 failed in RunJob"]
    assert {published(stack, name)["revision"] == revision for name in SIX if name != "set2"} == {True}
    plan_all(stack, revision)
    assert loaded(stack.run())["set2"] == "LOADED"


def test_a_job_run_that_is_killed_fails_exactly_those_without_a_record(
    stack: IngestionStack, inbox: Inbox, revision: str
) -> None:
    plan_all(stack, revision, set3={"kill": True})
    why = failures(stack, stack.run())
    assert sorted(why) == ["set3", "set4", "set5"]
    assert {text.split(":")[0] for text in why.values()} == {"RunJob"}
    assert subjects(inbox, 3) == [f"set{number} failed in RunJob" for number in (3, 4, 5)]
    assert {published(stack, f"set{number}")["revision"] for number in range(3)} == {revision}
    plan_all(stack, revision)
    assert loaded(stack.run()) == {
        **dict.fromkeys(SIX[:3], "NOTHING_NEW"),
        **dict.fromkeys(SIX[3:], "LOADED"),
    }


@pytest.mark.prove
def test_job_runs_go_side_by_side_and_one_that_dies_does_not_stop_the_other(
    stack: IngestionStack, revision: str
) -> None:
    plan_all(stack, revision, set0={"kill": True})
    with stack.found("set0", alone=True), stack.found("set1", alone=True):
        started = stack.start()
        assert list(failures(stack, stack.finish(started))) == ["set0"]
        assert stack.job_runs(started) == ["set0", "set1", "set2,set3,set4,set5"]
    plan_all(stack, revision)
    assert loaded(stack.run())["set0"] == "LOADED"


@pytest.mark.prove
def test_a_job_run_that_fails_after_all_its_work_is_said(stack: IngestionStack, revision: str) -> None:
    plan_all(stack, revision, set1={"fail_at_end": True})
    execution = stack.run({"datasets": ["set0", "set1"]})
    assert loaded(execution) == {"set0": "LOADED", "set1": "LOADED"}
    said = "its job run failed after the work: RuntimeError: lost, at the end"
    assert {one["findings"] for one in execution["output"]["outcomes"]} == {said}


@pytest.mark.prove
def test_an_older_record_of_the_same_name_counts_for_nothing(stack: IngestionStack, revision: str) -> None:
    """A stack that was made anew may give an execution the name of one of long ago."""
    name = f"again-{revision}"
    old = {**RUN, "started_at": "2001-01-01T00:00:00+00:00", "revision": "old", "tables": {}, "table_rows": 1}
    stack.s3.put_object(
        Bucket=stack.lake, Key=f"runs/set0/{name}.json", Body=json.dumps({**old, "dataset": "set0"})
    )
    stack.plan("set0", revision, 3, kill=True)
    why = failures(stack, stack.finish(stack.start({"datasets": ["set0"]}, name=name)))
    assert why["set0"].startswith("RunJob: ")


def test_a_crawl_that_fails_fails_those_that_needed_it_alone(
    stack: IngestionStack, inbox: Inbox, revision: str
) -> None:
    plan_all(stack, revision + "a")
    loaded(stack.run())
    plan_all(stack, revision + "b", set0={"crawl_needed": True}, set4={"crawl_needed": True})
    with stack.without_permission("CrawlerRole", "s3:GetObject", "s3:ListBucket"):
        why = failures(stack, stack.run())
    assert sorted(why) == ["set0", "set4"]
    assert why["set0"].startswith("CheckCrawler: CrawlFailed: ")
    assert subjects(inbox, 2) == ["set0 failed in CheckCrawler", "set4 failed in CheckCrawler"]
    assert published(stack, "set1")["revision"] == revision + "b"
    plan_all(stack, revision + "b", set0={"crawl_needed": True}, set4={"crawl_needed": True})
    assert loaded(stack.run())["set0"] == "LOADED"


@contextmanager
def nothing_new(stack: IngestionStack, names: list[str], **more: Any) -> Iterator[None]:
    """For a while, `find_work` finds nothing to read."""
    if not names:
        yield
        return
    content = {**RUN, "revision": "r", "tables": {names[0]: 1}, "table_rows": 1, **more}
    with stack.found(names[0], run=content), nothing_new(stack, names[1:], **more):
        yield


def test_nothing_new_starts_no_job_no_crawler_and_no_query(stack: IngestionStack) -> None:
    with nothing_new(stack, SIX, findings="old data"):
        started = stack.start()
        execution = stack.finish(started)
    assert loaded(execution) == dict.fromkeys(SIX, "NOTHING_NEW")
    assert execution["output"]["outcomes"][0]["findings"] == "old data"
    assert WORKING_STATES.isdisjoint(stack.states_entered(started))
    assert stack.job_runs(started) == []
    assert len(stack.states_entered(started)) == 10


def test_a_table_that_is_gone_from_the_catalog_is_crawled_without_a_job(
    stack: IngestionStack, revision: str
) -> None:
    plan_all(stack, revision)
    loaded(stack.run())
    glue = stack.cloud.client("glue")
    glue.delete_table(DatabaseName=stack.outputs["DatabaseName"], Name="set2")
    needed = {"crawl_needed": True, "verify_needed": True, "revision": revision}
    with stack.found("set2", run={**RUN, **needed, "tables": {"set2": 3}, "table_rows": 3}):
        started = stack.start({"datasets": ["set2"]})
        assert loaded(stack.finish(started)) == {"set2": "LOADED"}
    assert stack.job_runs(started) == []
    assert glue.get_table(DatabaseName=stack.outputs["DatabaseName"], Name="set2")


def test_what_find_work_refuses_fails_alone(stack: IngestionStack, inbox: Inbox, revision: str) -> None:
    plan_all(stack, revision)
    refusal = {"error": "SourceNotFoundError", "cause": "no object under s3://source/set1/"}
    with stack.found("set1", failure=refusal):
        started = stack.start()
        why = failures(stack, stack.finish(started))
    assert why == {"set1": "FindWork: SourceNotFoundError: no object under s3://source/set1/"}
    assert subjects(inbox, 1) == ["set1 failed in FindWork"]
    assert stack.job_runs(started) == [",".join(name for name in SIX if name != "set1")]


@contextmanager
def find_work_timeout(stack: IngestionStack, seconds: int) -> Iterator[None]:
    """For a while, give the function less time."""
    configure = stack.cloud.client("lambda").update_function_configuration
    configure(FunctionName=f"{stack.name}-find-work", Timeout=seconds)
    yield
    configure(FunctionName=f"{stack.name}-find-work", Timeout=FUNCTIONS["find_work"].timeout_seconds)


@pytest.mark.parametrize(
    ("how", "words"),
    sampled(
        [
            ("throttled", "FindWork: FindWorkUnavailableError: asked to"),
            ("denied", "FindWork: "),
            ("broken", "FindWork: ValueError: asked to"),
            ("timed out", "FindWork: Sandbox.Timedout: "),
        ],
        2,
    ),
)
def test_where_nobody_can_look_every_data_set_fails_and_says_so(
    stack: IngestionStack, inbox: Inbox, revision: str, how: str, words: str
) -> None:
    plan_all(stack, revision)
    raises = {"throttled": "FindWorkUnavailableError", "broken": "ValueError"}
    if how == "timed out":
        with find_work_timeout(stack, 1), stack.found("set0", sleep_seconds=3):
            started = stack.start()
            execution = stack.finish(started)
    elif how == "denied":
        with stack.without_permission("StateMachineRole", "lambda:InvokeFunction"):
            started = stack.start()
            execution = stack.finish(started)
    else:
        with stack.found("set0", raises=raises[how]):
            started = stack.start()
            execution = stack.finish(started)
    why = failures(stack, execution)
    assert sorted(why) == SIX
    assert {text.startswith(words) for text in why.values()} == {True}
    assert subjects(inbox, 6) == [f"{name} failed in FindWork" for name in SIX]
    assert stack.job_runs(started) == []
    if how == "throttled":
        failed = [e for e in stack.history(started) if e["type"] == "TaskFailed"]
        assert len(failed) == 1 + 4, "tried again before it gave up"
    assert loaded(stack.run())["set5"] == "LOADED"


@pytest.mark.prove
def test_two_executions_at_once_both_end_well(stack: IngestionStack, revision: str) -> None:
    plan_all(stack, revision)
    first, second = stack.start(), stack.start()
    ends = [loaded(stack.finish(one)) for one in (first, second)]
    assert [sorted(end) for end in ends] == [SIX, SIX]
    assert {published(stack, name)["revision"] for name in SIX} == {revision}


@pytest.mark.prove
def test_forty_data_sets_in_one_execution(cloud: LocalCloud, revision: str) -> None:
    """All new, one of them refused and one failing: right outcomes, and a history far from its limit."""
    names = [f"table{number:02}" for number in range(40)]
    stack = IngestionStack(cloud, "covid-lake-forty")
    stack.deploy(Environment="forty", DataSets=",".join(names))
    for name in names:
        stack.plan(name, revision, 2, **({"error": "a field is gone"} if name == "table07" else {}))
    refusal = {"error": "SourceNotFoundError", "cause": "no object"}
    with stack.found("table31", failure=refusal):
        started = stack.start()
        why = failures(stack, stack.finish(started))
    assert why == {
        "table07": "RunJob: ValueError: a field is gone",
        "table31": "FindWork: SourceNotFoundError: no object",
    }
    outcomes = data_set_outcomes(stack.history(started), "CollectOutcomes")
    assert [one["dataset"] for one in outcomes] == names
    assert len([one for one in outcomes if one["outcome"] == "LOADED"]) == 38
    assert stack.states_entered(started).count("StartCrawler") == 1
    assert len(stack.history(started)) < HISTORY_LIMIT / 10
    assert len(json.dumps(outcomes)) < PAYLOAD_LIMIT / 4
