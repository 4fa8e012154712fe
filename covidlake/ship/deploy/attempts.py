"""The attempts of one deploy: a transient failure, or another deploy that was faster, begins the next one."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

from covidlake.base.clock import Clock
from covidlake.base.errors import StackBusyError, StackFailedError
from covidlake.base.progress import Happening, Progress, tell
from covidlake.environment.environment_file import BUNDLE_DIGEST
from covidlake.ship.deploy import (
    ancestry,
    crawls,
    execute,
    history,
    reviewed_change_set,
    service_role,
    stack_policy,
    transient,
)
from covidlake.ship.deploy.deployment_record import Deployment
from covidlake.ship.deploy.options import DeployOptions
from covidlake.ship.deploy.recovery import Recovery
from covidlake.ship.deploy.reviewed_change_set import Agreed
from covidlake.ship.plan import plan_table
from covidlake.ship.stack import change_set_removal, stack, stack_inputs
from covidlake.ship.stack.stack_inputs import StackInputs

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackTypeDef

AT_REST = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"}
ROLLED_BACK = {"ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"}
BUSY_SECONDS = 2.0  # before looking again at a stack that another deploy works on


@dataclass(frozen=True)
class Attempts:
    """Makes the change set of a deploy and carries it out; keeps what became of it in `deployment`."""

    inputs: StackInputs
    deployment: Deployment
    progress: Progress
    options: DeployOptions
    clock: Clock

    def change_set(self) -> Agreed | None:
        """A change set that does only what was reviewed and allowed; None when nothing would change.

        Where it waits for others, it begins anew each time that another deploy is faster.
        """
        while True:
            try:
                return self._change_set()
            except StackBusyError as busy:
                self._wait_for_other(busy)

    def carry_out(self, planned: Agreed) -> None:
        """Execute a change set; another one after a transient failure, or when another deploy was faster."""
        attempt, current = 1, planned
        while True:
            try:
                self._execute(current)
                return
            except StackBusyError as busy:
                self._wait_for_other(busy)
            except StackFailedError as failed:
                self._wait_for_passing(failed, current, attempt)
                attempt += 1
            again = self.change_set()
            if again is None:  # the other deploy has done the same
                self.deployment.changes = []
                return
            current = again

    def _change_set(self) -> Agreed | None:
        found = self.deployment.stack = self._recovery.recover()
        if found is not None and found["StackStatus"] in AT_REST and not self.options.allow_older:
            self._refuse_older(found)
        return reviewed_change_set.make(self.inputs, found, self.options, self.progress, self._role_arn)

    def _refuse_older(self, found: StackTypeDef) -> None:
        """Also where a newer commit was deployed that changed nothing, which the stack does not say."""
        bundle = self.inputs.bundle
        if stack.parameters_of(found).get(BUNDLE_DIGEST) == bundle.digest:
            return
        deployed = stack_inputs.deployed_commit(found)
        check = partial(
            ancestry.refuse_older,
            bundle.commit,
            progress=self.progress,
            require_history=self.options.require_history,
        )
        check(deployed)
        newest = history.newest_good_commit(self.inputs.environment.name)
        if newest and newest != deployed:
            check(newest)

    def _execute(self, planned: Agreed) -> None:
        created, deployment = planned.change_set, self.deployment
        with change_set_removal.abandoned_on_error(created, self.progress):
            self.options.on_plan(planned.plan)
            deployment.changes = planned.lines()
            for line in deployment.changes:
                tell(self.progress, Happening("change", line=line))
            for line in plan_table.notes(planned.plan):
                self.progress(line)
            crawls.wait_for(created, self.progress, self.clock.left())
        exempt = self.options.allow_destructive if self.inputs.protected and created.kind == "UPDATE" else ()
        with stack_policy.lifted(created.stack_name, exempt, self.progress):
            deployment.executing = True
            deployment.stack = execute.execute(created, self.progress, self.clock.left())
        deployment.status = deployment.stack["StackStatus"]
        if created.express:
            self.progress("Express mode: resources become ready in the background, give them a minute")

    def _wait_for_other(self, busy: StackBusyError) -> None:
        """Let the next attempt wait for the other deploy; raise `busy` where that is not asked for."""
        if not self.options.wait_for_other or not self.clock.left():
            raise busy
        self.progress(f"{busy}: beginning anew after it")
        time.sleep(BUSY_SECONDS)

    def _wait_for_passing(self, failed: StackFailedError, planned: Agreed, attempt: int) -> None:
        """Wait until what made the attempt fail should have passed; raise `failed` where that is no use."""
        reason = transient.find(failed.cause, planned.change_set.kind)
        if reason is None or failed.status not in ROLLED_BACK:
            raise failed
        self.progress(str(failed))
        if attempt >= reason.attempts or self.clock.left() * 60 <= reason.seconds:
            self.progress(f"{reason.meaning}; no more attempts after {attempt}: deploy again later")
            raise failed
        of = f"attempt {attempt + 1} of {reason.attempts}"
        self.progress(f"{reason.meaning}: {of} begins in {reason.seconds:.0f} s")
        time.sleep(reason.seconds)

    @cached_property
    def _recovery(self) -> Recovery:
        return Recovery(
            self.inputs.stack_name,
            self.progress,
            self.options.wait_for_other,
            self.options.skip,
            lambda: self._role_arn,
            self.clock.left,
        )

    @cached_property
    def _role_arn(self) -> str | None:
        return service_role.find(self.inputs.environment.name)
