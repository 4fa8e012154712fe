from __future__ import annotations

import io
import json
import re
from datetime import UTC, datetime, timedelta
from types import ModuleType, SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from infra.common import dashboard, runs
from tests.unit.lambdas.conftest import load_handler

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
SETTINGS = {
    "LAKE": "lake",
    "STACK": "covid-lake-dev",
    "TOPIC": "topic",
    "JOBS": "job",
    "CRAWLERS": "crawler",
    "ASKED": "*",
    "DESCRIBED": "cases,codes",
    "SCHEDULE_STATE": "ENABLED",
    "STALE_AFTER_HOURS": "24",
    "MAX_QUARANTINED_PERCENT": "10",
    "MISSED_SCHEDULE_HOURS": "36",
    "MONTHLY_BUDGET_DOLLARS": "5",
    "DPU_HOUR_DOLLARS": "0.44",
    "PUBLISH_METRICS": "true",
}


ENDED = "Step Functions Execution Status Change"


def new_call() -> str:
    return str(uuid4())


def context(call: str) -> SimpleNamespace:
    """What Lambda tells the function of its call."""
    return SimpleNamespace(aws_request_id=call)


class Pages(list[dict[str, Any]]):
    def paginate(self, **_given: Any) -> Pages:
        return self


class Cloud:
    """S3, Glue and SNS in memory; `races` writes to the state are lost to another call."""

    def __init__(self) -> None:
        self.objects: dict[str, str] = {}
        self.told: list[str] = []
        self.races = 0
        self.lost_code = "PreconditionFailed"  # boto3 wrote once more, and met its own first write
        self.lost_answers = 0  # writes to the state that are done, and said to have failed
        self.job_runs: list[dict[str, Any]] = []
        self.crawls: list[dict[str, Any]] = []

    def get_object(self, Key: str, **_given: Any) -> dict[str, Any]:  # noqa: N803
        if Key not in self.objects:
            raise ClientError({"Error": {"Code": "NoSuchKey"}}, "GetObject")
        body = self.objects[Key]
        return {"Body": io.BytesIO(body.encode()), "ETag": str(hash(body))}

    def put_object(self, Key: str, Body: bytes, **given: Any) -> None:  # noqa: N803
        if Key.startswith("watch/") and self.races:
            self.races -= 1
            raise ClientError({"Error": {"Code": "PreconditionFailed"}}, "PutObject")
        there = str(hash(self.objects[Key])) if Key in self.objects else None
        assert given.get("IfMatch") == there or Key.startswith("executions/")
        self.objects[Key] = Body.decode()
        if Key.startswith("watch/") and self.lost_answers:
            self.lost_answers -= 1
            raise ClientError({"Error": {"Code": self.lost_code}}, "PutObject")

    def get_paginator(self, name: str) -> Pages:
        if name == "get_job_runs":
            return Pages([{"JobRuns": self.job_runs}])
        folders = sorted({f"runs/{key.split('/')[1]}/" for key in self.objects if key.startswith("runs/")})
        return Pages([{"CommonPrefixes": [{"Prefix": folder} for folder in folders]}])

    def list_crawls(self, **_given: Any) -> dict[str, Any]:
        return {"Crawls": self.crawls}

    def publish(self, Subject: str, **_given: Any) -> None:  # noqa: N803
        self.told.append(Subject.removesuffix(" in covid-lake-dev"))


@pytest.fixture
def cloud() -> Cloud:
    return Cloud()


