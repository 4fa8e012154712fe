"""How an ingestion went, as the job summary and the issue show it."""

from __future__ import annotations

from typing import Any

import pytest

from covidlake.report import ingestion_report
from covidlake.report.ingestion_report import Facts
from covidlake.run.execution import Execution

ARN = "arn:aws:states:us-east-2:111122223333:execution:covid-lake-dev-ingest:ingest-2026-11-26"


LOADED = {
    "dataset": "uk_covid",
    "outcome": "LOADED",
    "rows_read": 3787,
    "rows_new": 3780,
    "rows_restated": 0,
    "rows_unchanged": 0,
    "rows_removed": 0,
    "quarantine_rows": 4,
    "rows_filtered_out": 0,
    "rows_quarantined": 4,
    "rows_duplicate": 3,
    "seconds": 41.2,
}


FAILED = {
    "dataset": "uk_covid",
    "outcome": "FAILED",
    "state": "RunJob",
    "error": "States.TaskFailed",
    "cause": "ValueError: day | <b>2022-12-07</b>\nis broken",
}


def facts(status: str, *found: dict[str, Any], **more: Any) -> Facts:
    ended = Execution(ARN, status, 61.0, {}, more.pop("error", ""), more.pop("cause", ""))
    return Facts("dev", ended, list(found), **more)


def test_a_success_is_healthy_and_says_what_it_cost() -> None:
    run = {"Id": "jr_1", "JobRunState": "SUCCEEDED", "Arguments": {"--datasets": "uk_covid,codes"}}
    run |= {"DPUSeconds": 3600.0, "ExecutionTime": 61, "LogGroupName": "/aws-glue/jobs"}
    made = ingestion_report.made_of(facts("SUCCEEDED", LOADED, job_runs=[run]))
    assert (made.healthy, made.status) == (True, "SUCCEEDED")
    assert "| 3,787 | 3,780 | 0 | 0 | 3 | 4 | 0 | 0 | 4 | 41 s |" in made.markdown
    assert ", <code>codes</code>: <code>SUCCEEDED</code>, 61 s, $0.44" in made.markdown
    assert (
        f"https://us-east-2.console.aws.amazon.com/states/home?region=us-east-2#/v2/executions/details/{ARN}"
        in (made.markdown)
    )


def test_nothing_new_is_a_success_of_its_own() -> None:
    made = ingestion_report.made_of(facts("SUCCEEDED", {**LOADED, "outcome": "NOTHING_NEW"}))
    assert (made.healthy, made.status) == (True, "NOTHING_NEW")
    assert "nothing new" in made.title
    both = facts("SUCCEEDED", LOADED, {**LOADED, "outcome": "NOTHING_NEW"})
    assert ingestion_report.made_of(both).status == "SUCCEEDED"


def test_a_failure_names_data_set_state_cause_and_logs() -> None:
    runs = [{"Arguments": {"--datasets": "codes,uk_covid"}, "LogGroupName": "/aws-glue/jobs"}]
    made = ingestion_report.made_of(facts("FAILED", FAILED, job_runs=runs, error="IngestionFailed"))
    assert (made.healthy, made.status) == (False, "FAILED")
    assert made.title == "dev: uk_covid failed in RunJob: States.TaskFailed"
    assert "is broken" in made.markdown
    assert "<b>" not in made.markdown
    assert "log-group/$252Faws-glue$252Fjobs$252Ferror" in made.markdown


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("TIMED_OUT", "timed out"),
        ("ABORTED", "was stopped"),
        ("RUNNING", "still runs"),
        ("FAILED", "InvalidInput"),
    ],
)
def test_other_ends_are_distinguished(status: str, words: str) -> None:
    made = ingestion_report.made_of(facts(status, error="InvalidInput", cause="unknown mode"))
    assert not made.healthy
    assert made.status == status
    assert words in made.title


def test_the_console_of_another_partition_has_another_host() -> None:
    arn = ARN.replace("arn:aws:", "arn:aws-cn:").replace("us-east-2", "cn-north-1")
    assert ingestion_report.console_url(arn).startswith("https://cn-north-1.console.amazonaws.cn/states/")


def test_a_segmentation_shows_its_segments_and_what_nobody_reads() -> None:
    means = {"mean_recency_days": 18.9, "mean_frequency": 35.6, "mean_monetary": 3501.88}
    best = {"number": 1, "name": "best customers", "customers": 1779, "share": 0.0963, **means}
    outcome = {"dataset": "customer_segments", "outcome": "LOADED", "rows_new": 18465, "segments": [best]}
    lost = {
        "dataset": "write_back",
        "outcome": "FAILED",
        "state": "RunWriteBack",
        "error": "E",
        "cause": "why",
    }
    run = {"Id": "jr_1", "JobName": "x-write-back", "JobRunState": "FAILED", "LogGroupName": "/logs"}
    ended = Execution(ARN, "FAILED", 61.0, {"undescribed": ["crm.newsletter"]}, "", "")
    made = ingestion_report.made_of(Facts("segmentation/dev", ended, [outcome, lost], job_runs=[run]))
    assert "| 1 | best customers | 1,779 | 9.6 % | 18.90 | 35.60 | 3501.88 |" in made.markdown
    assert "crm.newsletter: found in the database and not described" in made.markdown
    assert "log-group/$252Flogs$252Ferror" in made.markdown
    assert "18,465" in made.markdown
