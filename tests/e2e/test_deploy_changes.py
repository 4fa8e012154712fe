"""What an update touches: only what differs, whatever commit and bundle it comes from."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from covidlake import aws
from covidlake.base import project
from covidlake.base.errors import DeployError
from covidlake.bundle import package
from covidlake.bundle.manifest import Bundle, manifest_bytes, open_bundle
from covidlake.ship.deploy import ancestry, deploy, rollback
from covidlake.ship.deploy.options import DeployOptions
from covidlake.ship.plan import plan
from covidlake.ship.stack import (
    artifacts,
    change_set,
    change_set_removal,
    change_set_request,
    stack,
)
from covidlake.ship.stack.stack_inputs import StackInputs
from localcloud.cloud import LocalCloud
from tests.e2e.releases import ignore, own_sources

ENVIRONMENT = "changes"
NAME = project.stack_name(ENVIRONMENT)
COMMITS = [digit * 40 for digit in "1234567"]
OTHER = "template-file-path: build/template.json  "  # how the file of another environment begins


pytestmark = pytest.mark.usefixtures("attached")


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of the jobs and an environment of our own."""
    with own_sources(tmp_path_factory.mktemp("sources"), "JOBS", ENVIRONMENT) as folder:
        yield folder


def release(sources: Path, commit: str) -> Bundle:
    """The bundle of what the sources are now."""
    return of_commit(package.package(sources / "packaged"), commit)


def of_commit(bundle: Bundle, commit: str) -> Bundle:
    """The same files, as packaged from a commit."""
    folder = bundle.folder.with_name(f"bundle-{commit[:1]}")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(bundle.folder, folder)
    (folder / "manifest.json").write_bytes(manifest_bytes(bundle.manifest, commit))
    return open_bundle(folder)


@pytest.fixture(scope="module")
def first(sources: Path) -> Bundle:
    """The first release, deployed."""
    bundle = release(sources, COMMITS[0])
    assert deploy.deploy(ENVIRONMENT, bundle, ignore).status == "CREATE_COMPLETE"
    return bundle


@pytest.fixture(scope="module")
def of_the_library(sources: Path, first: Bundle) -> Bundle:
    """Another commit in which the jobs' library differs, in a part that no function carries."""
    module = sources / "jobs" / "ingestion" / "job.py"
    module.write_text(module.read_text() + "\nRELEASE = 2\n")
    return release(sources, COMMITS[2])


def described() -> Any:
    return stack.describe(NAME)


def changes(bundle: Bundle) -> list[str] | None:
    """The logical ids in the change set of a bundle; None where there is nothing to execute."""
    inputs, found = StackInputs.checked(ENVIRONMENT, bundle), described()
    template = change_set.template_url(inputs.bucket, inputs.template_key)
    created = change_set_request.create(NAME, template, inputs.parameters(found), inputs.tags, found=found)
    if created is None:
        return None
    change_set_removal.discard(created)
    return sorted(one["ResourceChange"]["LogicalResourceId"] for one in created.changes)


def events() -> list[tuple[str, str]]:
    found = aws.client("cloudformation").describe_stack_events(StackName=NAME)["StackEvents"]
    return [(one["LogicalResourceId"], one["ResourceStatus"]) for one in found]


def test_another_commit_of_the_same_content_touches_no_resource(first: Bundle) -> None:
    again = of_commit(first, COMMITS[1])
    deployed = deploy.deploy(ENVIRONMENT, again, ignore)
    assert (deployed.status, deployed.changes) == ("UPDATE_COMPLETE", [])
    assert stack.find(ENVIRONMENT).outputs["BundleCommit"] == COMMITS[1]
    assert changes(again) is None
    assert deploy.deploy(ENVIRONMENT, again, ignore).status == "NO_CHANGE"


