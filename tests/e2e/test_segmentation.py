"""The second pipeline on one cloud, IAM enforced: from the database to segments and back into it.

The data is small: what takes time are the job runs, each a process of its own.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from covidlake import aws
from covidlake.base.errors import IngestionError
from covidlake.bundle.package import package
from covidlake.laptop import local
from covidlake.laptop.database import access, changes, fill
from covidlake.laptop.database.changes import Changes
from covidlake.laptop.database.made import Shop
from covidlake.run import ingest, notifications, query
from covidlake.run.execution import Execution
from covidlake.run.pipelines.segmentation import Request
from covidlake.ship.deploy import deploy
from covidlake.ship.stack import stack
from localcloud import processes
from localcloud.cloud import LocalCloud
from tests.e2e.releases import ignore
from tests.e2e.taken_away import without

ENVIRONMENT, STACK = "segmentation/dev", "covid-lake-dev-segmentation"
FACTOR = 0.02
LIMIT_SECONDS = 1800.0
TABLES = {
    *("crm_customers", "crm_customer_links", "sales_orders", "sales_refunds"),
    *("sales_exchange_rates", "sales_monthly_revenue"),
}
STEPS = {"customers", "customer_segments", "write_back"}
RESULT = "SELECT customer_id, segment, segment_name, frequency FROM {} ORDER BY 1"
IN_DATABASE, IN_LAKE = "segmentation.customer_segments", "customer_segments"
SMALLEST = Request(("sales_exchange_rates",))
# Roles that work before any job run starts, so that what they lack costs no time; and one of a job.
EARLY = [
    ("PrepareDatabaseRole", "Execute", "PrepareDatabase"),
    ("PrepareDatabaseRole", "ReadSecrets", "PrepareDatabase"),
    ("StateMachineRole", "PrepareDatabase", "PrepareDatabase"),
    ("StateMachineRole", "InvokeFunctions", "DatabaseStartCrawler"),
    ("StartCrawlerFunctionRole", "Crawler", "DatabaseStartCrawler"),
    ("CheckCrawlerFunctionRole", "Crawler", "DatabaseCheckCrawler"),
    ("DatabaseCrawlerRole", "ReadConnection", "DatabaseCheckCrawler"),
    ("DatabaseCrawlerRole", "ReadSecret", "DatabaseCheckCrawler"),
    ("DatabaseCrawlerRole", "WriteCatalog", "DatabaseCheckCrawler"),
    ("FindTablesFunctionRole", "ListTables", "FindTables"),
    ("StateMachineRole", "RunJob", "RunExtract"),
]
OF_THE_JOB = [("ExtractJobRole", "ReadSecret", "RunExtract")]
MORE_OF_THE_JOB = [
    ("ExtractJobRole", statement, "RunExtract")
    for statement in ("ReadCode", "ListLake", "WriteLake", "ReadConnection", "AskForJobRuns")
]
ALL = bool(os.environ.get("COVIDLAKE_KILLS"))


@pytest.fixture(scope="module", autouse=True)
def deployed(cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The stack, whose database is filled."""
    bundle = package(tmp_path_factory.mktemp("package") / "bundle")
    with local.attached(cloud):
        deploy.deploy(ENVIRONMENT, bundle, ignore)
        notifications.subscribe(ENVIRONMENT)
        fill.fill(access.of_stack(ENVIRONMENT), None, FACTOR)
        yield


def run(name: str, request: Request | None = None) -> Execution:
    return ingest.run(ENVIRONMENT, ignore, request or Request(), name, LIMIT_SECONDS)


def outcomes(ended: Execution) -> dict[str, dict[str, Any]]:
    return {one["dataset"]: one for one in ingest.outcomes(ingest.succeeded(ended))}


def failure_of(name: str, request: Request | None = None) -> tuple[str, Execution]:
    """The error, in one line, of an execution that fails; people are told once, of step and cause."""
    notifications.receive(ENVIRONMENT, wait_seconds=0)
    ended = run(name, request)
    with pytest.raises(IngestionError) as failed:
        ingest.succeeded(ended)
    received = notifications.receive(ENVIRONMENT, wait_seconds=10)
    (told,) = [one.message for one in received if "State:" in one.message]
    text = str(failed.value)
    assert "\n" not in text
    assert "Cause:" in told
    return text, ended


