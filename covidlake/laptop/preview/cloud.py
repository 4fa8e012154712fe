"""The job of a ref on a local cloud: buckets, a role and a job, without a stack; what it leaves, as files."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from covidlake import aws
from covidlake.base import project
from covidlake.base.errors import IngestionError
from covidlake.bundle.archive import archive, files_in

CODE = "covid-lake-preview-code"
ROLE = "covid-lake-preview"
GLUE_VERSION = "5.1"
ENDED = {"SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT", "ERROR", "EXPIRED"}
MINUTES = 30
POLL_SECONDS = 0.2
_TRUST = {"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}
_SERVICES = ("s3", "glue", "logs", "secretsmanager")
_RIGHTS = {"Effect": "Allow", "Action": [f"{one}:*" for one in _SERVICES], "Resource": "*"}
FETCHED = ("clean/", "quarantine/", "runs/")
INTERRUPTED = "interrupted"
_interrupted = threading.Event()  # by the user: whoever waits for a job run goes
T = TypeVar("T")
STATE_OF_TABLES = "/table.json"  # what the second pipeline keeps of each table


@dataclass(frozen=True)
class JobRun:
    """How a job run ended; `error` is what Glue says of one that failed."""

    seconds: float
    error: str = ""


def bucket_of(lake: str) -> str:
    """The bucket of a lake, such as `base`, `head` or `upgrade`."""
    return f"covid-lake-preview-{lake}"


def prepare(lakes: Iterable[str]) -> str:
    """Make buckets and the role, and return the role's ARN; the cloud is thrown away, so it may do much."""
    iam = aws.client("iam")
    add_buckets((CODE, *map(bucket_of, lakes)))
    document = {"Version": "2012-10-17", "Statement": [_TRUST]}
    arn = iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(document))["Role"]["Arn"]
    rights = json.dumps({"Version": "2012-10-17", "Statement": [_RIGHTS]})
    iam.put_role_policy(RoleName=ROLE, PolicyName="all", PolicyDocument=rights)
    return arn


def add_buckets(buckets: Iterable[str]) -> None:
    """Make buckets in the region of the cloud."""
    for bucket in buckets:
        place: Any = {"LocationConstraint": project.SOURCE_REGION}
        aws.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration=place)


def create_job(name: str, jobs: Path, role: str, script: str = "ingest.py") -> None:
    """A job as a folder `jobs` has it: script and library, as a bundle packages them."""
    s3 = aws.client("s3")
    packages = sorted(path.parent for path in jobs.glob("[!.]*/__init__.py"))
    files = [
        (path.relative_to(jobs).as_posix(), path.read_bytes())
        for package in packages
        for path in files_in(package)
    ]
    s3.put_object(Bucket=CODE, Key=f"{name}/library.zip", Body=archive(files))
    s3.put_object(Bucket=CODE, Key=f"{name}/{script}", Body=(jobs / script).read_bytes())
    aws.client("glue").create_job(
        Name=name,
        Role=role,
        Command={"Name": "glueetl", "PythonVersion": "3", "ScriptLocation": f"s3://{CODE}/{name}/{script}"},
        DefaultArguments={"--extra-py-files": f"s3://{CODE}/{name}/library.zip"},
        GlueVersion=GLUE_VERSION,
        WorkerType="G.1X",
        NumberOfWorkers=2,
        Timeout=MINUTES,
        ExecutionProperty={"MaxConcurrentRuns": 2},
    )


def run(job: str, lake: str, data_sets: Sequence[str], names: Iterable[str], source: str) -> JobRun:
    """One job run for the data sets, into a lake; `names` are the arguments that the job takes."""
    return run_with(job, _arguments(lake, data_sets, source), names)


def run_with(job: str, given: Mapping[str, str], names: Iterable[str] = ()) -> JobRun:
    """One job run with these arguments; `any` for those of `names` that this code does not know."""
    glue, started = aws.client("glue"), time.monotonic()
    if _interrupted.is_set():
        return JobRun(0.0, INTERRUPTED)
    arguments = {f"--{name}": given.get(name, "any") for name in {*given, *names}}
    run_id = glue.start_job_run(JobName=job, Arguments=arguments)["JobRunId"]
    while True:
        found = glue.get_job_run(JobName=job, RunId=run_id)["JobRun"]
        if found["JobRunState"] in ENDED:
            break
        if _interrupted.wait(POLL_SECONDS):
            return JobRun(time.monotonic() - started, INTERRUPTED)
    error = "" if found["JobRunState"] == "SUCCEEDED" else found.get("ErrorMessage", found["JobRunState"])
    return JobRun(time.monotonic() - started, error)


def beside(first: Callable[[], T], second: Callable[[], T]) -> tuple[T, T]:
    """What two pieces of work give that go beside each other; an interrupt ends the waits of both.

    The job runs end with the cloud, which is this preview's own.
    """
    _interrupted.clear()
    with ThreadPoolExecutor(max_workers=2) as pool:
        try:
            one, other = pool.submit(first), pool.submit(second)
            return one.result(), other.result()
        except KeyboardInterrupt:
            _interrupted.set()
            raise


def _arguments(lake: str, data_sets: Sequence[str], source: str) -> Mapping[str, str]:
    return {
        "datasets": ",".join(data_sets),
        "run_id": run_id_of(lake),
        "load_mode": "incremental",
        "from_date": "any",
        "to_date": "any",
        "allow_removal": "false",
        "areas": "*",
        "source_root": f"s3://{source}/",
        "lake_root": lake_root(lake),
    }


def run_id_of(lake: str) -> str:
    """The id of the runs into a lake."""
    return f"preview-{lake}"


def lake_root(lake: str) -> str:
    """Where a lake is, as jobs are told it."""
    return f"s3://{bucket_of(lake)}/"


def copy(lake: str, to: str) -> None:
    """A lake as it is, in another bucket: the one that an upgrade starts from."""
    s3, source, target = aws.client("s3"), bucket_of(lake), bucket_of(to)

    def one(key: str) -> None:
        s3.copy_object(Bucket=target, Key=key, CopySource={"Bucket": source, "Key": key})

    with ThreadPoolExecutor(max_workers=8) as pool:
        list(pool.map(one, _keys(source)))


def fetch(lake: str, folder: Path) -> Path:
    """The lake's tables, quarantine, run records and states of tables as files below the folder."""
    s3, bucket = aws.client("s3"), bucket_of(lake)
    root = folder.resolve()

    def one(key: str) -> None:
        path = (root / key).resolve()
        if not path.is_relative_to(root):
            raise IngestionError(f"{key!r}: the job wrote an object whose name leaves its folder")
        path.parent.mkdir(parents=True, exist_ok=True)
        s3.download_file(bucket, key, str(path))

    wanted = [key for key in _keys(bucket) if key.startswith(FETCHED) or key.endswith(STATE_OF_TABLES)]
    root.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(max_workers=8) as pool:
        list(pool.map(one, (key for key in wanted if not key.endswith("/"))))
    return root


def _keys(bucket: str) -> list[str]:
    pages = aws.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return [item["Key"] for page in pages for item in page.get("Contents", [])]


SOURCE = project.SOURCE_BUCKET
