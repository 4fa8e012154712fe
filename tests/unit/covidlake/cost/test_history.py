"""What is read from a history: the paths of a Map stay apart, retries count, failed queries do not."""

from __future__ import annotations

from covidlake.cost import history
from tests.unit.covidlake.cost.events import History, whole


def test_states_retries_and_tasks_are_counted() -> None:
    used = history.read(whole().events)
    assert (used.entered, used.retries, used.redrives) == (8, 1, 0)
    assert [(name, run) for name, run, _ in used.job_runs()] == [("covid-lake-dev-ingestion", "jr_1")]
    assert used.job_runs()[0][2]["ExecutionTime"] == 90
    assert used.crawlers() == ["covid-lake-dev-crawler"]
    assert used.scanned() == [12_345_678]
    assert used.s3_requests() == (0, 1)
    assert len(used.of("sns", "publish")) == 1
    assert (used.looked, used.loaded) == (2, 1)


def test_a_call_has_its_function_its_id_and_its_time() -> None:
    first, *_ = history.read(whole().events).of("lambda", "invoke")
    assert history.function_of(first) == "covid-lake-dev-find-work"
    assert history.request_id(first) == "call-1"
    assert first.seconds == 3.0


def test_a_failed_job_run_is_in_the_cause_of_its_failure() -> None:
    made = History()
    made.enter("RunJob")
    made.schedule("glue", "startJobRun.sync", JobName="job")
    made.fail({"Id": "jr_9", "JobRunState": "FAILED", "ExecutionTime": 7})
    assert [run for _, run, _ in history.read(made.events).job_runs()] == ["jr_9"]


def test_failed_queries_and_ddl_are_not_billed() -> None:
    made = History()
    for output, kind in (({"Statistics": {"DataScannedInBytes": 5}}, "DDL"), ({}, "DML")):
        made.enter("Query")
        made.schedule("athena", "startQueryExecution.sync", QueryString="x")
        made.succeed({"QueryExecution": {"StatementType": kind, **output}})
        made.leave("Query")
    made.enter("Query")
    made.schedule("athena", "startQueryExecution.sync", QueryString="x")
    made.fail("no table")
    assert history.read(made.events).scanned() == [0]


def test_two_paths_of_a_map_do_not_look_like_retries() -> None:
    made = History()
    start = made.enter("RunJobs", "Map")
    first = made.enter("RunJob", before=start)
    second = made.enter("RunJob", before=start)
    for before in (first, second):
        details = {"resourceType": "glue", "resource": "startJobRun.sync", "parameters": '{"JobName": "job"}'}
        made.add("TaskScheduled", before=before, taskScheduledEventDetails=details)
    used = history.read(made.events)
    assert (used.entered, used.retries, len(used.tasks)) == (3, 0, 2)


def test_a_redrive_counts_and_strange_texts_do_no_harm() -> None:
    made = History()
    made.add("ExecutionRedriven")
    made.enter("Call")
    details = {"resourceType": "lambda", "resource": "invoke", "parameters": "[1, {"}
    made.add("TaskScheduled", taskScheduledEventDetails=details)
    made.add("TaskSucceeded", taskSucceededEventDetails={"output": "x"})
    used = history.read(made.events)
    assert (used.redrives, len(used.tasks)) == (1, 1)
    assert history.function_of(used.tasks[0]) == ""
