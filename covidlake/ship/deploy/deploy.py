"""`covidlake deploy`: check, look, send, plan, execute, protect; one stage after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from covidlake import aws
from covidlake.base.clock import Clock
from covidlake.base.progress import Progress
from covidlake.bundle import template_limits
from covidlake.bundle.manifest import Bundle
from covidlake.ship.deploy import history, stack_policy
from covidlake.ship.deploy.attempts import AT_REST, Attempts
from covidlake.ship.deploy.deployment_record import Deployment, recorded
from covidlake.ship.deploy.options import DEFAULTS, DeployOptions
from covidlake.ship.plan import review
from covidlake.ship.stack import artifacts, stack
from covidlake.ship.stack.stack_inputs import StackInputs

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackTypeDef


def deploy(
    environment_name: str, bundle: Bundle, progress: Progress, options: DeployOptions = DEFAULTS
) -> Deployment:
    """Bring the stack of an environment to the state of the bundle; no change is a success.

    Raises `EnvironmentFileError` or `BundleError` before the stack is touched, `DeployError` with the first
    cause afterwards.
    """
    inputs = StackInputs.checked(environment_name, bundle, options.parameters)
    if options.reviewed is not None:
        review.check_stack(options.reviewed, inputs.stack_name, environment_name)
    template_limits.check(inputs.bundle)
    clock = Clock(options.time_limit)
    deployment = Deployment(inputs.stack_name, bundle.digest, history.now())
    deployment.stack = stack.describe(inputs.stack_name)
    attempts = Attempts(inputs, deployment, progress, options, clock)
    planned = None
    changed = options.mode == "REVERT_DRIFT" or not _is_deployed(inputs, deployment.stack)
    # Also where nothing changes: what somebody deleted from the bucket is missed at the next start only.
    sent = artifacts.upload(inputs.bundle, inputs.bucket, inputs.stack_name, progress)
    deployment.uploaded = len(sent)
    if sent and not changed:
        progress(f"{', '.join(sent)}: missing in s3://{inputs.bucket}/{inputs.stack_name}/, sent again")
    if changed:
        planned = attempts.change_set()
    with recorded(inputs, deployment, progress):
        if planned is not None:
            attempts.carry_out(planned)
        if inputs.protected and deployment.stack is not None:
            stack_policy.protect(inputs.stack_name, deployment.stack, progress)
    return deployment


def _is_deployed(inputs: StackInputs, found: StackTypeDef | None) -> bool:
    """Whether the stack has these parameters and tags and was made from this very template.

    Then CloudFormation has nothing to do, and no change set has to fail to prove it.
    """
    if found is None or found["StackStatus"] not in AT_REST or stack.tags_of(found) != inputs.tags:
        return False
    if stack.parameters_of(found) != inputs.parameters(found):
        return False
    try:
        deployed = aws.client("cloudformation").get_template(
            StackName=inputs.stack_name, TemplateStage="Original"
        )
    except ClientError:
        return False
    return bool(deployed["TemplateBody"] == inputs.bundle.template)
