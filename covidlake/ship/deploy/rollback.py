"""`covidlake rollback`: redeploy a bundle that was good in an environment, from the artifact bucket."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from covidlake import aws
from covidlake.base import project
from covidlake.base.errors import BundleError, DeployError, StackNotFoundError
from covidlake.base.progress import Progress
from covidlake.bundle.manifest import MANIFEST, Bundle, bundle_prefix, manifest_bytes, verify
from covidlake.environment.environment_file import BUNDLE_DIGEST
from covidlake.ship.deploy import deploy
from covidlake.ship.deploy.deployment_record import Deployment
from covidlake.ship.deploy.history import GOOD, Record, history
from covidlake.ship.deploy.options import DEFAULTS, DeployOptions
from covidlake.ship.stack import artifacts, stack

SHORTEST_DIGEST = 7
NOT_THERE = {"DELETE_COMPLETE", "REVIEW_IN_PROGRESS"}


def rollback(
    environment: str, progress: Progress, to: str | None = None, options: DeployOptions = DEFAULTS
) -> Deployment:
    """Deploy the last bundle that was good there and is not the current one, or the one that `to` begins.

    Raises `DeployError` when no such bundle was ever deployed
    there, `BundleError` when the artifact bucket no longer holds it as it was.
    """
    digest = choose(environment, to)
    progress(f"back to bundle {digest[:12]}")
    bucket = project.artifact_bucket(aws.account(), aws.region())
    with fetched(digest, bucket, environment) as bundle:
        return deploy.deploy(environment, bundle, progress, replace(options, allow_older=True))


def choose(environment: str, to: str | None = None) -> str:
    """The digest to go back to."""
    described = stack.describe(project.stack_name(environment))
    if described is None or described["StackStatus"] in NOT_THERE:
        raise StackNotFoundError(
            f"stack {project.stack_name(environment)} is not there, so there is nothing to roll back: "
            f"deploy a bundle with: covidlake deploy {environment}"
        )
    found = stack.parameters_of(described)
    records = [record for record in history(environment, limit=None) if record.outcome in GOOD]
    good = [record.digest for record in records]
    if to is None:
        current = {found.get(BUNDLE_DIGEST), *_same_as_deployed(records)}
        earlier = [digest for digest in good if digest not in current]
        if not earlier:
            raise DeployError(
                f"environment {environment}: no other bundle was deployed there: see covidlake history"
            )
        return earlier[0]
    named = sorted({digest for digest in good if digest.startswith(to.lower())})
    if len(to) < SHORTEST_DIGEST or len(named) != 1:
        raise DeployError(
            f"environment {environment}: {len(named)} good bundles begin with {to!r}: "
            f"give at least {SHORTEST_DIGEST} digits of one that covidlake history shows"
        )
    return named[0]


def _same_as_deployed(records: list[Record]) -> set[str]:
    """The digests of the last deploys that changed nothing: the stack is in their state."""
    return {one.digest for one in itertools.takewhile(lambda one: one.outcome == "NO_CHANGE", records)}


@contextmanager
def fetched(digest: str, bucket: str, environment: str) -> Iterator[Bundle]:
    """The bundle from the stack's part of the artifact bucket, verified, in a folder that goes afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "bundle"
        _fetch(digest, bucket, environment, target)
        yield verify(target, digest)


def _fetch(digest: str, bucket: str, environment: str, target: Path) -> None:
    stack_name = project.stack_name(environment)
    key = f"{bundle_prefix(stack_name, digest)}{MANIFEST}"
    bundle = artifacts.manifest_of(digest, bucket, stack_name, target)
    keys = bundle.of(environment).object_keys(stack_name)
    manifest = manifest_bytes(bundle.manifest, bundle.commit)
    for held, name in keys.items():
        path = target / name
        if not path.resolve().is_relative_to(target.resolve()):
            raise BundleError(f"s3://{bucket}/{key}: {name!r} leads out of the bundle")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(manifest if name == MANIFEST else artifacts.read(bucket, held))
