"""What a deploy did, and the record of it that is kept whatever became of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from covidlake import aws
from covidlake.base import project
from covidlake.base.progress import Progress
from covidlake.base.text import one_line
from covidlake.environment.environment_file import BUNDLE_COMMIT, BUNDLE_DIGEST
from covidlake.ship.deploy import history
from covidlake.ship.stack import stack
from covidlake.ship.stack.stack_inputs import StackInputs

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackTypeDef

NO_CHANGE = "NO_CHANGE"


@dataclass
class Deployment:
    """What a deploy did: `status` is the stack's last one, or NO_CHANGE; `uploaded` counts artifacts.

    `changes` is a line for each resource that changes, `executing` says that CloudFormation has begun to
    execute. `stack` is the stack as it was described last: after a success, as it is deployed.
    """

    stack_name: str
    digest: str
    started_at: str
    status: str = NO_CHANGE
    uploaded: int = 0
    changes: list[str] = field(default_factory=list)
    executing: bool = False
    stack: StackTypeDef | None = None


@contextmanager
def recorded(inputs: StackInputs, deployment: Deployment, progress: Progress) -> Iterator[None]:
    """Keep a record of the deploy when it ends, failed or not; after Ctrl-C it has not ended."""
    try:
        yield
    except KeyboardInterrupt:
        goes_on = "the stack goes on by itself: deploy again to see how it ended"
        cause = goes_on if deployment.executing else "nothing was executed yet"
        _record(inputs, deployment, progress, "INTERRUPTED", cause)
        raise
    except Exception as error:
        with suppress(ClientError, BotoCoreError):
            found = stack.describe(deployment.stack_name)
            deployment.status = found["StackStatus"] if found else "ABSENT"
        _record(inputs, deployment, progress, "FAILED", one_line(error))
        raise
    _record(inputs, deployment, progress, "NO_CHANGE" if deployment.status == NO_CHANGE else "DEPLOYED")


def destroyed(environment: str, found: StackTypeDef, started_at: str, progress: Progress) -> None:
    """Record that the stack, as it was described before, is gone."""
    given = stack.parameters_of(found)
    entry = history.Record(
        environment,
        found["StackName"],
        "DELETE_COMPLETE",
        "DESTROYED",
        given.get(BUNDLE_DIGEST, ""),
        given.get(BUNDLE_COMMIT, ""),
        started_at,
        history.now(),
        aws.caller(),
    )
    _keep(entry, project.artifact_bucket(aws.account(), aws.region()), progress)


def _keep(entry: history.Record, bucket: str, progress: Progress) -> None:
    try:
        history.write(entry, bucket)
    except (ClientError, BotoCoreError) as error:  # what was done is done
        progress(f"no deployment record was kept: {one_line(error)}")


def _record(
    inputs: StackInputs, deployment: Deployment, progress: Progress, outcome: history.Outcome, cause: str = ""
) -> None:
    entry = history.Record(
        inputs.environment.name,
        deployment.stack_name,
        deployment.status,
        outcome,
        inputs.bundle.digest,
        inputs.bundle.commit,
        deployment.started_at,
        history.now(),
        aws.caller(),
        cause,
    )
    _keep(entry, inputs.bucket, progress)