def in_database() -> list[tuple[str, ...]]:
    with access.of_stack(ENVIRONMENT).connect() as connection:
        found = connection.execute(RESULT.format(IN_DATABASE).encode()).fetchall()
    return [tuple(map(str, row)) for row in found]


def in_lake() -> list[tuple[str, ...]]:
    return [tuple(map(str, row)) for row in query.query(ENVIRONMENT, RESULT.format(IN_LAKE)).rows]


@contextmanager
def statement(sql: str, back: str) -> Iterator[None]:
    """The database changed by one statement, and changed back."""
    with access.of_stack(ENVIRONMENT).connect() as connection:
        connection.execute(sql.encode())
    yield
    with access.of_stack(ENVIRONMENT).connect() as connection:
        connection.execute(back.encode())


def test_a_first_run_goes_from_the_database_to_segments_in_it() -> None:
    ended = run("first")
    found, shop = outcomes(ended), Shop(FACTOR)
    for table in Shop.TABLES:
        assert len(list(shop.lines(table))) >= 0
    assert set(found) == TABLES | STEPS
    assert {one["outcome"] for one in found.values()} == {"LOADED"}
    assert ended.output["undescribed"] == ["crm.newsletter"]
    assert found["crm_customers"]["table_rows"] == shop.truth.customers
    assert found["sales_orders"]["table_rows"] == shop.truth.orders
    assert found["customers"]["table_rows"] == shop.truth.people
    assert found["customers"]["rows_quarantined"] >= len(shop.truth.negative | shop.truth.unknown_currency)
    assert found["write_back"]["rows_new"] == found["customer_segments"]["table_rows"] > 0
    assert in_database() == in_lake() != []


def test_a_second_run_finds_nothing_new_and_changes_no_row() -> None:
    before = in_database()
    ended = run("second")
    found = outcomes(ended)
    assert {one["outcome"] for one in found.values()} == {"NOTHING_NEW"}
    assert not {"RunJoin", "RunSegment", "RunWriteBack"} & {visit.name for visit in ended.visits}
    assert in_database() == before


@pytest.fixture(scope="module")
def day() -> Changes:
    with access.of_stack(ENVIRONMENT).connect() as connection:
        return changes.a_day(connection)


def test_a_duplicate_key_at_the_write_back_leaves_the_database_as_it_was(day: Changes) -> None:
    before, one_a_run = in_database(), "CREATE UNIQUE INDEX one_a_run ON {} (segment) WHERE run_id <> 'first'"
    with statement(one_a_run.format(IN_DATABASE), "DROP INDEX segmentation.one_a_run"):
        text, _ = failure_of("duplicate-key", Request(compare_keys=True))
        assert "write_back in RunWriteBack" in text
        assert "one_a_run" in text
        assert in_database() == before
    assert day.gone_customers


def test_a_days_changes_arrive_with_the_next_run(day: Changes) -> None:
    before, found = in_database(), outcomes(run("changes", Request(compare_keys=True)))
    assert found["sales_orders"]["outcome"] == "NOTHING_NEW"  # the failed run has published them
    assert found["write_back"]["rows_changed"] > 0
    after = in_database()
    assert after == in_lake() != before
    there = {int(row[0]) for row in query.query(ENVIRONMENT, "SELECT order_id FROM sales_orders").rows}
    assert set(day.new_orders) <= there
    assert not set(day.gone_orders) & there


@pytest.mark.parametrize(("role", "sid", "state"), EARLY + OF_THE_JOB + (MORE_OF_THE_JOB if ALL else []))
def test_a_role_without_one_action_fails_its_step(cloud: LocalCloud, role: str, sid: str, state: str) -> None:
    before = in_database()
    with without(cloud, STACK, (role, sid)):
        text, _ = failure_of(f"{role}-{sid}", SMALLEST)
    assert state in text
    assert in_database() == before


def test_a_wrong_password_fails_before_anything_is_read() -> None:
    secret = stack.find(ENVIRONMENT).outputs["MasterSecretArn"]
    secrets = aws.client("secretsmanager")
    right = secrets.get_secret_value(SecretId=secret)["SecretString"]
    secrets.put_secret_value(
        SecretId=secret, SecretString='{"username": "covid_lake_admin", "password": "no"}'
    )
    try:
        text, _ = failure_of("wrong-password", SMALLEST)
    finally:
        secrets.put_secret_value(SecretId=secret, SecretString=right)
    assert "PrepareDatabase" in text


