"""What a stack is deployed with: name, template, parameters and tags, from an environment and a bundle.

Plan and deploy both take it from here, so that what is reviewed is what is executed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Self

from botocore.exceptions import ClientError

from covidlake import aws
from covidlake.base import project
from covidlake.base.errors import BundleError
from covidlake.bundle.manifest import Bundle
from covidlake.environment import environment_file, tags
from covidlake.environment.environment_file import (
    BUNDLE_COMMIT,
    BUNDLE_DIGEST,
    Environment,
)
from covidlake.environment.target import check_target
from covidlake.ship.stack import artifacts, permissions_boundary, stack

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
    def checked(cls, environment_name: str, bundle: Bundle) -> Self:
        """The environment as the bundle ships it, checked against the template and the caller's account.

        Raises `EnvironmentFileError` before anything is called, then `WrongTargetError`.
        """
        own = bundle.of(environment_name)
        environment = environment_file.load(environment_name, own.environments)
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

        A commit that changes no file of the bundle must not make a change set: then those of the bundle
        stay what they are.
        """
        own = {BUNDLE_DIGEST: self.bundle.digest, BUNDLE_COMMIT: self.bundle.commit}
        if self.has_files_of(current):
            own |= {name: value for name, value in stack.parameters_of(current).items() if name in own}
        declared = self.bundle.template.get("Parameters", {})
        return {**self._given, **{name: value for name, value in own.items() if name in declared}}

    @cached_property
    def _given(self) -> dict[str, str]:
        """Those of the file, with the permissions boundary that was looked for once."""
        return permissions_boundary.parameters(self.environment)

    def has_files_of(self, current: StackTypeDef | None) -> bool:
        """Whether the stack was deployed from these very files, of whichever commit."""
        digest = stack.parameters_of(current).get(BUNDLE_DIGEST, "")
        return digest == self.bundle.digest or (
            bool(digest) and self._files_of(digest) == self.bundle.manifest
        )

    def _files_of(self, digest: str) -> dict[str, str] | None:
        """The files of a bundle, by the artifact bucket; None where it does not say."""
        if digest not in self._known:
            try:
                found = artifacts.manifest_of(digest, self.bucket, self.stack_name)
            except (BundleError, ClientError):
                return None
            self._known[digest] = found.manifest
        return self._known[digest]

    @cached_property
    def _known(self) -> dict[str, dict[str, str]]:
        return {}


def deployed_commit(found: StackTypeDef | None) -> str:
    """The commit that a stack was deployed from; empty where it does not say."""
    return stack.parameters_of(found).get(BUNDLE_COMMIT) or stack.tags_of(found).get(FORMER_COMMIT_TAG, "")
