"""Kill -9 at every point of the second pipeline: the next run heals, and no reader sees a half.

Many minutes, so that only `make prove` does it. The points inside of a job run are reached by its script,
which kills its own process group there; nothing of it is left to tidy up.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from covidlake.laptop.database import access, changes
from covidlake.run.pipelines.segmentation import Request
from localcloud import processes
from localcloud.cloud import LocalCloud
from tests.e2e.segmentation_rig import (
    ENVIRONMENT,
    IN_DATABASE,
    LIMIT_SECONDS,
    STACK,
    deployed,
    failure_of,
    in_database,
    in_lake,
    job_run,
    outcomes,
    run,
    script_of,
)

pytestmark = pytest.mark.skipif(not os.environ.get("COVIDLAKE_KILLS"), reason="many minutes: make prove")
JOBS = ("extract", "join", "segment", "write-back")
# Where a job run dies: before the function is called, or behind it where it ends with a plus.
POINTS = {
    "extract": (
        "segmentation.extract.table:_judged",  # read
        "segmentation.lake.merge:Merge._staged+",  # merged
        "ingestion.state.publish:Publication.save+",  # what is to be done is written down
        "segmentation.lake.table_state:TableState.save+",  # the table is pending
        "ingestion.state.publish:Publication.carry_out+",  # published
        "segmentation.record.step_record:StepRecord.save",  # all but the record
    ),
    "join": ("segmentation.join.orders:worth", "ingestion.state.publish:Publication.carry_out+"),
    "segment": ("segmentation.segment.clusters:fit", "segmentation.lake.publication:publish"),
    "write-back": (
        "segmentation.write_back.job:write",  # staged
        "segmentation.write_back.transaction:_gone",  # inside of the transaction
        "segmentation.write_back.job:_rows",  # committed, without a record
    ),
}
DIES = """
def _die_at(point):
    import functools, importlib, os, signal
    module, _, path = point.rstrip("+").partition(":")
    *owners, name = path.split(".")
    owner = functools.reduce(getattr, owners, importlib.import_module(module))
    good = getattr(owner, name)
    def die(*given, **named):
        if point.endswith("+"):
            good(*given, **named)
        os.killpg(0, signal.SIGKILL)
    setattr(owner, name, die)
_die_at({point!r})
"""
KILLS_THE_DATABASE = """
def _kill_the_database(folder):
    import os, pathlib, signal
    from segmentation.write_back import transaction
    good = transaction._gone
    def kill(*given):
        (pid,) = pathlib.Path(folder).rglob("postmaster.pid")
        os.kill(int(pid.read_text().split()[0]), signal.SIGKILL)
        return good(*given)
    transaction._gone = kill
