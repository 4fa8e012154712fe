"""Record executions of each kind on a local cloud, for the tests of the report: `make record-executions`.

A recording is what `covidlake.report.page.collect` collects, as it is; nothing in it is written by hand. The
local cloud runs the real state machine, job, crawler and queries on the generated sample.
"""

from __future__ import annotations

import gzip
import json
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from covidlake import aws
from covidlake.base import project
from covidlake.bundle.package import package
from covidlake.laptop import local
from covidlake.laptop.database import access, fill
from covidlake.report.page.collect import collect
from covidlake.report.page.collected import Collected
from covidlake.run import execution
from covidlake.run.pipelines import segmentation
from covidlake.run.pipelines.ingestion import Request
from covidlake.ship.deploy import deploy
from covidlake.ship.stack import stack

FOLDER = Path(__file__).parent / "unit/covidlake/report/page/recorded"
DATA_SETS = ("uk_covid", "enigma_us_states", "owid_vaccinations", "country_codes")
BROKEN = "uk_covid/json/part-broken.json"
# What somebody who means harm could put into an object: it ends in the quarantine, in causes and in reports.
HOSTILE = (
    "<script>alert(1)</script> @octocat [x](javascript:alert(1)) \u001b[31m | <img src=x onerror=alert(1)>"
)
LIMIT_SECONDS = 600
SEGMENTATION, DATABASE_FACTOR = "segmentation/dev", 0.02  # a few hundred customers


def main() -> None:
    """Write every recording anew."""
    with local.ephemeral(warm=True) as cloud, local.attached(cloud):
        local.fill_source(None, lambda _: None)
        deploy.deploy("dev", package(), lambda _: None)
        FOLDER.mkdir(parents=True, exist_ok=True)
        _record(RECORDINGS)
        deploy.deploy(SEGMENTATION, package(), lambda _: None)
        fill.fill(access.of_stack(SEGMENTATION), None, DATABASE_FACTOR)
        _record(OF_SEGMENTATION)


def _record(recordings: Mapping[str, Callable[[str], Collected]]) -> None:
    for name, record in recordings.items():
        collected = record(name)
        sys.stderr.write(f"{name}: {collected.status}, {collected.gaps}\n")
        write(name, collected)


def write(name: str, collected: Collected) -> None:
    """As JSON, in gzip without a time, so that the same facts are the same file."""
    text = json.dumps(json.loads(collected.as_json()), separators=(",", ":"), sort_keys=True)
    (FOLDER / f"{name}.json.gz").write_bytes(gzip.compress(text.encode(), mtime=0))


def read(name: str) -> Collected:
    return Collected.from_json(gzip.decompress((FOLDER / f"{name}.json.gz").read_bytes()).decode())


def names() -> list[str]:
    return sorted(path.name.removesuffix(".json.gz") for path in FOLDER.glob("*.json.gz"))


def _machine(environment: str = "dev") -> str:
    return stack.find(environment).outputs["StateMachineArn"]


def _start(name: str, request: Request) -> str:
    return execution.start(_machine(), name, request.content())


def _ended(name: str, request: Request) -> Collected:
    execution.follow(_start(name, request), lambda _: None, LIMIT_SECONDS)
    return collect("dev", name)


def _loaded(name: str) -> Collected:
    return _ended(name, Request(DATA_SETS))


def _replayed(name: str) -> Collected:
    return _ended(name, Request(("uk_covid",), "replay"))


def _failed(name: str) -> Collected:
    """One data set's newest object is full of rows that break the schema; the other one succeeds."""
    lines = [json.dumps({"areaCode": HOSTILE, "date": HOSTILE, "hospitalCases": HOSTILE})] * 5
    s3 = aws.client("s3")
    s3.put_object(Bucket=project.SOURCE_BUCKET, Key=BROKEN, Body="\n".join(lines).encode())
    try:
        return _ended(name, Request(("uk_covid", "country_codes"), "full"))
    finally:
        s3.delete_object(Bucket=project.SOURCE_BUCKET, Key=BROKEN)


def _in_work(name: str, then: Callable[[str], None]) -> str:
    """Start it, wait until its job runs, do something to it; its ARN."""
    arn = _start(name, Request(("uk_covid",), "full"))
    deadline = time.monotonic() + LIMIT_SECONDS
    while not any(event["type"] == "TaskSubmitted" for event in execution.history(arn)):
        if time.monotonic() > deadline:
            raise TimeoutError(f"no job run in {name}")
        time.sleep(0.1)
    then(arn)
    return arn


def _running(name: str) -> Collected:
    found: list[Collected] = []
    arn = _in_work(name, lambda _: found.append(collect("dev", name)))
    execution.follow(arn, lambda _: None, LIMIT_SECONDS)
    return found[0]


def _aborted(name: str) -> Collected:
    states = aws.client("stepfunctions")
    _in_work(
        name, lambda arn: states.stop_execution(executionArn=arn, error="Stopped", cause=HOSTILE) and None
    )
    return collect("dev", name)


def _timed_out(name: str) -> Collected:
    """The state machine has a second for a while."""
    states, machine = aws.client("stepfunctions"), _machine()
    before = states.describe_state_machine(stateMachineArn=machine)["definition"]
    states.update_state_machine(
        stateMachineArn=machine, definition=json.dumps(json.loads(before) | {"TimeoutSeconds": 2})
    )
    try:
        return _ended(name, Request(("uk_covid",), "full"))
    finally:
        states.update_state_machine(stateMachineArn=machine, definition=before)


RECORDINGS = {
    "succeeded": _loaded,
    "nothing-new": _loaded,
    "replayed": _replayed,
    "failed": _failed,
    "running": _running,
    "aborted": _aborted,
    "timed-out": _timed_out,
}


def _segmented(name: str) -> Collected:
    request = segmentation.Request()
    arn = execution.start(_machine(SEGMENTATION), name, request.content())
    execution.follow(arn, lambda _: None, LIMIT_SECONDS)
    return collect(SEGMENTATION, name)


OF_SEGMENTATION = {"segmented": _segmented}

if __name__ == "__main__":
    main()
