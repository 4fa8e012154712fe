"""What a stack is deployed with: name, template, parameters and tags, from an environment and a bundle.

Plan and deploy both take it from here, so that what is reviewed is what is executed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Self

from covidlake import aws
from covidlake.base import project
from covidlake.bundle.manifest import Bundle
from covidlake.environment import environment_file, tags
from covidlake.environment.environment_file import (
    BUNDLE_COMMIT,
    BUNDLE_DIGEST,
    Environment,
)
from covidlake.environment.target import check_target
from covidlake.ship.stack import permissions_boundary, stack

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackTypeDef

# Once tags of the stack, now parameters: CloudFormation hands a tag down to each resource, so that every
# deploy updated all of them. The next deploy takes them away.
FORMER_COMMIT_TAG = "covidlake:commit"
FORMER_TAGS = {"covidlake:bundle", FORMER_COMMIT_TAG}
PROTECTED_TAG = tags.PROTECTED
THROW_AWAY_TAG = tags.THROW_AWAY


@dataclass(frozen=True)
class StackInputs:
    """An environment and the bundle for its stack, read and checked once for a whole plan or deploy."""

    environment: Environment
    bundle: Bundle

    @classmethod
    def checked(
        cls, environment_name: str, bundle: Bundle, parameters: Mapping[str, str] | None = None
    ) -> Self:
        """The environment as the bundle ships it, checked against the template and the caller's account.

        `parameters` replace those of its file.

        Raises `EnvironmentFileError` before anything is called, then `WrongTargetError`.
        """
        own = bundle.of(environment_name)
        loaded = environment_file.load(environment_name, own.environments)
        environment = replace(loaded, parameters={**loaded.parameters, **(parameters or {})})
        environment_file.check(environment, own.template)
        check_target(environment)
        return cls(environment, own)

    @property
    def stack_name(self) -> str:
        return project.stack_name(self.environment.name)

    @property
    def tags(self) -> dict[str, str]:
        return self.environment.tags

    @property
    def protected(self) -> bool:
        return self.tags.get(PROTECTED_TAG) == "true"

    @property
    def bucket(self) -> str:
        """The artifact bucket, which the template is sent to."""
        return project.artifact_bucket(aws.account(), aws.region())

    @property
    def template_key(self) -> str:
        return self.bundle.template_key(self.stack_name)

    def parameters(self, current: StackTypeDef | None) -> dict[str, str]:
        """The parameters of a change set for the stack, which is `current` now (None: absent).

        Those of the bundle are outputs and touch no resource, so that a commit that changes nothing else
        changes nothing else.
        """
        own = {BUNDLE_DIGEST: self.bundle.digest, BUNDLE_COMMIT: self._commit(current)}
        declared = self.bundle.template.get("Parameters", {})
        return {**self._given, **{name: value for name, value in own.items() if name in declared}}

    @cached_property
    def _given(self) -> dict[str, str]:
        """Those of the file, with the permissions boundary that was looked for once."""
        return permissions_boundary.parameters(self.environment)

    def _commit(self, current: StackTypeDef | None) -> str:
        """The bundle's commit; for the deployed bundle the one that the stack names."""
        same = stack.parameters_of(current).get(BUNDLE_DIGEST) == self.bundle.digest
        return (deployed_commit(current) if same else "") or self.bundle.commit


def deployed_commit(found: StackTypeDef | None) -> str:
    """The commit that a stack was deployed from; empty where it does not say."""
    return stack.parameters_of(found).get(BUNDLE_COMMIT) or stack.tags_of(found).get(FORMER_COMMIT_TAG, "")
