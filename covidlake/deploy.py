"""`covidlake deploy`: recover the stack, upload the bundle, make one change set, check it, execute it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from covidlake import (
    _aws,
    _project,
    artifacts,
    change_set,
    history,
    protection,
    stack,
    stack_inputs,
    template_limits,
)
from covidlake._errors import DeployError
from covidlake.artifacts import Report
from covidlake.bundle import Bundle
from covidlake.recovery import Recovery
from covidlake.stack_events import TIME_LIMIT_MINUTES, Follower, failed_validation
from covidlake.stack_inputs import StackInputs

if TYPE_CHECKING:
    from covidlake.plan import Plan

AT_REST = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"}
SUCCEEDED = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
NO_CHANGE = "NO_CHANGE"
# What a caller without the right to see the service role gets: the stack's own role stays then.
NO_ROLE = {"AccessDenied", "AccessDeniedException", "NoSuchEntity"}


@dataclass
class Deployment:
    """What a deploy did: `status` is the stack's last one, or NO_CHANGE; `uploaded` counts artifacts.

    `changes` is a line for each resource that changes.
    """

    stack_name: str
    digest: str
    started_at: str
    status: str = NO_CHANGE
    uploaded: int = 0
    changes: list[str] = field(default_factory=list)


def deploy(
    environment_name: str,
    bundle: Bundle,
    report: Report,
    *,
    reviewed: Plan | None = None,
    allow_destructive: Collection[str] = (),
    wait_for_other: bool = False,
    skip: Collection[str] = (),
    time_limit: float = TIME_LIMIT_MINUTES,
    on_plan: Callable[[Plan], None] | None = None,
) -> Deployment:
    """Bring the stack of an environment to the state of the bundle; no change is a success.

    With a reviewed plan, only what it shows is done. What would delete or replace a stateful resource is
    done only where `allow_destructive` names its logical id. `wait_for_other` waits for an operation that
    runs already, `skip` names what a stuck rollback may leave as it is, `time_limit` is in minutes, `on_plan`
    is told what the change set does before it is executed.
    Raises `EnvironmentFileError` or `BundleError` before the stack is touched, `DeployError` with the first
    cause afterwards.
    """
    stack_inputs.checked_environment(environment_name, bundle)
    template_limits.check(bundle)
    deployment = Deployment(_project.stack_name(environment_name), bundle.digest, history.now())
    inputs = stack_inputs.prepare(environment_name, bundle, stack.describe(deployment.stack_name))
    created = None
    if not _is_deployed(inputs, bundle):
        deployment.uploaded = len(artifacts.upload(bundle, inputs.bucket, report))
        role_arn = functools.cache(functools.partial(service_role, environment_name))
        recovery = Recovery(deployment.stack_name, report, wait_for_other, skip, role_arn, time_limit)
        inputs = stack_inputs.prepare(environment_name, bundle, recovery.recover())
        created = _agreed_change_set(
            environment_name, bundle, inputs, role_arn(), reviewed, allow_destructive
        )
    with _recorded(environment_name, bundle, deployment, inputs.bucket, report):
        if created is not None:
            agreed = agreed_plan(created, environment_name, bundle)
            if on_plan is not None:
                on_plan(agreed)
            deployment.changes = change_lines(created, agreed)
            for line in deployment.changes:
                report(line)
            allowed = allow_destructive if inputs.protected and created.kind == "UPDATE" else ()
            with protection.lifted(deployment.stack_name, allowed, report):
                deployment.status = execute(created, report, time_limit)
        if inputs.protected and (found := stack.describe(deployment.stack_name)):
            protection.protect(deployment.stack_name, found, report)
    return deployment


def execute(created: change_set.ChangeSet, report: Report, time_limit: float = TIME_LIMIT_MINUTES) -> str:
    """Execute a change set and follow the stack to its end: the last status.

    Raises `DeployError` with the first failure when the end is not a success.
    """
    name = created.stack_name
    follower = Follower.from_now(name, report)
    stack.client().execute_change_set(StackName=name, ChangeSetName=created.name)
    status = follower.follow(time_limit)
    if status not in SUCCEEDED:
        cause = follower.first_failure or failed_validation(name) or "no failed resource was reported"
        raise DeployError(f"stack {name} ended {status}: {cause}")
    return status


def service_role(environment_name: str) -> str | None:
    """The ARN of the role that CloudFormation uses for an environment; None where there is none to see."""
    client = _aws.session().client("iam", config=_aws.CONFIG)
    name = f"{_project.stack_name(_project.bootstrap_of(environment_name))}-cloudformation"
    try:
        return client.get_role(RoleName=name)["Role"]["Arn"]
    except ClientError as error:
        if error.response["Error"]["Code"] not in NO_ROLE:
            raise
        return None


def agreed_plan(created: change_set.ChangeSet, environment_name: str, bundle: Bundle) -> Plan:
    """What a change set of this bundle does."""
    from covidlake.plan import Plan

    return Plan.of(created, environment_name, bundle)


def change_lines(created: change_set.ChangeSet, plan: Plan) -> list[str]:
    """A line for each resource of the plan: not one that only loses the tags of older stacks."""
    changing = {one.logical_id for one in plan.resources}
    lines = zip(created.changes, created.lines(), strict=True)
    return [
        line
        for change, line in lines
        if change.get("ResourceChange", {}).get("LogicalResourceId") in changing
    ]


def _agreed_change_set(
    environment_name: str,
    bundle: Bundle,
    inputs: StackInputs,
    role_arn: str | None,
    reviewed: Plan | None,
    allowed: Collection[str],
) -> change_set.ChangeSet | None:
    """A change set that does only what was reviewed and allowed; another one is not left behind."""
    from covidlake import agreement

    created = change_set.create(
        inputs.stack_name, inputs.template_url, inputs.parameters, inputs.tags, role_arn=role_arn
    )
    if created is None:
        return None
    try:
        plan = agreed_plan(created, environment_name, bundle)
        if reviewed is not None:
            agreement.check_reviewed(reviewed, plan)
        agreement.check_destructive(plan, allowed)
    except BaseException:
        with suppress(ClientError):  # why it was refused is what the user must see
            change_set.discard(created)
        raise
    return created


def _is_deployed(inputs: StackInputs, bundle: Bundle) -> bool:
    """Whether the stack has these parameters and tags and was made from this very template.

    Then CloudFormation has nothing to do, and no change set has to fail to prove it.
    """
    current = inputs.current
    if current is None or current["StackStatus"] not in AT_REST:
        return False
    parameters = stack_inputs.parameters_of(current)
    if stack_inputs.tags_of(current) != inputs.tags or parameters != inputs.parameters:
        return False
    try:
        template = stack.client().get_template(StackName=inputs.stack_name, TemplateStage="Original")
    except ClientError:
        return False
    return bool(template["TemplateBody"] == bundle.template)


@contextmanager
def _recorded(
    environment_name: str, bundle: Bundle, deployment: Deployment, bucket: str, report: Report
) -> Iterator[None]:
    """Keep a record of the deploy when it ends, failed or not; after Ctrl-C it has not ended."""

    def record(outcome: history.Outcome, cause: str = "") -> None:
        entry = history.Record(
            environment_name,
            deployment.stack_name,
            deployment.status,
            outcome,
            bundle.digest,
            bundle.commit,
            deployment.started_at,
            history.now(),
            _aws.caller(),
            cause,
        )
        try:
            history.write(entry, bucket)
        except (ClientError, BotoCoreError) as error:  # what was deployed is deployed
            report(f"no deployment record was kept: {' '.join(str(error).split())}")

    try:
        yield
    except KeyboardInterrupt:
        record("INTERRUPTED", "the stack went on by itself: deploy again to see what became of it")
        raise
    except Exception as error:
        with suppress(ClientError, BotoCoreError):
            found = stack.describe(deployment.stack_name)
            deployment.status = found["StackStatus"] if found else "ABSENT"
        record("FAILED", " ".join(str(error).split()))
        raise
    record("NO_CHANGE" if deployment.status == NO_CHANGE else "DEPLOYED")