def test_another_commit_changes_outputs_alone(
    sources: Path, first: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file of another environment differs: another digest, and nothing for this one to do."""
    (sources / "environments" / "other.yaml").write_text(f"{OTHER}# another one\n")
    bundle = release(sources, COMMITS[1])
    assert bundle.digest != first.digest
    assert plan.plan(ENVIRONMENT, bundle, ignore).is_empty
    deployed = deploy.deploy(ENVIRONMENT, bundle, ignore)
    assert (deployed.status, deployed.changes) == ("UPDATE_COMPLETE", [])
    outputs = stack.find(ENVIRONMENT).outputs
    assert (outputs["BundleDigest"], outputs["BundleCommit"]) == (bundle.digest, COMMITS[1])
    assert changes(bundle) is None
    (sources / "environments" / "other.yaml").unlink()


def test_only_what_differs_is_in_the_change_set(of_the_library: Bundle) -> None:
    inputs = StackInputs.checked(ENVIRONMENT, of_the_library)
    artifacts.upload(of_the_library, inputs.bucket, inputs.stack_name, ignore)
    assert changes(of_the_library) == ["Job"]


def test_the_tags_of_an_older_stack_go_with_one_deploy(
    first: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    tags = StackInputs.checked(ENVIRONMENT, first).tags
    old = {"covidlake:bundle": first.digest, "covidlake:commit": COMMITS[3]}

    with monkeypatch.context() as patch:
        patch.setattr(StackInputs, "tags", {**tags, **old})
        deploy.deploy(ENVIRONMENT, first, ignore)
    assert old.items() <= stack.tags_of(described()).items()
    assert plan.plan(ENVIRONMENT, first, ignore).resources == ()
    assert deploy.deploy(ENVIRONMENT, first, ignore).changes == []
    assert not set(old) & set(stack.tags_of(described()))
    assert deploy.deploy(ENVIRONMENT, first, ignore).status == "NO_CHANGE"


def test_a_cloud_that_sees_no_change_in_outputs_is_a_success_and_no_bundle_to_go_back_to(
    sources: Path, first: Bundle, of_the_library: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    deploy.deploy(ENVIRONMENT, of_the_library, ignore)
    (sources / "environments" / "other.yaml").write_text(f"{OTHER}# yet another\n")
    bundle = release(sources, COMMITS[4])
    with monkeypatch.context() as patch:
        patch.setattr(change_set_request, "create", lambda *_, **__: None)
        assert deploy.deploy(ENVIRONMENT, bundle, ignore).status == "NO_CHANGE"
    assert stack.find(ENVIRONMENT).outputs["BundleDigest"] == of_the_library.digest
    assert rollback.choose(ENVIRONMENT) == first.digest


def test_an_older_bundle_is_refused_unless_it_is_meant(
    first: Bundle, of_the_library: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(commit: str, deployed: str, **_: Any) -> None:
        raise DeployError(f"{commit[:1]} is older than {deployed[:1]}")

    monkeypatch.setattr(ancestry, "refuse_older", refuse)
    with pytest.raises(DeployError, match="1 is older than 3"):
        deploy.deploy(ENVIRONMENT, first, ignore)
    assert stack.find(ENVIRONMENT).outputs["BundleCommit"] == of_the_library.commit
    assert deploy.deploy(ENVIRONMENT, of_the_library, ignore).status == "NO_CHANGE"
    assert (
        deploy.deploy(ENVIRONMENT, first, ignore, DeployOptions(allow_older=True)).status == "UPDATE_COMPLETE"
    )
    assert rollback.rollback(ENVIRONMENT, ignore).digest == of_the_library.digest


@pytest.mark.prove
def test_what_was_deployed_without_a_change_counts_when_an_older_bundle_comes(
    first: Bundle, of_the_library: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change waits for approval, is reverted meanwhile, and the revert has the content of before."""
    asked: list[str] = []
    revert = of_commit(first, COMMITS[6])
    assert (
        deploy.deploy(ENVIRONMENT, first, ignore, DeployOptions(allow_older=True)).status == "UPDATE_COMPLETE"
    )
    assert deploy.deploy(ENVIRONMENT, revert, ignore).changes == []

    def refuse(_commit: str, deployed: str, **_: Any) -> None:
        asked.append(deployed)
        if deployed == revert.commit:
            raise DeployError("it was reverted")

    monkeypatch.setattr(ancestry, "refuse_older", refuse)
    with pytest.raises(DeployError, match="it was reverted"):
        deploy.deploy(ENVIRONMENT, of_the_library, ignore)
    assert asked == [revert.commit]
    assert stack.find(ENVIRONMENT).outputs["BundleDigest"] == revert.digest


@pytest.mark.parametrize("value", ["true", "false"])
def test_a_job_sends_metrics_only_where_they_are_wanted(
    cloud: LocalCloud, sources: Path, first: Bundle, value: str
) -> None:
    path = sources / "environments" / f"{ENVIRONMENT}.yaml"
    path.write_text(path.read_text().replace('JobMetrics: "false"', f'JobMetrics: "{value}"'))
    deploy.deploy(ENVIRONMENT, release(sources, COMMITS[5]), ignore)
    path.write_text(path.read_text().replace('JobMetrics: "true"', 'JobMetrics: "false"'))
    outputs, wanted = stack.find(ENVIRONMENT).outputs, value == "true"
    job = cloud.client("glue").get_job(JobName=outputs["JobName"])["Job"]
    arguments = {"--enable-metrics", "--enable-observability-metrics"}
    assert arguments & set(job["DefaultArguments"]) == (arguments if wanted else set())
    iam = cloud.client("iam")
    policy = iam.get_role_policy(RoleName=job["Role"].split("/")[-1], PolicyName="Permissions")
    sids = {statement["Sid"] for statement in policy["PolicyDocument"]["Statement"]}
    assert ("WriteMetrics" in sids) is wanted
