"""What Glue and Lambda report: every page is read, no further than needed, and what is denied is said."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from covidlake.bundle import template
from covidlake.cost import history, measure
from covidlake.cost.measure import Measured
from covidlake.cost.services import Crawl, Invocation
from covidlake.environment import pipelines
from tests.unit.covidlake.conftest import Stubs
from tests.unit.covidlake.cost.events import START, whole

USED = history.read(whole().events)
UNTIL = START + timedelta(hours=1)
DENIED: dict[str, Any] = {"service_error_code": "AccessDeniedException", "service_message": "no"}


@pytest.fixture
def measured() -> Measured:
    return Measured(START, UNTIL)


def run(run_id: str, minutes: float = 1.0, **more: Any) -> dict[str, Any]:
    return {"Id": run_id, "StartedOn": START + timedelta(minutes=minutes), **more}


def test_job_runs_are_found_on_the_second_page(stubs: Stubs, measured: Measured) -> None:
    glue, job = stubs("glue"), "covid-lake-dev-ingestion"
    glue.add_response("get_job_runs", {"JobRuns": [run("jr_2", 9.0)], "NextToken": "more"}, {"JobName": job})
    second = {"JobRuns": [run("jr_1", ExecutionTime=88), run("jr_0", -60.0)], "NextToken": "never asked for"}
    glue.add_response("get_job_runs", second, {"JobName": job, "NextToken": "more"})
    assert [one["ExecutionTime"] for one in measured.job_runs(USED)] == [88]
    assert [one["ExecutionTime"] for one in measured.job_runs(USED)] == [88], "the list is read once"
    assert not measured.unknown


def test_where_runs_may_not_be_read_the_history_stands_for_them(stubs: Stubs, measured: Measured) -> None:
    stubs("glue").add_client_error("get_job_runs", **DENIED)
    assert [one["ExecutionTime"] for one in measured.job_runs(USED)] == [90]
    assert list(measured.unknown) == [
        "runs of job covid-lake-dev-ingestion: AccessDeniedException of GetJobRuns"
    ]


def test_a_run_that_nobody_knows_is_said(stubs: Stubs, measured: Measured) -> None:
    stubs("glue").add_response("get_job_runs", {"JobRuns": []})
    used = history.read(whole().events)
    used.of("glue")[0].answer = {}
    assert measured.job_runs(used) == []
    assert list(measured.unknown) == [
        "job run jr_1 of covid-lake-dev-ingestion: neither Glue nor the history says how long it ran"
    ]


def test_the_crawls_of_the_execution_are_those_that_began_while_it_ran(
    stubs: Stubs, measured: Measured
) -> None:
    began = START + timedelta(seconds=110)
    mine = {"CrawlId": "a", "StartTime": began, "EndTime": began + timedelta(seconds=60), "DPUHour": 0.1}
    later = {"CrawlId": "b", "StartTime": UNTIL, "EndTime": UNTIL}
    stubs("glue").add_response("list_crawls", {"Crawls": [later], "NextToken": "x"})
    stubs("glue").add_response("list_crawls", {"Crawls": [mine]})
    assert measured.crawls(USED) == [Crawl("covid-lake-dev-crawler", 60.0, 0.1)]


def test_where_crawls_may_not_be_listed_the_time_in_the_history_stands_for_one(
    stubs: Stubs, measured: Measured
) -> None:
    stubs("glue").add_client_error("list_crawls", **DENIED)
    (only,) = measured.crawls(USED)
    assert (only.crawler, only.dpu_hours) == ("covid-lake-dev-crawler", None)
    assert 0 < only.seconds < 600
    assert "the time in the history stands for it" in "".join(measured.unknown)


def test_calls_have_the_time_that_lambda_bills(stubs: Stubs, measured: Measured) -> None:
    at = int((START + timedelta(seconds=5)).timestamp() * 1000)
    message = (
        "REPORT RequestId: call-1\tDuration: 2807.1 ms\tBilled Duration: 2808 ms\tMemory Size: 1024 MB\t"
    )
    logs = stubs("logs")
    first = {"events": [{"timestamp": at, "message": "REPORT RequestId: broken"}], "nextToken": "more"}
    logs.add_response("filter_log_events", first)
    logs.add_response("filter_log_events", {"events": [{"timestamp": at, "message": message}]})
    logs.add_client_error("filter_log_events", service_error_code="ResourceNotFoundException")
    logs.add_response("filter_log_events", {"events": []})
    calls = measured.invocations(USED)
    assert calls[0] == Invocation("covid-lake-dev-find-work", 2.808, 1024)
    # What has no report has the time of the history and an assumed memory.
    assert calls[1] == Invocation("covid-lake-dev-start-crawler", 0.5, 256, billed=False)
    assert [one.billed for one in calls] == [True, False, False, False]
    assert list(measured.unknown) == [
        "log of function covid-lake-dev-start-crawler: ResourceNotFoundException of FilterLogEvents"
    ]


def test_a_call_is_found_by_its_time_where_its_id_is_another(stubs: Stubs, measured: Measured) -> None:
    at = int((START + timedelta(seconds=5)).timestamp() * 1000)
    message = "REPORT RequestId: other\tBilled Duration: 100 ms\tMemory Size: 512 MB\t"
    used = history.read(whole().events[:6])
    stubs("logs").add_response("filter_log_events", {"events": [{"timestamp": at, "message": message}]})
    assert measured.invocations(used) == [Invocation("covid-lake-dev-find-work", 0.1, 512)]


def test_a_list_without_an_end_is_cut_and_said(
    stubs: Stubs, measured: Measured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measure, "MOST_PAGES", 2)
    for _ in range(2):
        stubs("glue").add_response("get_job_runs", {"JobRuns": [run("jr_1")], "NextToken": "more"})
    measured.job_runs(USED)
    assert list(measured.unknown) == [
        "runs of job covid-lake-dev-ingestion: only the newest 2 pages were read"
    ]


def test_the_assumed_memory_is_that_of_every_template() -> None:
    found = {
        json.dumps(one["Properties"]["FunctionName"]): float(one["Properties"]["MemorySize"])
        for pipeline in pipelines.names()
        for one in json.loads(template.local_template(pipeline))["Resources"].values()
        if one["Type"] == "AWS::Lambda::Function"
    }
    assert found
    assert found == {name: measure.memory_of(name.rstrip('"}')) for name in found}
