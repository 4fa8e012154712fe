"""The first deploy fails at each resource in turn: the next one works, and nothing is left over.

Encrypted by a key, with a schedule, an address and a dashboard: every resource of the template is there
that the local cloud makes: it refuses QuickSight by name.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from covidlake import aws
from covidlake.base import project
from covidlake.base.errors import DeployError
from covidlake.bundle import package
from covidlake.bundle.manifest import Bundle
from covidlake.laptop import local
from covidlake.ship.deploy import deploy, destroy
from covidlake.ship.stack import artifacts
from localcloud.cloud import LocalCloud
from tests.e2e.releases import ignore
from tests.environment import PROVE

WORKERS, EVERY = 4, 7
REFUSED = "AWS::QuickSight::"
REASON = "Resource handler returned message: out of order"
SETTINGS = {
    'Encryption: "SSE-S3"': 'Encryption: "SSE-KMS"',
    'ScheduleState: "DISABLED"': 'ScheduleState: "ENABLED"',
    'CloudWatchDashboard: "false"': 'CloudWatchDashboard: "true"',
    'NotificationEmail: ""': 'NotificationEmail: "people@example.org"',
}


@pytest.fixture(scope="module")
def alone() -> Iterator[LocalCloud]:
    """A cloud that holds no other stack, with the artifact bucket."""
    with LocalCloud.ephemeral() as cloud, local.attached(cloud):
        artifacts.ensure_bucket(project.artifact_bucket(aws.account(), aws.region()), ignore)
        yield cloud


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bundle]:
    """The project's own, with an environment for each resource of its template."""
    folder = tmp_path_factory.mktemp("first")
    text = (project.ENVIRONMENTS / "dev.yaml").read_text()
    for before, after in SETTINGS.items():
        assert before in text
        text = text.replace(before, after)
    environments = folder / "environments"
    environments.mkdir()
    (environments / "dev.yaml").write_text(text)
    resources = package.package(folder / "counted").template["Resources"]
    for number, _ in enumerate(resources):
        name = environment(number)
        (environments / f"{name}.yaml").write_text(
            text.replace('"dev"', f'"{name}"').replace("Environment: dev\n", f"Environment: {name}\n")
        )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(project, "ENVIRONMENTS", environments)
        yield package.package(folder / "bundle")


def environment(number: int) -> str:
    return f"at{number}"


def fail_then_deploy(cloud: LocalCloud, bundle: Bundle, number: int, logical_id: str) -> list[str]:
    """What went otherwise than it should."""
    name = environment(number)
    cloud.fail(project.stack_name(name), logical_id, REASON)
    try:
        deploy.deploy(name, bundle, ignore)
        return [f"{logical_id}: the first deploy did not fail"]
    except DeployError as error:
        if f"ended ROLLBACK_COMPLETE: {logical_id}: {REASON}" not in str(error):
            return [f"{logical_id}: {error}"]
    try:
        status = deploy.deploy(name, bundle, ignore).status
    except Exception as error:
        return [f"{logical_id}: the second deploy failed: {error!r}"]
    return [] if status == "CREATE_COMPLETE" else [f"{logical_id}: {status}"]


def test_a_first_deploy_that_failed_at_any_resource_can_be_repeated(
    alone: LocalCloud, bundle: Bundle
) -> None:
    resources = made(bundle)
    with ThreadPoolExecutor(WORKERS) as pool:
        jobs = [
            pool.submit(fail_then_deploy, alone, bundle, number, logical_id)
            for number, logical_id in enumerate(resources)
        ]
        assert [line for job in jobs for line in job.result()] == []
    stacks = {project.stack_name(environment(number)) for number, _ in enumerate(resources)}
    assert {bucket for bucket in buckets(alone) if bucket.startswith("covid-lake-at")} == {
        bucket for name in stacks for bucket in physical(name, "AWS::S3::Bucket")
    }
    assert keys(alone) == {key for name in stacks for key in physical(name, "AWS::KMS::Key")}


def made(bundle: Bundle) -> list[str]:
    """Each resource in `make prove`, else one in `EVERY`."""
    resources = bundle.template["Resources"]
    found = sorted(title for title, one in resources.items() if not one["Type"].startswith(REFUSED))
    assert len(found) >= 38
    return found if PROVE else found[::EVERY]


def buckets(cloud: LocalCloud) -> set[str]:
    return {bucket["Name"] for bucket in cloud.client("s3").list_buckets()["Buckets"]}


def keys(cloud: LocalCloud) -> set[str]:
    """The keys of the account's own that are not on their way out."""
    kms = cloud.client("kms")
    pages = kms.get_paginator("list_keys").paginate()
    described = [
        kms.describe_key(KeyId=one["KeyId"])["KeyMetadata"] for page in pages for one in page["Keys"]
    ]
    return {
        one["KeyId"] for one in described if one["KeyState"] == "Enabled" and one["KeyManager"] == "CUSTOMER"
    }


def physical(name: str, kind: str) -> list[str]:
    found = aws.client("cloudformation").describe_stack_resources(StackName=name)["StackResources"]
    return [one["PhysicalResourceId"] for one in found if one["ResourceType"] == kind]


@pytest.mark.parametrize(
    ("number", "logical_id"), [*enumerate(["Database", "Crawler", "JobRole", "StateMachine", "Topic"])]
)
def test_a_deletion_that_failed_can_be_repeated(
    alone: LocalCloud, bundle: Bundle, number: int, logical_id: str
) -> None:
    name = environment(number)
    deploy.deploy(name, bundle, ignore)
    known = set(physical(project.stack_name(name), "AWS::KMS::Key"))
    assert known <= keys(alone)
    alone.fail(project.stack_name(name), logical_id, REASON, "delete", times=2)  # destroy tries twice
    with pytest.raises(DeployError, match=rf"ended DELETE_FAILED: {logical_id}: {REASON}.*destroy it again"):
        destroy.destroy(name, ignore)
    assert destroy.destroy(name, ignore).status == "DELETE_COMPLETE"
    assert not {bucket for bucket in buckets(alone) if bucket.startswith(f"covid-lake-{name}-")}
    assert not keys(alone) & known