def test_a_table_that_has_vanished_is_named() -> None:
    gone = "ALTER TABLE sales.refunds RENAME TO refunds_of_old"
    with statement(gone, "ALTER TABLE sales.refunds_of_old RENAME TO refunds"):
        text, _ = failure_of("vanished", Request(("sales_refunds",)))
    assert "sales_refunds in FindTables" in text
    assert "sales.refunds" in text


def test_a_column_of_another_type_is_named() -> None:
    retyped = "ALTER TABLE sales.exchange_rates ALTER rate_to_usd TYPE {0} USING rate_to_usd::{0}"
    with statement(retyped.format("text"), retyped.format("numeric(18, 8)")):
        text, _ = failure_of("retyped", SMALLEST)
    assert "sales_exchange_rates in RunExtract" in text
    assert "rate_to_usd" in text


def test_a_closed_security_group_is_said(cloud: LocalCloud) -> None:
    ec2 = cloud.client("ec2")
    described = cloud.client("cloudformation").describe_stack_resource(
        StackName=STACK, LogicalResourceId="DatabaseSecurityGroup"
    )
    group = described["StackResourceDetail"]["PhysicalResourceId"]
    rules = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"]
    ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=rules)
    try:
        text, _ = failure_of("closed", SMALLEST)
    finally:
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=rules)
    assert "DatabaseCheckCrawler" in text


def test_a_database_that_is_down_is_said() -> None:
    rds, name = aws.client("rds"), stack.find(ENVIRONMENT).outputs["DatabaseClusterArn"].rpartition(":")[2]
    rds.stop_db_cluster(DBClusterIdentifier=name)
    try:
        text, _ = failure_of("down", SMALLEST)
    finally:
        rds.start_db_cluster(DBClusterIdentifier=name)
    assert "PrepareDatabase" in text


def test_a_database_that_was_killed_is_there_again_with_all_its_rows(cloud: LocalCloud) -> None:
    before = in_database()
    (pid,) = cloud.home.path.rglob("postmaster.pid")
    os.kill(int(pid.read_text().split()[0]), signal.SIGKILL)
    assert {one["outcome"] for one in outcomes(run("killed", SMALLEST)).values()} == {"NOTHING_NEW"}
    assert in_database() == before


@pytest.mark.skipif(not ALL, reason="minutes: COVIDLAKE_KILLS=1")
@pytest.mark.parametrize(("seed", "job"), enumerate(("extract", "join", "segment", "write-back"), 2))
def test_a_job_run_that_is_killed_loses_and_doubles_nothing(cloud: LocalCloud, seed: int, job: str) -> None:
    with access.of_stack(ENVIRONMENT).connect() as connection:
        changes.a_day(connection, seed)
    killer = threading.Thread(target=kill_the_run, args=(cloud, f"{STACK}-{job}"))
    killer.start()
    failure_of(f"killed-{job}", Request(compare_keys=True))
    killer.join()
    assert "FAILED" not in {one["outcome"] for one in outcomes(run(f"healed-{job}")).values()}
    assert in_database() == in_lake()


def kill_the_run(cloud: LocalCloud, job: str) -> None:
    """Wait until a run of the job has its JVM, and kill all its processes."""
    glue, deadline = cloud.client("glue"), time.monotonic() + LIMIT_SECONDS
    while time.monotonic() < deadline:
        runs = glue.get_job_runs(JobName=job)["JobRuns"]
        if any(one["JobRunState"] == "RUNNING" for one in runs) and (there := of_job_runs(cloud)):
            for process in there:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            return
        time.sleep(0.2)


def of_job_runs(cloud: LocalCloud) -> list[int]:
    """The processes of job runs that have started Spark."""
    found = []
    for process in processes.of(cloud.home.temporary):
        with contextlib.suppress(OSError):
            if b"SparkSubmit" in Path(f"/proc/{process}/cmdline").read_bytes():
                found.append(process)
    return found


def test_after_all_that_the_next_run_has_nothing_to_do() -> None:
    before = in_database()
    assert {one["outcome"] for one in outcomes(run("last")).values()} == {"NOTHING_NEW"}
    assert in_database() == before == in_lake()