_kill_the_database({folder!r})
"""
EVERY_KEY = Request(compare_keys=True)
STATE = f"SELECT count(*), md5(string_agg(t::text, ' ' ORDER BY customer_id)) FROM {IN_DATABASE} t"  # noqa: S608
SUM = "SELECT count(*), sum({0}), sum(amount) FROM {1}"
SUMS = {
    "sales.orders": "order_id",
    "sales.refunds": "refund_id",
}


@pytest.fixture(scope="module")
def stack(cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with deployed(cloud, tmp_path_factory.mktemp("package")):
        assert outcomes(run("first"))["write_back"]["rows_new"]
        yield


def a_day(seed: int) -> None:
    with access.of_stack(ENVIRONMENT).connect() as connection:
        changes.a_day(connection, seed)


@contextlib.contextmanager
def watched() -> Iterator[set[Any]]:
    """Somebody reads the result all the time: every state that he sees has been a whole one."""
    seen: set[Any] = set()
    ended = threading.Event()

    def read() -> None:
        while not ended.is_set():
            with contextlib.suppress(psycopg.Error, Exception), access.of_stack(ENVIRONMENT).connect() as one:
                one.autocommit = True
                while not ended.is_set():
                    seen.add(one.execute(STATE.encode()).fetchone())
            time.sleep(0.05)

    before, reader = in_database(STATE), threading.Thread(target=read)
    reader.start()
    try:
        yield seen
    finally:
        ended.set()
        reader.join()
    whole = {before[0], in_database(STATE)[0]}
    assert seen, "nobody has read"
    assert {tuple(map(str, one)) for one in seen} <= whole


def healed(name: str) -> None:
    """The next execution makes all good: 0 rows lost or doubled, in the lake and in the database."""
    ended = outcomes(run(name, EVERY_KEY))
    assert "FAILED" not in {one["outcome"] for one in ended.values()}
    for table, key in SUMS.items():
        assert in_database(SUM.format(key, table)) == in_lake(SUM.format(key, table.replace(".", "_")))
    assert in_database() == in_lake() != []
    assert in_database("SELECT relname FROM pg_class WHERE relname LIKE '%\\_\\_stage\\_%'") == []
    assert {one["outcome"] for one in outcomes(run(f"{name}-again")).values()} == {"NOTHING_NEW"}


@pytest.mark.usefixtures("stack")
@pytest.mark.parametrize("job", JOBS)
def test_a_job_run_that_dies_at_any_point_is_made_good(cloud: LocalCloud, job: str) -> None:
    a_day(10 + JOBS.index(job))
    with watched() as seen:
        for before in JOBS[: JOBS.index(job)]:
            assert job_run(cloud, STACK, before, f"{before}-before-{job}") == ("SUCCEEDED", "")
        for number, point in enumerate(POINTS[job]):
            with script_of(cloud, job, DIES.format(point=point)):
                assert job_run(cloud, STACK, job, f"{job}-dies-{number}")[0] == "FAILED", point
        healed(f"{job}-healed")
    assert len(seen) == 2, "the result before and after were both read"


@pytest.mark.usefixtures("stack")
def test_a_database_that_is_killed_inside_the_transaction_has_nothing_of_it(cloud: LocalCloud) -> None:
    a_day(20)
    before = in_database(STATE)
    with watched():
        with script_of(cloud, "write-back", KILLS_THE_DATABASE.format(folder=str(cloud.home.path))):
            text = failure_of("database-dies", EVERY_KEY)
        assert "write_back in RunWriteBack: DatabaseUnreachableError" in text
        assert in_database(STATE) == before
        healed("database-healed")


@pytest.mark.usefixtures("stack")
@pytest.mark.parametrize("job", JOBS)
def test_a_job_run_whose_jvm_is_killed_is_told_and_made_good(cloud: LocalCloud, job: str) -> None:
    a_day(30 + JOBS.index(job))
    killer = threading.Thread(target=kill_the_jvm, args=(cloud, f"{STACK}-{job}"))
    with watched():
        killer.start()
        failure_of(f"killed-{job}", EVERY_KEY)
        killer.join()
        healed(f"jvm-{job}-healed")


def kill_the_jvm(cloud: LocalCloud, job: str) -> None:
    """Wait until a run of the job has its JVM, and kill that."""
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


def test_a_cloud_that_is_killed_during_a_run_goes_on_where_it_was(tmp_path: Path) -> None:
    home = tmp_path / "home"
    try:
        cloud = up(home)
        with deployed(cloud, tmp_path):
            outcomes(run("first"))
            before = in_database(STATE)
            a_day(40)
            killer = threading.Thread(target=kill_the_cloud, args=(cloud,))
            killer.start()
            with pytest.raises(Exception, match=r".+"):
                run("killed", EVERY_KEY)
            killer.join()
            assert up(home).endpoint_url == cloud.endpoint_url
            assert in_database(STATE) == before
            healed("healed")
    finally:
        control("down", home)


def kill_the_cloud(cloud: LocalCloud) -> None:
    """Once its second run extracts."""
    deadline = time.monotonic() + LIMIT_SECONDS
    while not of_job_runs(cloud) and time.monotonic() < deadline:
        time.sleep(0.1)
    os.kill(cloud.pid, signal.SIGKILL)


def up(home: Path) -> LocalCloud:
    control("up", home, "--region", "us-east-2", "--wait-scale", "0.02")
    return LocalCloud.running(home)


def control(verb: str, home: Path, *options: str) -> None:
    command = [sys.executable, "-m", "localcloud", verb, "--home", str(home), *options]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
