"""A database of the user's own: the statements of the document are enough, and nothing else is written."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest

from covidlake.base import project
from covidlake.bundle.package import package
from covidlake.laptop import local
from covidlake.laptop.database import existing, fill
from covidlake.laptop.database.access import Access
from covidlake.run import ingest
from covidlake.run.pipelines.segmentation import Request
from covidlake.ship.bootstrap import bootstrap
from covidlake.ship.deploy import deploy
from covidlake.ship.deploy.options import DeployOptions
from localcloud.cloud import LocalCloud
from localcloud.rds import postgres
from tests.e2e.bootstrap_rig import REPOSITORY
from tests.e2e.releases import ignore
from tests.e2e.segmentation_rig import FACTOR, LIMIT_SECONDS, job_run

ENVIRONMENT, STACK = "segmentation/staging", "covid-lake-staging-segmentation"
PASSWORD = "pw-of-the-jobs"
ALL = bool(os.environ.get("COVIDLAKE_KILLS"))
WRITTEN = """SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE pg_get_userbyid(c.relowner) = 'covid_lake' AND c.relkind = 'r'"""


def of_the_document() -> str:
    text = (project.ROOT / "docs" / "segmentation.md").read_text(encoding="utf-8")
    (found,) = re.findall(r"```sql\n(.*?)```", text, re.DOTALL)
    return str(found).replace("'...'", f"'{PASSWORD}'")


@pytest.fixture
def bootstrapped() -> Iterator[LocalCloud]:
    """A cloud of its own, whose roles have a boundary; other tests examine all that is staging's."""
    with LocalCloud.ephemeral(wait_scale=0.02) as cloud, local.attached(cloud):
        bootstrap.bootstrap(project.bootstrap_of(ENVIRONMENT), REPOSITORY, progress=ignore)
        yield cloud


@pytest.fixture
def jobs(bootstrapped: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Access]:
    """The stack on a PostgreSQL that is none of the cloud's, and the role of its jobs there."""
    with postgres.running(tmp_path_factory.mktemp("own") / "server") as server:
        with server.connect(autocommit=True) as admin:
            admin.execute("CREATE ROLE owner LOGIN PASSWORD 'secret'")
            admin.execute("CREATE DATABASE shop OWNER owner")
        fill.fill(Access(postgres.HOST, server.port, "shop", "owner", "secret"), None, FACTOR)
        with server.connect("shop", autocommit=True) as admin:
            admin.execute(of_the_document())
        jobs = Access(postgres.HOST, server.port, "shop", "covid_lake", PASSWORD)
        found = existing.prepare(jobs, ENVIRONMENT)
        options = DeployOptions(parameters={**found, "EnforceTls": "false"})  # which this PostgreSQL lacks
        bundle = package(tmp_path_factory.mktemp("package") / "bundle")
        deploy.deploy(ENVIRONMENT, bundle, ignore, options)
        yield jobs


def test_what_the_document_says_is_enough_for_each_job(bootstrapped: LocalCloud, jobs: Access) -> None:
    if ALL:
        ended = ingest.run(ENVIRONMENT, ignore, Request(), "whole", LIMIT_SECONDS)
        found = {one["dataset"]: one for one in ingest.outcomes(ingest.succeeded(ended))}
        assert found["write_back"]["rows_new"] > 0
        assert "PrepareDatabase" not in {visit.name for visit in ended.visits}
        wanted = [("segmentation", "customer_segments")]
    else:
        assert job_run(bootstrapped, STACK, "extract", "read", ("sales_exchange_rates",)) == ("SUCCEEDED", "")
        wanted = []
    with jobs.connect() as connection:
        connection.execute("CREATE TABLE segmentation.of_ours (id int)")
        connection.rollback()
        assert connection.execute(WRITTEN).fetchall() == wanted
