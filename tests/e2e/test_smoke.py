"""The smoke test proves a deployment: it passes every state, and fails where any permission is missing.

Each statement of each role that an ingestion uses is taken away in turn, IAM being enforced.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager

import pytest

from covidlake import aws
from covidlake.base import project
from covidlake.base.errors import IngestionError
from covidlake.bundle.package import package
from covidlake.dataset import descriptions
from covidlake.laptop import local
from covidlake.laptop.source import from_description
from covidlake.laptop.source.mirror import mirror
from covidlake.run import ingest, query, smoke
from covidlake.run.execution import Execution
from covidlake.run.pipelines import ingestion
from covidlake.ship.deploy import deploy
from covidlake.ship.stack import stack
from localcloud.cloud import LocalCloud
from tests.e2e import taken_away
from tests.e2e.releases import ignore
from tests.sampling import sampled

DATA_SET = "country_codes"
LIMIT_SECONDS = 300.0
ROWS = "SELECT * FROM country_codes ORDER BY 1, 2, 3"
# What the success of an execution does not depend on here.
NEEDLESS = {
    ("CrawlerRole", "WriteLogs"): "a crawler that cannot log crawls",
    ("CheckCrawlerFunctionRole", "WriteLogs"): "a function that cannot log answers",
    ("StartCrawlerFunctionRole", "WriteLogs"): "a function that cannot log answers",
    ("FindWorkFunctionRole", "WriteLogs"): "a function that cannot log answers",
    ("JobRole", "WriteLogs"): "a job run that cannot log runs",
    ("StateMachineRole", "QueryCatalog"): "the local cloud's Athena does not ask for it",
    ("StateMachineRole", "DeliverLogs"): "is asked for when the machine is made",
    ("StateMachineRole", "Trace"): "an execution without a trace goes on",
    ("StateMachineRole", "ReadDefaultDatabase"): "Athena looks there, and goes on without",
}
# What a stack has only on a condition, which that of `dev` does not meet: docs/operations.md says so.
NOT_IN_DEV = {
    ("CrawlerRole", "Key"),
    ("FindWorkFunctionRole", "Key"),
    ("JobRole", "Key"),
    ("JobRole", "TellDataZone"),
    ("JobRole", "WriteMetrics"),
    ("StateMachineRole", "Key"),
}


TEMPLATE = taken_away.statements_of("ingestion")
STATEMENTS = [one for one in TEMPLATE if one not in NEEDLESS and one not in NOT_IN_DEV]
OF_THE_JOB = [statement for role, statement in STATEMENTS if role == "JobRole"]
OF_OTHERS = [one for one in STATEMENTS if one[0] != "JobRole"]
# Writes the run record of an earlier run, as the job does at its end: without Spark, for what comes after it.
RECORD_AGAIN = f"""
import datetime
import json
import sys
import boto3
from awsglue.utils import getResolvedOptions
given = getResolvedOptions(sys.argv, ["lake_root", "run_id"])
bucket, runs = given["lake_root"][len("s3://"):].strip("/"), "runs/{DATA_SET}/"
s3 = boto3.client("s3")
record = json.loads(s3.get_object(Bucket=bucket, Key=runs + "unchanged.json")["Body"].read())
record["started_at"] = datetime.datetime.now(datetime.UTC).isoformat()
s3.put_object(Bucket=bucket, Key=runs + given["run_id"] + ".json", Body=json.dumps(record))
"""


@pytest.fixture(scope="module", autouse=True)
def deployed(cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The dev stack with one small data set at its source, which was loaded before."""
    bundle = package(tmp_path_factory.mktemp("package") / "bundle")
    sample = tmp_path_factory.mktemp("sample")
    from_description.generate(descriptions.load(DATA_SET), sample)
    with local.attached(cloud):
        mirror(sample, project.SOURCE_BUCKET)
        deploy.deploy("dev", bundle, ignore)
        ingest.ingest("dev", ignore, ingestion.Request((DATA_SET,)), "before-smoke")
        yield


def smoke_test(name: str) -> Execution:
    ended = ingest.run("dev", ignore, smoke.request(DATA_SET), name, LIMIT_SECONDS)
    smoke.check(ingest.succeeded(ended))
    return ended


def without(cloud: LocalCloud, *statements: tuple[str, str]) -> AbstractContextManager[None]:
    return taken_away.without(cloud, "covid-lake-dev", *statements)


def test_it_passes_every_state_although_nothing_is_new_and_leaves_the_table_as_it_was() -> None:
    before = query.query("dev", ROWS).rows
    (outcome,) = ingest.outcomes(smoke_test("unchanged"))
    assert (outcome["outcome"], outcome["rows_new"], outcome["rows_restated"]) == ("LOADED", 0, 0)
    assert outcome["files_written"] > 0
    assert query.query("dev", ROWS).rows == before


@pytest.mark.parametrize("statement", sampled(OF_THE_JOB, 6))
def test_it_fails_where_a_permission_of_the_job_is_missing(cloud: LocalCloud, statement: str) -> None:
    with without(cloud, ("JobRole", statement)), pytest.raises(IngestionError, match="RunJob"):
        smoke_test(f"JobRole-{statement}")


def test_what_is_not_taken_away_is_in_the_template() -> None:
    assert {*NEEDLESS, *NOT_IN_DEV} <= set(TEMPLATE)


def test_a_state_that_was_left_out_is_no_success() -> None:
    ended = ingest.run("dev", ignore, ingestion.Request((DATA_SET,)), "incremental", LIMIT_SECONDS)
    with pytest.raises(IngestionError, match=r"did not go through .*StartCrawler.*is not proven"):
        smoke.check(ingest.succeeded(ended))


@pytest.fixture(scope="module")
def recorded(cloud: LocalCloud) -> Iterator[None]:
    """A job that takes no time, for a while."""
    job = stack.find("dev").outputs["JobName"]
    script = cloud.client("glue").get_job(JobName=job)["Job"]["Command"]["ScriptLocation"]
    bucket, key = script.removeprefix("s3://").split("/", 1)
    good = aws.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    aws.client("s3").put_object(Bucket=bucket, Key=key, Body=RECORD_AGAIN.encode())
    yield
    aws.client("s3").put_object(Bucket=bucket, Key=key, Body=good)


@pytest.mark.usefixtures("recorded")
@pytest.mark.parametrize(("role", "statement"), sampled(OF_OTHERS, 5))
def test_it_fails_where_a_permission_is_missing(cloud: LocalCloud, role: str, statement: str) -> None:
    with without(cloud, (role, statement)), pytest.raises(IngestionError) as failed:
        smoke_test(f"{role}-{statement}")
    assert "\n" not in str(failed.value)


@pytest.mark.usefixtures("recorded")
def test_it_passes_with_nothing_else(cloud: LocalCloud) -> None:
    """So each of those failures has the one cause that was made."""
    with without(cloud, *NEEDLESS):
        smoke_test("without-the-needless")
