"""The change set of a deploy: one that does only what was reviewed and allowed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from covidlake.base.progress import Progress
from covidlake.ship.deploy.options import DeployOptions
from covidlake.ship.plan import builder, live_drift, review
from covidlake.ship.plan.model import Plan
from covidlake.ship.stack import change_set_removal, change_set_request, template_object
from covidlake.ship.stack.change_set import ChangeSet
from covidlake.ship.stack.stack_inputs import StackInputs

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackTypeDef


@dataclass(frozen=True)
class Agreed:
    """A change set that may be executed, and the plan that it stands for."""

    change_set: ChangeSet
    plan: Plan

    def lines(self) -> list[str]:
        """A line for each resource of the plan: not one that only loses the tags of older stacks."""
        changing = {one.logical_id for one in self.plan.resources}
        lines = zip(self.change_set.changes, self.change_set.lines(), strict=True)
        return [
            line
            for change, line in lines
            if change.get("ResourceChange", {}).get("LogicalResourceId") in changing
        ]


def make(
    inputs: StackInputs,
    found: StackTypeDef | None,
    options: DeployOptions,
    progress: Progress,
    role_arn: str | None = None,
) -> Agreed | None:
    """Make the change set for a stack that is `found` now (None: absent); None when nothing would change.

    It knows the live values that it would overwrite. One that is refused is not left behind.
    Raises `DeployError` where it does anything that was not reviewed or allowed.
    """
    template = template_object.pin(inputs.bucket, inputs.template_key, inputs.bundle.template_sha256)
    created = change_set_request.create(
        inputs.stack_name,
        template,
        inputs.parameters(found),
        inputs.tags,
        found=found,
        role_arn=role_arn,
        mode=options.mode,
        express=options.express and not inputs.protected,
        progress=progress,
    )
    if created is None:
        return None
    with change_set_removal.abandoned_on_error(created, progress):
        seen = live_drift.look(created, template, role_arn, progress)
        agreed = Agreed(seen, builder.build(seen, inputs))
        review.check(agreed.plan, options.reviewed, options.allow_destructive)
    return agreed
