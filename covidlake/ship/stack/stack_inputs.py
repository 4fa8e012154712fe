"""What a stack is deployed with: name, template, parameters and tags, from an environment and a bundle.

Plan and deploy both take it from here, so that what is reviewed is what is executed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from covidlake import aws
from covidlake.base import project
from covidlake.bundle.manifest import Bundle
from covidlake.environment import environment_file
from covidlake.environment.environment_file import BUNDLE_COMMIT, BUNDLE_DIGEST, Environment
from covidlake.environment.target import check_target
from covidlake.ship.stack import permissions_boundary

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackTypeDef

# Once tags of the stack, now parameters: CloudFormation hands a tag down to each resource, so that every
# deploy updated all of them. The next deploy takes them away.
FORMER_COMMIT_TAG = "covidlake:commit"
FORMER_TAGS = {"covidlake:bundle", FORMER_COMMIT_TAG}
PROTECTED_TAG = "covidlake:protected"
THROW_AWAY_TAG = "covidlake:throw-away"


@dataclass(frozen=True)
class StackInputs:
    """The arguments of a change set, the bucket that its template is in, and the stack as it is now."""

    stack_name: str
    bucket: str
    template_key: str
    parameters: dict[str, str]
    tags: dict[str, str]
    current: StackTypeDef | None

    @property
    def protected(self) -> bool:
        return self.tags.get(PROTECTED_TAG) == "true"


def prepare(environment_name: str, bundle: Bundle, current: StackTypeDef | None) -> StackInputs:
    """The inputs for an environment's stack, which is `current` now (None: absent).

    Raises `EnvironmentFileError` for a parameter file that does not fit the template.
    """
    environment = checked_environment(environment_name, bundle)
    parameters = permissions_boundary.parameters(environment)
    own = {BUNDLE_DIGEST: bundle.digest, BUNDLE_COMMIT: _commit(bundle, current)}
    declared = bundle.template.get("Parameters", {})
    parameters |= {name: value for name, value in own.items() if name in declared}
    bucket = project.artifact_bucket(aws.account(), aws.region())
    stack_name = project.stack_name(environment_name)
    return StackInputs(
        stack_name=stack_name,
        bucket=bucket,
        template_key=bundle.template_key(stack_name),
        parameters=parameters,
        current=current,
        tags=environment.tags,
    )


def checked_environment(name: str, bundle: Bundle) -> Environment:
    """The environment as the bundle ships it, checked against the template and the caller's account.

    Raises `EnvironmentFileError` before anything is called, then `WrongTargetError`.
    """
    environment = environment_file.load(name, bundle.environments)
    environment_file.check(environment, bundle.template)
    check_target(environment)
    return environment


def _commit(bundle: Bundle, current: StackTypeDef | None) -> str:
    """The bundle's commit; the one that is there already when the same content was deployed from it.

    A commit that changes nothing that is deployed must not make a change set.
    """
    same = parameters_of(current).get(BUNDLE_DIGEST) == bundle.digest
    return (deployed_commit(current) if same else "") or bundle.commit


def deployed_commit(stack: StackTypeDef | None) -> str:
    """The commit that a stack was deployed from; empty where it does not say."""
    return parameters_of(stack).get(BUNDLE_COMMIT) or tags_of(stack).get(FORMER_COMMIT_TAG, "")


def parameters_of(stack: StackTypeDef | None) -> dict[str, str]:
    given = stack.get("Parameters", []) if stack else []
    return {item["ParameterKey"]: item.get("ParameterValue", "") for item in given}


def tags_of(stack: StackTypeDef | None) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in stack.get("Tags", [])} if stack else {}
