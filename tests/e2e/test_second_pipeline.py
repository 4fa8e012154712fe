"""A second pipeline is an addition: nothing that is there is edited, and each verb finds it by its folder.

In a copy of the repository, by the command line, on a local cloud of its own.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from covidlake.base import project
from localcloud.cloud import LocalCloud
from tests.e2e import role_sessions

TINY = Path(__file__).with_name("tiny")
STACK = "covid-lake-dev-tiny"
COMMIT = ("-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "--quiet", "--message")


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@dataclass
class Copy:
    """The repository in a folder of its own, where `run` calls the command line."""

    folder: Path
    environment: Mapping[str, str]

    def run(self, *arguments: str, code: int | None = 0, role: Mapping[str, str] | None = None) -> str:
        """Call it, as the administrator or with the credentials of a role; None takes any exit code."""
        done = subprocess.run(
            [sys.executable, "-m", "covidlake", *arguments],
            cwd=self.folder,
            env={
                **self.environment,
                **(role or {}),
                "PYTHONPATH": self._sources(),
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert code in (done.returncode, None), done.stdout + done.stderr
        return done.stdout

    def _sources(self) -> str:
        folders = [self.folder, self.folder / "jobs", self.folder / "packages" / "localcloud"]
        return os.pathsep.join(map(str, folders))

    def files(self) -> dict[str, str]:
        """What the bundle holds: the digest of each file."""
        manifest = json.loads((self.folder / "build" / "bundle" / "manifest.json").read_text())
        return dict(manifest["files"])

    def template(self) -> bytes:
        return (self.folder / "build" / "template.json").read_bytes()


@pytest.fixture(scope="module")
def alone() -> Iterator[LocalCloud]:
    with LocalCloud.ephemeral(wait_scale=0.02) as running:
        yield running


@pytest.fixture(scope="module")
def before(alone: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """The repository as it is, built and packaged."""
    if not (project.ROOT / ".git").exists():
        pytest.skip("not a git checkout: which files are the repository's is not known")
    folder = tmp_path_factory.mktemp("copy") / "lake"
    for name in git(project.ROOT, "ls-files", "-z").split("\0"):
        if name and (project.ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(project.ROOT / name, folder / name)
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, *COMMIT, "as it is")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    nothing = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    copy = Copy(folder, {**kept, **nothing, **alone.environment()})
    copy.run("build")
    copy.run("package")
    return copy


@dataclass(frozen=True)
class Without:
    """What the main pipeline was before there was another one."""

    template: bytes
    files: dict[str, str]


@pytest.fixture(scope="module")
def without(before: Copy) -> Without:
    return Without(before.template(), before.files())


@pytest.fixture(scope="module")
def copy(before: Copy, without: Without) -> Copy:
    """The same one with the tiny pipeline in it."""
    (before.folder / "infra" / "tiny").mkdir()
    (before.folder / "environments" / "tiny").mkdir()
    (before.folder / "infra" / "tiny" / "__init__.py").write_text('"""The smallest pipeline."""\n')
    shutil.copy2(TINY / "template.py", before.folder / "infra" / "tiny" / "template.py")
    shutil.copy2(TINY / "dev.yaml", before.folder / "environments" / "tiny" / "dev.yaml")
    return before


@pytest.fixture(scope="module")
def packaged(copy: Copy) -> Copy:
    assert "build/templates/tiny.json: 3 resources" in copy.run("build")
    assert "templates of ingestion, segmentation, tiny" in copy.run("lint")
    copy.run("package")
    return copy


def test_nothing_that_was_there_is_edited(packaged: Copy) -> None:
    changed = git(packaged.folder, "status", "--porcelain", "--untracked-files=all").splitlines()
    assert sorted(changed) == [
        "?? environments/tiny/dev.yaml",
        "?? infra/tiny/__init__.py",
        "?? infra/tiny/template.py",
    ]


def test_the_main_pipeline_is_the_same_bytes_as_without_it(packaged: Copy, without: Without) -> None:
    assert packaged.template() == without.template
    files = packaged.files()
    assert {name: files[name] for name in without.files} == without.files
    assert set(files) - set(without.files) == {"templates/tiny.json", "environments/tiny/dev.yaml"}


def test_a_file_without_a_pipeline_and_a_value_that_is_none_are_refused(packaged: Copy) -> None:
    file = packaged.folder / "environments" / "tiny" / "dev.yaml"
    text = file.read_text()
    file.write_text(text + "  covidlake:promote: maybe\n")
    packaged.run("lint", code=3)
    file.write_text(text)
    stray = packaged.folder / "environments" / "nowhere" / "dev.yaml"
    stray.parent.mkdir()
    stray.write_text(text)
    packaged.run("lint", code=3)
    shutil.rmtree(stray.parent)


def test_only_what_has_the_tag_is_promoted(packaged: Copy) -> None:
    plans = packaged.folder / "build" / "plans"
    file = packaged.folder / "environments" / "tiny" / "dev.yaml"
    text = file.read_text()
    command = ("plan", "dev", "--promoted", "--format", "markdown", "--output", str(plans / "dev.md"))
    packaged.run(*command)
    assert [path.name for path in plans.iterdir()] == ["dev.md"]
    file.write_text(text + '  covidlake:promote: "true"\n')
    packaged.run("package")
    packaged.run(*command)
    assert sorted(path.name for path in plans.iterdir()) == ["dev-tiny.md", "dev.md"]
    assert STACK in (plans / "dev-tiny.md").read_text()
    file.write_text(text)
    packaged.run("package")


def test_its_life_from_the_first_deploy_to_the_last(packaged: Copy, alone: LocalCloud) -> None:
    first = digest(packaged)
    assert f"{STACK}: CREATE_COMPLETE" in packaged.run("deploy", "tiny/dev")
    assert f"{STACK}: no change" in packaged.run("deploy", "tiny/dev")
    assert "CREATE_COMPLETE" in packaged.run("status", "tiny/dev")
    packaged.run("drift", "tiny/dev")
    packaged.run("ingest", "tiny/dev", code=3)

    template = packaged.folder / "infra" / "tiny" / "template.py"
    text = template.read_text()
    template.write_text(text.replace("Does nothing, twice", "Does nothing, again"))
    packaged.run("package")
    plan = packaged.folder / "build" / "plan.json"
    packaged.run("plan", "tiny/dev", "--format", "json", "--output", str(plan))
    planned = json.loads(plan.read_text())
    assert (planned["stack_name"], planned["counts"]["modify"]) == (STACK, 1)
    assert f"{STACK}: UPDATE_COMPLETE" in packaged.run("deploy", "tiny/dev", "--plan", str(plan))

    records = json.loads(packaged.run("history", "tiny/dev", "--format", "json"))
    assert [one["outcome"] for one in records] == ["DEPLOYED", "NO_CHANGE", "DEPLOYED"]
    assert {one["environment"] for one in records} == {"tiny/dev"}
    assert f"bundle {first[:12]}" in packaged.run("rollback", "tiny/dev")
    template.write_text(text)
    packaged.run("package")
    assert digest(packaged) == first
    assert f"{STACK}: no change" in packaged.run("deploy", "tiny/dev")

    bucket = alone.client("cloudformation").describe_stack_resource(
        StackName=STACK, LogicalResourceId="Bucket"
    )["StackResourceDetail"]["PhysicalResourceId"]
    suspended = {"Status": "Suspended"}
    alone.client("s3").put_bucket_versioning(Bucket=bucket, VersioningConfiguration=suspended)
    drifted = json.loads(packaged.run("drift", "tiny/dev", "--format", "json", code=2))
    assert [one["logical_id"] for one in drifted["resources"]] == ["Bucket"]
    assert f"{STACK}: DELETE_COMPLETE, 1 bucket," in packaged.run("destroy", "tiny/dev", "--yes")
    assert f"{STACK}: there is no such stack" in packaged.run("destroy", "tiny/dev", "--yes")


def digest(copy: Copy) -> str:
    found = re.search(r"digest ([0-9a-f]{64})", copy.run("verify"))
    assert found
    return found[1]


@pytest.mark.prove
def test_promotion_deploys_the_environments_pipelines_one_after_the_other(packaged: Copy) -> None:
    file = packaged.folder / "environments" / "tiny" / "dev.yaml"
    text = file.read_text()
    file.write_text(text + '  covidlake:promote: "true"\n')
    packaged.run("package")
    lines = packaged.run("deploy", "dev", "--promoted").splitlines()
    assert [line.split(",")[0] for line in lines] == [
        "covid-lake-dev: CREATE_COMPLETE",
        f"{STACK}: CREATE_COMPLETE",
    ]
    file.write_text(text)
    packaged.run("destroy", "tiny/dev", "--yes")
    packaged.run("destroy", "dev", "--yes")


@pytest.mark.prove
def test_the_roles_of_the_environment_are_enough_for_all_of_its_pipelines(
    packaged: Copy, alone: LocalCloud
) -> None:
    file = packaged.folder / "environments" / "tiny" / "dev.yaml"
    text = file.read_text()
    file.write_text(text + '  covidlake:promote: "true"\n')
    packaged.run("package")
    repository = ("--repository", "acme/lake", "--repository-id", "99", "--owner-id", "77")
    packaged.run("bootstrap", "dev", *repository)
    packaged.run("plan", "dev", "--promoted", role=session(alone, "plan", "pull_request"))
    deploy = session(alone, "deploy", "environment:dev")
    lines = packaged.run("deploy", "dev", "--promoted", role=deploy).splitlines()
    assert [line.split(",")[0] for line in lines] == [
        "covid-lake-dev: CREATE_COMPLETE",
        f"{STACK}: CREATE_COMPLETE",
    ]
    packaged.run("drift", "dev", "--promoted", role=session(alone, "drift", "environment:dev-ops"))
    checks = packaged.run("doctor", "tiny/dev", code=None)
    for line in ("stack", "state machine", "role deploy", "permissions boundary", "parameter file"):
        assert re.search(rf"OK +{line}: ", checks), checks
    role = alone.client("cloudformation").describe_stack_resource(
        StackName=STACK, LogicalResourceId="MachineRole"
    )["StackResourceDetail"]["PhysicalResourceId"]
    bound = alone.client("iam").get_role(RoleName=role)["Role"]["PermissionsBoundary"]
    assert bound["PermissionsBoundaryArn"].endswith("policy/covid-lake-dev-boundary")
    file.write_text(text)
    packaged.run("destroy", "tiny/dev", "--yes")
    packaged.run("destroy", "dev", "--yes")


def session(cloud: LocalCloud, role: str, claim: str) -> dict[str, str]:
    """The settings of a job that has taken a role of dev on."""
    taken = role_sessions.take_on(cloud, f"covid-lake-dev-{role}", f"repo:acme@77/lake@99:{claim}")
    return {
        "AWS_ACCESS_KEY_ID": taken["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": taken["SecretAccessKey"],
        "AWS_SESSION_TOKEN": taken["SessionToken"],
    }


def test_pull_requests_have_no_stack_of_it(packaged: Copy) -> None:
    packaged.run("deploy", "tiny/pr-7", code=3)