@pytest.fixture
def watch(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    module = load_handler("watch")
    monkeypatch.setattr(module, "client", lambda _service: cloud)
    return module


def event(status: str = "SUCCEEDED", **more: Any) -> dict[str, Any]:
    begin = NOW - timedelta(minutes=5)
    times = {"startDate": begin.timestamp() * 1000, "stopDate": NOW.timestamp() * 1000}
    return {"name": "run-1", "status": status, "input": "{}", **times, **more}


def outcome(name: str, read: int = 10, quarantined: int = 0, what: str = "LOADED") -> dict[str, Any]:
    rows = {"rows_read": read, "rows_quarantined": quarantined, "rows_new": read, "table_rows": 100}
    return {"dataset": name, "outcome": what, **rows}


def output(*outcomes: dict[str, Any]) -> str:
    return json.dumps({"outcomes": list(outcomes)})


def test_a_row_sums_up_what_became_of_each_data_set(watch: ModuleType) -> None:
    row = watch.record(event(output=output(outcome("cases", 10, 2), outcome("codes", 5))))
    assert (row["rows_read"], row["rows_quarantined"], row["table_rows"]) == (15, 2, 200)
    assert (row["seconds"], row["nothing_new"], row["started_at"]) == (300.0, False, "2026-11-28 11:55:00")
    assert list(row) == list(runs.COLUMNS)


def test_rows_that_a_later_step_reads_again_count_once(watch: ModuleType) -> None:
    row = watch.record(event(output=output(outcome("cases", 10, 2), outcome("join", 10, 1))))
    assert (row["rows_read"], row["table_rows"], row["rows_quarantined"]) == (10, 100, 3)


def test_an_execution_without_news_is_said_to_be_one(watch: ModuleType) -> None:
    none = [outcome(name, 0, what="NOTHING_NEW") for name in ("cases", "codes")]
    assert watch.record(event(output=output(*none)))["nothing_new"] is True
    assert watch.record(event(output=output(none[0], outcome("codes"))))["nothing_new"] is False


@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT", "ABORTED"])
def test_an_execution_without_an_output_has_the_outcomes_of_its_run_records(
    watch: ModuleType, cloud: Cloud, status: str
) -> None:
    written = {"dataset": "cases", "status": "LOADED", "rows_read": 7, "rows_quarantined": 1}
    cloud.objects["runs/cases/run-1.json"] = json.dumps(written)
    cloud.objects["runs/codes/another.json"] = json.dumps({"dataset": "codes"})
    cause = "codes in RunJob: ValueError: no object"
    row = watch.record(event(status, error="IngestionFailed", cause=cause))
    found = {one["dataset"]: one["outcome"] for one in row["datasets"]}
    assert found == {"cases": "LOADED", "codes": "FAILED"}
    assert (row["status"], row["rows_read"], row["cause"], row["nothing_new"]) == (status, 7, cause, False)


def test_data_sets_that_failed_together_have_all_failed(watch: ModuleType, cloud: Cloud) -> None:
    """Their run records were written before: the crawl for them failed."""
    for name in ("cases", "codes"):
        cloud.objects[f"runs/{name}/run-1.json"] = json.dumps({"dataset": name, "status": "LOADED"})
    cause = "cases, codes in StartCrawler: CrawlerFailed: no rights; third in RunJob: ValueError: a, b in c"
    row = watch.record(event("FAILED", cause=cause))
    assert {one["dataset"]: one["outcome"] for one in row["datasets"]} == {
        "cases": "FAILED",
        "codes": "FAILED",
        "third": "FAILED",
    }


def test_a_cause_is_cut(watch: ModuleType) -> None:
    assert len(watch.record(event("FAILED", cause="x" * 32_000))["cause"]) == watch.CAUSE_LENGTH


def test_the_cost_is_that_of_its_job_runs_and_crawls_at_what_glue_bills_at_least(
    watch: ModuleType, cloud: Cloud
) -> None:
    run = {"Arguments": {"--run_id": "run-1"}, "MaxCapacity": 2.0, "StartedOn": NOW, "ExecutionTime": 30}
    other = {**run, "Arguments": {"--run_id": "run-2"}}
    cloud.job_runs = [run, other]
    crawl = {"StartTime": NOW - timedelta(minutes=2), "EndTime": NOW}
    cloud.crawls = [crawl, {"StartTime": NOW - timedelta(days=1), "EndTime": NOW}]
    # 2 DPU x 60 s of the job, 2 DPU x 600 s of the crawl.
    assert watch.record(event())["glue_dollars"] == round((120 + 1200) / 3600 * 0.44, 6)


def test_each_bound_is_told_once_and_once_more_when_it_holds_again(watch: ModuleType, cloud: Cloud) -> None:
    watch.watch(None, lambda: NOW, new_call())
    row = watch.record(event(output=output(outcome("cases", 10, 2))))
    watch.watch({**row, "glue_dollars": 6.0}, lambda: NOW, new_call())
    assert cloud.told == ["ALARM: cost", "ALARM: quarantine cases"]
    watch.watch(None, lambda: NOW + timedelta(hours=25), new_call())
    watch.watch(None, lambda: NOW + timedelta(hours=37), new_call())
    assert cloud.told[2:] == ["ALARM: stale cases", "ALARM: stale codes", "ALARM: schedule"]
    cloud.told.clear()
    later = {**row, "execution": "run-2", "started_at": "2026-12-05 00:00:00"}
    good = [outcome("cases"), outcome("codes", 0, what="NOTHING_NEW")]
    later |= {"ended_at": later["started_at"], "datasets": good, "glue_dollars": 0.1}
    watch.watch(later, lambda: datetime(2026, 12, 5, tzinfo=UTC), new_call())
    assert cloud.told == [
        *("OK: cost", "OK: quarantine cases", "OK: schedule", "OK: stale cases", "OK: stale codes")
    ]


def test_a_failed_data_set_is_not_brought_up_to_date(watch: ModuleType, cloud: Cloud) -> None:
    watch.watch(None, lambda: NOW - timedelta(hours=30), new_call())
    failed = [outcome("cases", what="FAILED"), outcome("codes")]
    row = watch.record(event(output=output(*failed)))
    assert watch.watch(row, lambda: NOW, new_call())["alarms"].keys() == {"stale cases"}


def test_an_event_that_comes_twice_counts_once(watch: ModuleType, cloud: Cloud) -> None:
    row = {**watch.record(event(output=output(outcome("cases")))), "glue_dollars": 3.0}
    watch.watch(row, lambda: NOW, new_call())
    assert watch.watch(row, lambda: NOW, new_call())["alarms"] == {}
    assert json.loads(cloud.objects[watch.STATE])["costs"] == {"run-1": 3.0}


@pytest.mark.parametrize(
    ("name", "value", "left"),
    [
        ("STALE_AFTER_HOURS", "0", {"schedule"}),
        ("SCHEDULE_STATE", "DISABLED", {"stale cases", "stale codes"}),
        ("MISSED_SCHEDULE_HOURS", "0", {"stale cases", "stale codes"}),
        ("ASKED", "codes", {"stale codes", "schedule"}),
    ],
)
def test_what_is_off_is_not_told(
    watch: ModuleType, monkeypatch: pytest.MonkeyPatch, name: str, value: str, left: set[str]
) -> None:
    monkeypatch.setenv(name, value)
    watch.watch(None, lambda: NOW, new_call())
    assert watch.watch(None, lambda: NOW + timedelta(hours=40), new_call())["alarms"].keys() == left


def test_a_write_that_lost_a_race_is_tried_again(watch: ModuleType, cloud: Cloud) -> None:
    cloud.races = 2
    watch.watch(None, lambda: NOW, new_call())
    assert watch.STATE in cloud.objects
    cloud.races = watch.ATTEMPTS
    with pytest.raises(ClientError):
        watch.watch(None, lambda: NOW, new_call())


def ended(
    watch: ModuleType, capsys: pytest.CaptureFixture[str], detail: dict[str, Any], call: str = ""
) -> dict[str, Any]:
    """The line of the log. A `call` that was there is one that Lambda tries again."""
    watch.handler({"detail-type": ENDED, "detail": detail}, context(call or new_call()))
    line: dict[str, Any] = json.loads(capsys.readouterr().out)
    return line


def test_the_log_has_the_metrics_that_the_dashboard_draws(
    watch: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    line = ended(watch, capsys, event(output=output(outcome("cases", 10, 2), outcome("codes", 5))))
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert {one["Name"]: one["Unit"] for one in directive["Metrics"]} == dashboard.METRICS
    assert (directive["Namespace"], directive["Dimensions"]) == (dashboard.NAMESPACE, [["Stack"]])
    assert line["Stack"] == "covid-lake-dev"
    assert {name: line[name] for name in ("RowsRead", "RowsNew", "RowsQuarantined")} == {
        "RowsRead": 15,
        "RowsNew": 15,
        "RowsQuarantined": 2,
    }
    assert abs(line["_aws"]["Timestamp"] / 1000 - datetime.now(UTC).timestamp()) < 60


def told_metrics(line: dict[str, Any]) -> dict[str, float]:
    names = [one["Name"] for one in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]]
    return {name: line[name] for name in names if name not in ("HoursSinceSuccess", "GlueDollars")}


def test_a_metric_counts_an_event_that_comes_twice_once(
    watch: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    once = event(output=output(outcome("cases", 10, 2)), stopDate=datetime.now(UTC).timestamp() * 1000)
    assert told_metrics(ended(watch, capsys, once)) == {"RowsRead": 10, "RowsNew": 10, "RowsQuarantined": 2}
    assert told_metrics(ended(watch, capsys, once)) == {}


def test_metrics_are_told_although_the_answer_to_the_own_write_was_lost(
    watch: ModuleType, cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    cloud.lost_answers = 1
    once = event(output=output(outcome("cases", 10, 2)))
    assert told_metrics(ended(watch, capsys, once)) == {"RowsRead": 10, "RowsNew": 10, "RowsQuarantined": 2}
    assert told_metrics(ended(watch, capsys, once)) == {}


def test_metrics_are_told_by_the_next_attempt_of_a_call_that_died_after_it_had_remembered(
    watch: ModuleType, cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    cloud.lost_answers, cloud.lost_code = 1, "RequestTimeout"
    once, call = event(output=output(outcome("cases", 10, 2))), new_call()
    with pytest.raises(ClientError):
        watch.handler({"detail-type": ENDED, "detail": once}, context(call))
    assert capsys.readouterr().out == ""
    assert told_metrics(ended(watch, capsys, once)) == {}, "what came between has nothing to tell"
    again = ended(watch, capsys, once, call)
    assert told_metrics(again) == {"RowsRead": 10, "RowsNew": 10, "RowsQuarantined": 2}
    assert told_metrics(ended(watch, capsys, once)) == {}, "another call has nothing left to tell"


def test_metrics_are_told_by_the_next_attempt_although_a_redrive_ended_meanwhile(
    watch: ModuleType, cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    cloud.lost_answers, cloud.lost_code = 1, "RequestTimeout"
    now = datetime.now(UTC).timestamp() * 1000
    first, call = event(output=output(outcome("cases", 10, 2)), stopDate=now), new_call()
    with pytest.raises(ClientError):
        watch.handler({"detail-type": ENDED, "detail": first}, context(call))
    both = event(output=output(outcome("cases", 10, 2), outcome("codes", 5)), stopDate=now)
    assert told_metrics(ended(watch, capsys, both)) == {"RowsRead": 5, "RowsNew": 5}
    again = ended(watch, capsys, first, call)
    assert told_metrics(again) == {"RowsRead": 10, "RowsNew": 10, "RowsQuarantined": 2}
    assert told_metrics(ended(watch, capsys, both)) == {}
    assert told_metrics(ended(watch, capsys, first)) == {}, "what ended before takes nothing back"


def test_an_execution_that_a_redrive_changed_nothing_of_is_remembered_from_its_last_end(
    watch: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends = {day: (NOW + timedelta(days=day)).strftime(watch.TIME) for day in (0, 13, 17)}
    counts = dict.fromkeys(watch.METRICS.values(), 7)
    state: dict[str, Any] = {}
    told = [
        watch.uncounted(
            state, {"execution": "e", "ended_at": end, **counts}, NOW + timedelta(days=day), new_call()
        )
        for day, end in ends.items()
    ]
    assert told == [dict.fromkeys(watch.METRICS, 7), {}, {}]


def test_what_an_older_version_remembered_is_not_told_again(
    watch: ModuleType, cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    once = event(output=output(outcome("cases", 10, 2)), stopDate=datetime.now(UTC).timestamp() * 1000)
    ended(watch, capsys, once)
    state = json.loads(cloud.objects[watch.STATE])
    del state["told"]["run-1"]["calls"]
    cloud.objects[watch.STATE] = json.dumps(state)
    assert told_metrics(ended(watch, capsys, once)) == {}


def test_a_metric_counts_of_a_redriven_execution_what_came_since(
    watch: ModuleType, cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    now = datetime.now(UTC).timestamp() * 1000
    ended(watch, capsys, event(output=output(outcome("cases", 10, 2)), stopDate=now))
    both = output(outcome("cases", 10, 2), outcome("codes", 5))
    again = ended(watch, capsys, event(output=both, stopDate=now))
    assert told_metrics(again) == {"RowsRead": 5, "RowsNew": 5}
    late = datetime.now(UTC) + timedelta(days=watch.REDRIVE_DAYS + 3650)
    watch.watch(None, lambda: late, new_call())
    assert json.loads(cloud.objects[watch.STATE])["told"] == {}, "what can end no more is forgotten"


def test_the_hour_publishes_how_long_the_stalest_data_set_waits(
    watch: ModuleType, cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    watch.watch(None, lambda: NOW, new_call())
    state = json.loads(cloud.objects[watch.STATE])
    now = datetime.now(UTC)
    state["good"] = {
        "cases": now.strftime(watch.TIME),
        "codes": (now - timedelta(hours=9)).strftime(watch.TIME),
    }
    cloud.objects[watch.STATE] = json.dumps(state)
    watch.handler({"detail-type": "Scheduled Event"}, context(new_call()))
    line = json.loads(capsys.readouterr().out)
    assert [one["Name"] for one in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]] == [watch.WAIT]
    assert round(line[watch.WAIT]) == 9
    assert {name: round(hours) for name, hours in line["hours"].items()} == {"cases": 0, "codes": 9}


def test_no_metric_is_published_without_a_dashboard(
    watch: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PUBLISH_METRICS", "false")
    line = ended(watch, capsys, event(output=output(outcome("cases"))))
    assert line.keys() == {"message", "execution", "alarms", "hours"}


def test_the_dashboard_finds_what_the_function_says(
    watch: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    line = ended(watch, capsys, event(output=output(outcome("cases"))))
    asked = [one["properties"]["query"] for one in dashboard.body("watch")["widgets"] if one["type"] == "log"]
    (wanted,) = re.findall("like /(.+?)/", asked[0])
    assert wanted in json.dumps(line)
