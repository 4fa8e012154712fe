"""`covidlake plan`: what a deploy would do to the real stack, read from a change set that is then deleted."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from covidlake.base.errors import StackBusyError
from covidlake.base.progress import Progress
from covidlake.bundle import template_limits
from covidlake.bundle.manifest import Bundle
from covidlake.environment.environment_file import BUNDLE_DIGEST
from covidlake.ship.plan import builder, live_drift
from covidlake.ship.plan.model import Plan
from covidlake.ship.stack import (
    artifacts,
    change_set,
    change_set_removal,
    change_set_request,
    stack,
    template_object,
)
from covidlake.ship.stack.stack_inputs import StackInputs

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackTypeDef

# What the plan role is confined to: the names of its change sets, the keys of its templates.
NAME_PREFIX = "plan"
PLANS_PREFIX = "plans/"  # then the name of the stack
# How long a plan waits for a deploy that is under way, and how often it looks.
WAIT_MINUTES = 10.0
LOOK_EVERY_SECONDS = 5.0


def plan(
    environment_name: str,
    bundle: Bundle,
    progress: Progress,
    *,
    wait_minutes: float = WAIT_MINUTES,
    mode: change_set.Mode = "STANDARD",
) -> Plan:
    """What deploying the bundle would do to the environment's stack; nothing of the asking is left behind.

    Waits while something else works on the stack. `mode` is that of the deploy to come.
    Raises `EnvironmentFileError` before anything is called, `StackBusyError` after `wait_minutes`,
    `DeployError` when the stack is in a state that takes no change set or CloudFormation refuses it.
    """
    inputs = StackInputs.checked(environment_name, bundle)
    template_limits.check(inputs.bundle)
    deadline, waiting = time.monotonic() + wait_minutes * 60, False
    while True:
        try:
            return _plan(inputs, progress, mode)
        except StackBusyError as error:
            if time.monotonic() >= deadline:
                raise _still_busy(error, wait_minutes) from error
            if not waiting:
                progress(f"{error}: waiting up to {wait_minutes:g} minutes")
            waiting = True
        _wait_for(inputs.stack_name, deadline)


def _plan(inputs: StackInputs, progress: Progress, mode: change_set.Mode) -> Plan:
    name, found = inputs.stack_name, stack.describe(inputs.stack_name)
    kind = change_set.kind_for(name, found)
    parameters = inputs.parameters(found)
    template = _send_template(inputs, progress)
    created = change_set_request.create(
        name, template, parameters, inputs.tags, found=found, name_prefix=NAME_PREFIX, mode=mode
    )
    if created is None:
        return Plan(
            inputs.environment.name,
            name,
            kind,
            inputs.bundle.digest,
            mode=mode,
            absent=_absent(inputs, found),
        )
    try:
        seen = live_drift.look(created, template, progress=progress)
        return replace(builder.build(seen, inputs), absent=_absent(inputs, found))
    finally:
        if left := change_set_removal.discard(created):
            progress(left)


def _absent(inputs: StackInputs, found: StackTypeDef | None) -> tuple[str, ...]:
    """What the stack runs and its bucket lacks: only a stack that runs this very code misses it."""
    if stack.parameters_of(found).get(BUNDLE_DIGEST) != inputs.bundle.digest:
        return ()
    return tuple(artifacts.absent(inputs.bundle, inputs.bucket, inputs.stack_name))


def _still_busy(error: StackBusyError, wait_minutes: float) -> StackBusyError:
    if wait_minutes <= 0:
        return error
    what = str(error).partition(": ")[0]
    return StackBusyError(
        f"{what} after {wait_minutes:g} minutes: something else works on it: plan again when that has ended, "
        "or wait longer with --wait-minutes"
    )


def _wait_for(name: str, deadline: float) -> None:
    """Until the stack is at rest, or the time is over; at least one look's time."""
    while time.monotonic() < deadline:
        time.sleep(min(LOOK_EVERY_SECONDS, max(0.0, deadline - time.monotonic())))
        found = stack.describe(name)
        if found is None or found["StackStatus"] == "REVIEW_IN_PROGRESS":
            return
        if not found["StackStatus"].endswith("_IN_PROGRESS"):
            return


def _send_template(inputs: StackInputs, progress: Progress) -> str:
    """All that a change set needs, under a prefix that no deploy ever reads: its pinned address."""
    artifacts.ensure_bucket(inputs.bucket, progress)
    digest = inputs.bundle.template_sha256
    key = f"{PLANS_PREFIX}{inputs.stack_name}/{digest}.json"
    artifacts.put(inputs.bundle, inputs.bucket, key, inputs.bundle.template_name)
    return template_object.pin(inputs.bucket, key, digest)
