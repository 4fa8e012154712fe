"""`covidlake deploy`: recover the stack, upload the bundle, make one change set, check it, execute it."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from covidlake import aws
from covidlake.base import project
from covidlake.base.clock import Clock
from covidlake.base.errors import StackBusyError, StackFailedError
from covidlake.base.progress import Progress
from covidlake.bundle import template_limits
from covidlake.bundle.manifest import Bundle
from covidlake.environment.environment_file import BUNDLE_DIGEST
from covidlake.ship.deploy import ancestry, crawls, history, stack_policy, transient
from covidlake.ship.deploy.deployment_record import Deployment, recorded
from covidlake.ship.deploy.recovery import Recovery
from covidlake.ship.plan import plan_table
from covidlake.ship.stack import artifacts, change_set, stack, stack_inputs, template_object
from covidlake.ship.stack.change_set import ChangeSet
from covidlake.ship.stack.stack_events import TIME_LIMIT_MINUTES, Follower, failed_validation
from covidlake.ship.stack.stack_inputs import StackInputs

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackTypeDef

    from covidlake.ship.plan.plan import Plan

AT_REST = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"}
SUCCEEDED = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
ROLLED_BACK = {"ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"}
# Executing a change set deletes all others of its stack.
OVERTAKEN = ("ChangeSetNotFound", "InvalidChangeSetStatus")
BUSY_SECONDS = 2.0  # before looking again at a stack that another deploy works on


def deploy(
    environment_name: str,
    bundle: Bundle,
    progress: Progress,
    *,
    reviewed: Plan | None = None,
    allow_destructive: Collection[str] = (),
    wait_for_other: bool = False,
    skip: Collection[str] = (),
    allow_older: bool = False,
    time_limit: float = TIME_LIMIT_MINUTES,
    on_plan: Callable[[Plan], None] | None = None,
    express: bool = False,
) -> Deployment:
    """Bring the stack of an environment to the state of the bundle; no change is a success.

    With a reviewed plan, only what it shows is done. What would delete or replace a stateful resource is
    done only where `allow_destructive` names its logical id. `wait_for_other` waits for an operation that
    runs already, `skip` names what a stuck rollback may leave as it is, `allow_older` takes a bundle that is
    older than the deployed one. `time_limit` is in minutes and counts all waits together; `on_plan` is told
    what a change set does before it is executed. `express` does not wait until resources are ready; a
    protected stack never gets it.
    Raises `EnvironmentFileError` or `BundleError` before the stack is touched, `DeployError` with the first
    cause afterwards.
    """
    bundle = bundle.of(environment_name)
    stack_inputs.checked_environment(environment_name, bundle)
    template_limits.check(bundle)
    clock = Clock(time_limit)
    deployment = Deployment(project.stack_name(environment_name), bundle.digest, history.now())
    inputs = stack_inputs.prepare(environment_name, bundle, stack.describe(deployment.stack_name))
    role_arn = functools.cache(functools.partial(service_role, environment_name))
    recovery = Recovery(deployment.stack_name, progress, wait_for_other, skip, role_arn, clock.left)
    steps = _Steps(
        environment_name,
        bundle,
        progress,
        recovery,
        reviewed,
        allow_destructive,
        allow_older,
        on_plan,
        clock,
        express,
    )
    created = None
    reverts = reviewed is not None and reviewed.mode == "REVERT_DRIFT"
    if reverts or not _is_deployed(inputs, bundle):
        deployment.uploaded = len(artifacts.upload(bundle, inputs.bucket, deployment.stack_name, progress))
        created = steps.change_set()
    with recorded(environment_name, bundle, deployment, inputs.bucket, progress):
        if created is not None:
            steps.carry_out(created, deployment)
        if inputs.protected and (found := stack.describe(deployment.stack_name)):
            stack_policy.protect(deployment.stack_name, found, progress)
    return deployment


@dataclass(frozen=True)
class _Steps:
    """The steps of one deploy, which a transient failure has it take again."""

    environment_name: str
    bundle: Bundle
    progress: Progress
    recovery: Recovery
    reviewed: Plan | None
    allowed: Collection[str]
    allow_older: bool
    on_plan: Callable[[Plan], None] | None
    clock: Clock
    express: bool = False

    def change_set(self) -> ChangeSet | None:
        """A change set that does only what was reviewed and allowed; None when nothing would change.

        Where it waits for others, it begins anew each time that another deploy is faster.
        """
        while True:
            try:
                return self._change_set()
            except StackBusyError as busy:
                self._wait_for_other(busy)

    def _wait_for_other(self, busy: StackBusyError) -> None:
        """Let the next attempt wait for the other deploy; raise `busy` where that is not asked for."""
        if not self.recovery.wait or not self.clock.left():
            raise busy
        self.progress(f"{busy}: beginning anew after it")
        time.sleep(BUSY_SECONDS)

    def _change_set(self) -> ChangeSet | None:
        from covidlake.ship.plan import review

        current = self.recovery.recover()
        if current is not None and current["StackStatus"] in AT_REST and not self.allow_older:
            self._refuse_older(current)
        inputs = stack_inputs.prepare(self.environment_name, self.bundle, current)
        return review.make(
            self.environment_name,
            self.bundle,
            inputs,
            template_object.pin(inputs.bucket, inputs.template_key, self.bundle.template_sha256),
            role_arn=self.recovery.role_arn(),
            reviewed=self.reviewed,
            allowed=self.allowed,
            express=self.express,
            progress=self.progress,
        )

    def _refuse_older(self, current: StackTypeDef) -> None:
        """Also where a newer commit was deployed that changed nothing, which the stack does not say."""
        if stack_inputs.parameters_of(current).get(BUNDLE_DIGEST) == self.bundle.digest:
            return
        deployed = stack_inputs.deployed_commit(current)
        ancestry.refuse_older(self.bundle.commit, deployed, self.progress)
        newest = history.newest_good_commit(self.environment_name)
        if newest and newest != deployed:
            ancestry.refuse_older(self.bundle.commit, newest, self.progress)

    def carry_out(self, created: ChangeSet, deployment: Deployment) -> None:
        """Execute a change set; another one after a transient failure, or when another deploy was faster."""
        attempt, planned = 1, created
        while True:
            try:
                deployment.status = self._execute(planned, deployment)
                return
            except StackBusyError as busy:
                self._wait_for_other(busy)
            except StackFailedError as failed:
                reason = transient.find(failed.cause, planned.kind)
                if reason is None or failed.status not in ROLLED_BACK:
                    raise
                self.progress(str(failed))
                if not _pause(reason, self.clock, attempt, self.progress):
                    raise
                attempt += 1
            again = self.change_set()
            if again is None:  # the other deploy has done the same
                deployment.changes = []
                return
            planned = again

    def _execute(self, created: ChangeSet, deployment: Deployment) -> str:
        plan = agreed_plan(created, self.environment_name, self.bundle)
        if self.on_plan is not None:
            self.on_plan(plan)
        deployment.changes = change_lines(created, plan)
        for line in [*deployment.changes, *plan_table.notes(plan)]:
            self.progress(line)
        with _discarded_on_error(created, self.progress):
            crawls.wait_for(created, self.progress, self.clock.left())
        protected = created.tags.get(stack_inputs.PROTECTED_TAG) == "true"
        allowed = self.allowed if protected and created.kind == "UPDATE" else ()
        with stack_policy.lifted(deployment.stack_name, allowed, self.progress):
            deployment.executing = True
            status = execute(created, self.progress, self.clock.left())
        if created.express:
            self.progress("Express mode: resources become ready in the background, give them a minute")
        return status


def _pause(reason: transient.Transient, clock: Clock, attempt: int, progress: Progress) -> bool:
    """Wait until the reason should be over; False where no attempt or no time is left for another one."""
    if attempt >= reason.attempts or clock.left() * 60 <= reason.seconds:
        progress(f"{reason.meaning}; no more attempts after {attempt}: deploy again later")
        return False
    of = f"attempt {attempt + 1} of {reason.attempts}"
    progress(f"{reason.meaning}: {of} begins in {reason.seconds:.0f} s")
    time.sleep(reason.seconds)
    return True


@contextmanager
def _discarded_on_error(created: ChangeSet, progress: Progress) -> Iterator[None]:
    """Leave no change set behind that is not to be executed, Ctrl-C included."""
    try:
        yield
    except BaseException:
        change_set.abandon(created, progress)
        raise


def execute(created: ChangeSet, progress: Progress, time_limit: float = TIME_LIMIT_MINUTES) -> str:
    """Execute a change set and follow the stack to its end: the last status.

    Raises `StackFailedError` with the first failure when the end is not a success, `StackBusyError` when
    another deploy has taken the change set along.
    """
    name = created.stack_name
    follower = Follower.from_now(created.stack_id or name, progress)
    # What a failed operation has made goes with its rollback, a bucket that would be retained as well.
    try:
        aws.client("cloudformation").execute_change_set(
            StackName=name, ChangeSetName=created.name, RetainExceptOnCreate=True
        )
    except ClientError as error:
        code, words = error.response["Error"]["Code"], aws.message(error)
        if not code.startswith(OVERTAKEN) and not change_set.BUSY.search(words):
            change_set.abandon(created, progress)
            raise
        raise StackBusyError(
            f"stack {name}: another deploy was faster, this one has changed nothing: "
            "deploy again, or with --wait"
        ) from error
    status = follower.follow(time_limit)
    if status not in SUCCEEDED:
        cause = follower.first_failure or failed_validation(name) or "no failed resource was reported"
        raise StackFailedError(name, status, cause)
    return status


def service_role(environment_name: str) -> str | None:
    """The ARN of the role that CloudFormation uses for an environment; None where there is none to see."""
    client = aws.client("iam")
    name = f"{project.stack_name(project.bootstrap_of(environment_name))}-cloudformation"
    try:
        return client.get_role(RoleName=name)["Role"]["Arn"]
    except ClientError as error:
        # Who may not see the service role gets none: the stack's own role stays then.
        if aws.is_denied(error) or error.response["Error"]["Code"] == "NoSuchEntity":
            return None
        raise


def agreed_plan(created: ChangeSet, environment_name: str, bundle: Bundle) -> Plan:
    """What a change set of this bundle does."""
    from covidlake.ship.plan.plan import Plan

    return Plan.of(created, environment_name, bundle)


def change_lines(created: ChangeSet, plan: Plan) -> list[str]:
    """A line for each resource of the plan: not one that only loses the tags of older stacks."""
    changing = {one.logical_id for one in plan.resources}
    lines = zip(created.changes, created.lines(), strict=True)
    return [
        line
        for change, line in lines
        if change.get("ResourceChange", {}).get("LogicalResourceId") in changing
    ]


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
        template = aws.client("cloudformation").get_template(
            StackName=inputs.stack_name, TemplateStage="Original"
        )
    except ClientError:
        return False
    return bool(template["TemplateBody"] == bundle.template)
