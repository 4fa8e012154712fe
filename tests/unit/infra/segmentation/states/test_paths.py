"""Every way through the state machine, with stand-ins for Glue, Lambda, Athena, S3 and SNS."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.segmentation.states.resource import substitutions
from tests.unit.infra.conftest import TABLES, packaged_code
from tests.unit.infra.interpreter import Execution, ExecutionFailedError, TaskError, deployed

NAMES = [one.name for one in TABLES]
STEPS = ["customers", "customer_segments", "write_back"]
VALUES = {
    "DatabaseMode": "create",
    "DatabaseName": "shop",
    "DatabasePlace": "jdbc:postgresql://db:5432/shop",
    "GoneCustomers": "delete",
    "MaxSegments": "8",
    "MinSegments": "3",
    "Segments": "auto",
    "Tables": "*",
    "TablesPerRun": "20",
    "Code": "s3://artifacts/library.zip",
    "DescribedPlaces": ",".join(f"{one.name}={one.schema}.{one.table}" for one in TABLES),
    "DescribedTables": ",".join(NAMES),
}


class Aws:
    """The services; a test changes what they answer."""

    def __init__(self) -> None:
        self.records: dict[str, dict[str, Any]] = {name: record(name) for name in [*NAMES, *STEPS]}
        self.missing: list[dict[str, str]] = []
        self.undescribed: list[str] = []
        self.unreadable: list[dict[str, str]] = []
        self.done: dict[str, Any] | None = None
        self.raises: dict[str, TaskError] = {}  # by job, function, or the table that a query counts
        self.crawl = "SUCCEEDED"
        self.counted: dict[str, int] = {}
        self.jobs: list[tuple[str, dict[str, str]]] = []
        self.crawled: list[str] = []
        self.written: dict[str, Any] = {}
        self.told: list[dict[str, Any]] = []

    def stands(self) -> dict[str, Any]:
        return {
            "lambda:invoke": self.invoke,
            "glue:startJobRun.sync": self.run_job,
            "aws-sdk:s3:getObject": self.get_object,
            "aws-sdk:s3:putObject": self.put_object,
            "athena:startQueryExecution.sync": self.query,
            "athena:getQueryResults": self.results,
            "sns:publish": self.publish,
        }

    def _may_raise(self, name: str) -> None:
        if name in self.raises:
            raise self.raises[name]

    def invoke(self, given: dict[str, Any]) -> dict[str, Any]:
        function, payload = given["FunctionName"], given["Payload"]
        self._may_raise(function)
        answers = {
            "PrepareDatabaseFunction": lambda: {"role": "covid_lake", "unreadable": self.unreadable},
            "StartCrawlerFunction": lambda: self._started(payload["crawler"]),
            "CheckCrawlerFunction": lambda: {**payload, "status": self.crawl, "message": "it broke"},
            "FindTablesFunction": lambda: self._found(payload),
        }
        return {"Payload": answers[function]()}

    def _started(self, crawler: str) -> dict[str, Any]:
        self.crawled.append(crawler)
        return {"crawler": crawler, "status": "STARTED", "wait_seconds": 10}

    def _found(self, payload: dict[str, Any]) -> dict[str, Any]:
        assert payload["described"] == VALUES["DescribedPlaces"].split(",")
        assert (payload["tables_per_run"], payload["catalog"]) == (20, "SourceDatabase")
        lost = [one["name"] for one in self.missing]
        there = [name for name in payload["tables"] if name not in lost]
        return {
            "tables": there,
            "job_runs": [{"datasets": there}] if there else [],
            "undescribed": self.undescribed,
            "missing": self.missing,
        }

    def run_job(self, given: dict[str, Any]) -> dict[str, Any]:
        self.jobs.append((given["JobName"], given["Arguments"]))
        self._may_raise(given["JobName"])
        return {"JobRunState": "SUCCEEDED"}

    def get_object(self, given: dict[str, Any]) -> dict[str, Any]:
        key = given["Key"]
        if key == "state/pipeline/done.json":
            self._may_raise(key)
            found = self.done
        else:
            folder, name, run = key.split("/")
            assert (folder, run) == ("runs", "run-1.json")
            found = self.records.get(name)
        if found is None:
            raise TaskError("S3.NoSuchKeyException", "The specified key does not exist.")
        return {"Body": json.dumps(found)}

    def put_object(self, given: dict[str, Any]) -> dict[str, Any]:
        self._may_raise(given["Key"])
        self.written[given["Key"]] = given["Body"]
        return {"ETag": "1"}

    def query(self, given: dict[str, Any]) -> dict[str, Any]:
        self.asked = given["QueryString"]
        return {"QueryExecution": {"QueryExecutionId": "q"}}

    def results(self, _given: dict[str, Any]) -> dict[str, Any]:
        assert self.asked.endswith("SELECT 0 AS table_rows, 0 AS published)")
        table = next((name for name in self.records if f'FROM "{name}" UNION ALL ' in self.asked), "")
        there = 7 if table else 0
        rows = self.counted.get(table, there)
        row = [{"VarCharValue": str(rows)}, {"VarCharValue": str(int(rows != there))}]
        return {"ResultSet": {"Rows": [{"Data": []}, {"Data": row}]}}

    def publish(self, given: dict[str, Any]) -> dict[str, Any]:
        self.told.append(given)
        return {"MessageId": "m"}


def record(name: str, **more: Any) -> dict[str, Any]:
    """A run that changed its table, which has to be crawled and verified."""
    table = name != "write_back"
    counts = dict.fromkeys(
        (
            *("rows_read", "rows_new", "rows_changed", "rows_unchanged", "rows_deleted", "rows_quarantined"),
            *("quarantine_rows", "files_written", "bytes_written", "seconds"),
        ),
        1,
    )
    return {
        "dataset": name,
        "run_id": "run-1",
        "status": "LOADED",
        "crawl_needed": table,
        "verify_needed": table,
        "catalog": f"catalog of {name}",
        "revision": f"r1 of {name}",
        "tables": {name: 7} if table else {},
        "table_rows": 7,
        "findings": "",
        "started_at": "2026-01-01T00:00:10Z",
        **counts,
        **more,
    }


def failed(name: str, cause: str) -> dict[str, Any]:
    return {**record(name), "status": "FAILED", "error": "JdbcError", "cause": cause}


def nothing_new(name: str) -> dict[str, Any]:
    return record(name, status="NOTHING_NEW", crawl_needed=False, verify_needed=False)


@pytest.fixture(scope="module")
def machine(segmenting: dict[str, Any]) -> dict[str, Any]:
    common = (
        *("CheckCrawlerFunction", "Console", "CrawlerName", "Database", "Environment", "JobLogGroup"),
        *("LakeBucket", "Region", "StackName", "StartCrawlerFunction", "StateMachineLogGroup", "Topic"),
        "WorkGroup",
    )
    own = substitutions(packaged_code(), TABLES)
    values = {**{name: name for name in (*common, *own)}, **VALUES}
    return deployed(segmenting, values)


def run(machine: dict[str, Any], aws: Aws, given: Any = None) -> tuple[dict[str, Any], list[str]]:
    execution = Execution(machine, aws.stands())
    return execution.run(given or {}), execution.visited


def run_to_failure(
    machine: dict[str, Any], aws: Aws, given: Any = None
) -> tuple[ExecutionFailedError, list[str]]:
    execution = Execution(machine, aws.stands())
    with pytest.raises(ExecutionFailedError) as raised:
        execution.run(given or {})
    return raised.value, execution.visited


def outcomes(answer: dict[str, Any]) -> dict[str, str]:
    return {one["dataset"]: one["outcome"] for one in answer["outcomes"]}


def test_all_eight_steps(machine: dict[str, Any]) -> None:
    aws = Aws()
    aws.undescribed = ["crm.newsletter"]
    answer, visited = run(machine, aws)
    assert outcomes(answer) == dict.fromkeys([*NAMES, *STEPS], "LOADED")
    assert answer["undescribed"] == ["crm.newsletter"]
    assert [job for job, _ in aws.jobs] == [
        "ExtractJobName",
        "JoinJobName",
        "SegmentJobName",
        "WriteBackJobName",
    ]
    assert aws.jobs[0][1] == {
        "--tables": ",".join(NAMES),
        "--run_id": "run-1",
        "--load_mode": "incremental",
        "--compare_keys": "auto",
        "--allow_removal": "false",
    }
    assert {arguments["--run_id"] for _, arguments in aws.jobs} == {"run-1"}
    assert aws.crawled == ["DatabaseCrawlerName", "CrawlerName", "CrawlerName", "CrawlerName"]
    done = aws.written.pop("state/pipeline/done.json")
    assert done["revisions"] == {name: f"r1 of {name}" for name in NAMES}
    proved = [*NAMES, "customers", "customer_segments"]
    assert sorted(aws.written) == sorted(f"state/{name}/published.json" for name in proved)
    assert aws.told == []
    assert visited[-1] == "Segmented"


def test_the_input_decides_what_is_extracted_and_how(machine: dict[str, Any]) -> None:
    aws = Aws()
    run(
        machine,
        aws,
        {"tables": ["sales_orders"], "mode": "full", "compare_keys": True, "allow_removal": True},
    )
    assert aws.jobs[0][1] == {
        "--tables": "sales_orders",
        "--run_id": "run-1",
        "--load_mode": "full",
        "--compare_keys": "always",
        "--allow_removal": "true",
    }
    assert aws.written["state/pipeline/done.json"]["revisions"] == {"sales_orders": "r1 of sales_orders"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([], "the input is of type array"),
        ({"datasets": ["a"]}, "unknown key in the input: datasets"),
        ({"tables": ["nothing"]}, "unknown table: nothing; allowed: crm_customers, sales_orders"),
        ({"tables": []}, "tables is empty"),
        ({"mode": "replay"}, "unknown mode: replay; allowed: incremental, full, smoke"),
        ({"compare_keys": "yes"}, "compare_keys is neither true nor false: yes"),
        ({"allow_removal": 1}, "allow_removal is neither true nor false: 1"),
    ],
)
def test_a_bad_input_is_refused_before_anything_runs(machine: dict[str, Any], given: Any, said: str) -> None:
    aws = Aws()
    execution = Execution(machine, aws.stands())
    with pytest.raises(ExecutionFailedError, match=said):
        execution.run(given)
    assert execution.visited == ["ValidateInput", "NotifyExecutionFailed", "ExecutionFailed"]
    assert (aws.jobs, aws.crawled, len(aws.told)) == ([], [], 1)


def unchanged(aws: Aws) -> None:
    aws.records |= {name: nothing_new(name) for name in NAMES}


def test_nothing_new_ends_at_once(machine: dict[str, Any]) -> None:
    first, second = Aws(), Aws()
    run(machine, first)
    unchanged(second)
    second.done = first.written["state/pipeline/done.json"]
    answer, visited = run(machine, second)
    assert outcomes(answer) == dict.fromkeys(NAMES, "NOTHING_NEW")
    assert [job for job, _ in second.jobs] == ["ExtractJobName"]
    assert "SameAsDone" in visited
    assert second.written == {}


@pytest.mark.parametrize("change", ["never", "revision", "settings", "fewer", "more", "mode", "smoke"])
def test_nothing_new_is_not_enough_where_the_last_one_was_of_something_else(
    machine: dict[str, Any], change: str
) -> None:
    first, second = Aws(), Aws()
    run(machine, first)
    unchanged(second)
    done = first.written["state/pipeline/done.json"]
    revisions = dict(done["revisions"])
    if change == "revision":
        revisions["sales_orders"] = "r0"
    if change == "fewer":
        del revisions["sales_orders"]
    if change == "more":
        revisions["sales_refunds"] = "r1"
    settings = "6 3 8 mark other" if change == "settings" else done["settings"]
    second.done = None if change == "never" else {**done, "revisions": revisions, "settings": settings}
    mode = {"mode": "full", "smoke": "smoke"}.get(change, "incremental")
    answer, _ = run(machine, second, {"mode": mode})
    assert outcomes(answer)["write_back"] == "LOADED"
    assert [job for job, _ in second.jobs][1:] == ["JoinJobName", "SegmentJobName", "WriteBackJobName"]
    assert len(second.told) == (change == "smoke")


def test_nothing_to_segment_is_an_outcome(machine: dict[str, Any]) -> None:
    aws = Aws()
    for name in ("customer_segments", "write_back"):
        aws.records[name] = {**nothing_new(name), "status": "NOTHING_TO_SEGMENT"}
    answer, _ = run(machine, aws)
    assert outcomes(answer)["customer_segments"] == outcomes(answer)["write_back"] == "NOTHING_TO_SEGMENT"


def test_so_it_is_in_a_first_run_where_no_table_has_a_row(machine: dict[str, Any]) -> None:
    aws = Aws()
    for name in ("sales_orders", "customer_segments"):
        aws.records[name] = record(name, tables={}, table_rows=0)
    aws.records["customer_segments"]["status"] = "NOTHING_TO_SEGMENT"
    answer, _ = run(machine, aws)
    assert outcomes(answer)["sales_orders"] == "LOADED"
    assert outcomes(answer)["customer_segments"] == "NOTHING_TO_SEGMENT"
    assert "state/sales_orders/published.json" in aws.written


def told_once(aws: Aws, *words: str) -> None:
    (told,) = aws.told
    for word in words:
        assert word in told["Message"], told["Message"]


def test_a_table_that_fails_ends_the_execution_with_one_message(machine: dict[str, Any]) -> None:
    aws = Aws()
    aws.records["sales_orders"] = failed("sales_orders", "password authentication failed")
    error, _ = run_to_failure(machine, aws)
    assert (error.error, error.cause) == (
        "SegmentationFailed",
        "sales_orders in RunExtract: JdbcError: password authentication failed",
    )
    told_once(aws, "Failed: sales_orders.", "State:       RunExtract", "password authentication failed")
    assert [job for job, _ in aws.jobs] == ["ExtractJobName"]


def test_tables_that_fail_for_one_reason_are_one_message(machine: dict[str, Any]) -> None:
    aws = Aws()
    aws.records |= {name: failed(name, "the database is down") for name in NAMES}
    run_to_failure(machine, aws)
    told_once(aws, f"Failed: {', '.join(NAMES)}.", "the database is down")


def test_tables_that_fail_for_two_reasons_are_two_messages(machine: dict[str, Any]) -> None:
    aws = Aws()
    aws.records |= {name: failed(name, f"of {name}") for name in NAMES}
    run_to_failure(machine, aws)
    assert len(aws.told) == 2


def test_a_job_run_that_dies_fails_the_tables_without_a_record(machine: dict[str, Any]) -> None:
    aws = Aws()
    aws.raises["ExtractJobName"] = TaskError("States.TaskFailed", '{"ErrorMessage": "killed"}')
    aws.records |= dict.fromkeys(NAMES)  # type: ignore[arg-type]
    run_to_failure(machine, aws)
    told_once(aws, "State:       RunExtract", "Cause:       killed")


@pytest.mark.parametrize(
    ("job", "name", "after"),
    [
        ("JoinJobName", "customers", []),
        ("SegmentJobName", "customer_segments", []),
        ("WriteBackJobName", "write_back", []),
    ],
)
def test_a_step_that_fails_ends_the_execution(
    machine: dict[str, Any], job: str, name: str, after: list[str]
) -> None:
    aws = Aws()
    aws.raises[job] = TaskError("States.TaskFailed", "duplicate key")
    aws.records[name] = failed(name, "duplicate key value violates unique constraint")
    error, _ = run_to_failure(machine, aws)
    step = job.removesuffix("JobName")
    assert error.cause == f"{name} in Run{step}: JdbcError: duplicate key value violates unique constraint"
    told_once(aws, f"State:       Run{step}", "duplicate key value")
    assert aws.jobs[-1][0] == job
    assert "state/pipeline/done.json" not in aws.written


def test_a_described_table_that_is_missing_fails_it(machine: dict[str, Any]) -> None:
    aws = Aws()
    aws.missing = [{"name": "sales_orders", "place": "sales.orders"}]
    error, _ = run_to_failure(machine, aws)
    assert error.cause.startswith(
        "sales_orders in FindTables: TableMissing: the crawl of the database found no"
    )
    told_once(aws, "no sales.orders")
    aws.unreadable = [{"place": "sales.orders", "owner": "app"}]
    error, _ = run_to_failure(machine, aws)
    assert "may not read sales.orders, and only its owner, app, can grant that" in error.cause
    assert [job for job, _ in aws.jobs] == ["ExtractJobName"] * 2


def test_nothing_found_starts_no_job(machine: dict[str, Any]) -> None:
    aws = Aws()
    aws.missing = [{"name": one.name, "place": f"{one.schema}.{one.table}"} for one in TABLES]
    run_to_failure(machine, aws)
    assert aws.jobs == []


@pytest.mark.parametrize(
    "function", ["PrepareDatabase", "DatabaseStartCrawler", "DatabaseCheckCrawler", "FindTables"]
)
def test_what_nobody_could_look_at_is_one_message(machine: dict[str, Any], function: str) -> None:
    aws = Aws()
    name = function.removeprefix("Database") if function.startswith("DatabaseS") else function
    name = "CheckCrawler" if function == "DatabaseCheckCrawler" else name
    aws.raises[f"{name}Function"] = TaskError("AccessDenied", "not authorized")
    error, _ = run_to_failure(machine, aws)
    assert error.cause == f"{', '.join(NAMES)} in {function}: AccessDenied: not authorized"
    told_once(aws, f"State:       {function}")
    assert aws.jobs == []


def test_a_crawl_of_the_database_that_fails_is_one_message(machine: dict[str, Any]) -> None:
    aws = Aws()
    aws.crawl = "FAILED"
    run_to_failure(machine, aws)
    told_once(aws, "State:       DatabaseCheckCrawler", "Error:       CrawlFailed", "it broke")


def test_a_table_that_does_not_answer_is_not_joined(machine: dict[str, Any]) -> None:
    aws = Aws()
    aws.counted["sales_orders"] = 6
    error, _ = run_to_failure(machine, aws)
    assert "sales_orders in RowsMatch: VerificationFailed: Athena counts 6 rows" in error.cause
    told_once(aws, "VerificationFailed")
    assert [job for job, _ in aws.jobs] == ["ExtractJobName"]


def test_segments_that_do_not_answer_are_not_written_back(machine: dict[str, Any]) -> None:
    aws = Aws()
    aws.counted["customer_segments"] = 8
    error, visited = run_to_failure(machine, aws)
    assert "customer_segments in SegmentRowsMatch: VerificationFailed" in error.cause
    assert [job for job, _ in aws.jobs][-1] == "SegmentJobName"
    assert visited.count("SegmentStartCrawler") == 1


def test_a_table_that_was_not_crawled_gets_a_crawl_before_it_fails(machine: dict[str, Any]) -> None:
    aws = Aws()
    aws.records["customers"] = record("customers", crawl_needed=False)
    aws.counted["customers"] = 8
    _, visited = run_to_failure(machine, aws)
    assert visited.count("JoinVerifyTable") == 2
    assert visited.count("JoinStartCrawler") == 1


def test_what_was_done_and_cannot_be_remembered_fails(machine: dict[str, Any]) -> None:
    aws = Aws()
    aws.raises["state/pipeline/done.json"] = TaskError("S3.S3Exception", "Access Denied")
    error, _ = run_to_failure(machine, aws)
    assert error.error == "S3.S3Exception"
    told_once(aws, "State:       WriteDone")


def test_a_database_of_the_users_own_is_not_prepared(segmenting: dict[str, Any]) -> None:
    own = substitutions(packaged_code(), TABLES)
    text = json.dumps(segmenting)
    names = {part.partition("}")[0] for part in text.split("${")[1:]}
    values = {**{name: name for name in (*names, *own)}, **VALUES, "DatabaseMode": "existing"}
    aws = Aws()
    aws.raises["PrepareDatabaseFunction"] = TaskError("ValidationException", "none is no function")
    _, visited = run(deployed(segmenting, values), aws)
    assert "PrepareDatabase" not in visited
    assert visited[-1] == "Segmented"
