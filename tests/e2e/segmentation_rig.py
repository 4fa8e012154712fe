"""The second pipeline on a cloud: its executions, and both of its ends, the lake and the database."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from covidlake.base.errors import IngestionError
from covidlake.bundle.package import package
from covidlake.laptop import local
from covidlake.laptop.database import access, fill
from covidlake.run import ingest, notifications, query
from covidlake.run.execution import Execution
from covidlake.run.pipelines.segmentation import Request
from covidlake.ship.deploy import deploy
from covidlake.ship.deploy.options import DeployOptions
from localcloud.cloud import LocalCloud
from tests.e2e.releases import ignore

ENVIRONMENT, STACK = "segmentation/dev", "covid-lake-dev-segmentation"
FACTOR = 0.02
LIMIT_SECONDS = 1800.0
RESULT = "SELECT customer_id, segment, segment_name, frequency FROM {} ORDER BY 1"
IN_DATABASE, IN_LAKE = "segmentation.customer_segments", "customer_segments"
FEW = DeployOptions(parameters={"MaxSegments": "4"})  # numbers of segments to choose from
TABLES = frozenset(
    {
        *("crm_customers", "crm_customer_links", "sales_orders", "sales_refunds"),
        *("sales_exchange_rates", "sales_monthly_revenue"),
    }
)


@contextmanager
def deployed(cloud: LocalCloud, folder: Path) -> Iterator[None]:
    """The stack, whose database is filled; the verbs of this process call that cloud."""
    with local.attached(cloud):
        deploy.deploy(ENVIRONMENT, package(folder / "bundle"), ignore, FEW)
        notifications.subscribe(ENVIRONMENT)
        fill.fill(access.of_stack(ENVIRONMENT), None, FACTOR)
        yield


def run(name: str, request: Request | None = None) -> Execution:
    return ingest.run(ENVIRONMENT, ignore, request or Request(), name, LIMIT_SECONDS)


def outcomes(ended: Execution) -> dict[str, dict[str, Any]]:
    return {one["dataset"]: one for one in ingest.outcomes(ingest.succeeded(ended))}


def failure_of(name: str, request: Request | None = None) -> str:
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
    return text


def in_database(question: str = RESULT.format(IN_DATABASE)) -> list[tuple[str, ...]]:
    with access.of_stack(ENVIRONMENT).connect() as connection:
        found = connection.execute(question.encode()).fetchall()
    return [tuple(map(str, row)) for row in found]


def in_lake(question: str = RESULT.format(IN_LAKE)) -> list[tuple[str, ...]]:
    return [tuple(map(str, row)) for row in query.query(ENVIRONMENT, question).rows]


@contextmanager
def statement(sql: str, back: str) -> Iterator[None]:
    """The database changed by one statement, and changed back."""
    with access.of_stack(ENVIRONMENT).connect() as connection:
        connection.execute(sql.encode())
    yield
    with access.of_stack(ENVIRONMENT).connect() as connection:
        connection.execute(back.encode())


@contextmanager
def script_of(cloud: LocalCloud, job: str, change: str, to: str | None = None) -> Iterator[None]:
    """The script of a job with lines before its main, or all of it replaced, for the length of the block."""
    glue, s3 = cloud.client("glue"), cloud.client("s3")
    place = glue.get_job(JobName=f"{STACK}-{job}")["Job"]["Command"]["ScriptLocation"]
    bucket, key = place.removeprefix("s3://").split("/", 1)
    good = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    main = 'if __name__ == "__main__":'
    assert main in good.decode()
    text = to or good.decode().replace(main, f"{change}\n\n{main}")
    s3.put_object(Bucket=bucket, Key=key, Body=text.encode())
    try:
        yield
    finally:
        s3.put_object(Bucket=bucket, Key=key, Body=good)


def job_run(
    cloud: LocalCloud, stack: str, job: str, name: str, tables: Iterable[str] = TABLES
) -> tuple[str, str]:
    """A run of one job, outside of any execution; its state at the end, and what it failed by."""
    glue, given = cloud.client("glue"), {"--run_id": name}
    if job == "extract":
        given |= {"--tables": ",".join(sorted(tables)), "--compare_keys": "always"}
    started = glue.start_job_run(JobName=f"{stack}-{job}", Arguments=given)["JobRunId"]
    deadline = time.monotonic() + LIMIT_SECONDS
    while time.monotonic() < deadline:
        found = glue.get_job_run(JobName=f"{stack}-{job}", RunId=started)["JobRun"]
        if found["JobRunState"] not in ("STARTING", "RUNNING", "STOPPING"):
            return found["JobRunState"], found.get("ErrorMessage", "")
        time.sleep(0.1)
    raise TimeoutError(name)
