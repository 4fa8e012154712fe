"""Deploys and deletions while a crawl or an execution runs, and after failures that pass by themselves."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from covidlake import aws
from covidlake.base import project
from covidlake.base.errors import DeployError, StackBusyError
from covidlake.bundle import package
from covidlake.bundle.manifest import Bundle
from covidlake.environment import environment_file
from covidlake.run import notifications
from covidlake.ship.deploy import crawls, deploy, destroy, transient
from covidlake.ship.deploy.history import history
from covidlake.ship.deploy.options import DeployOptions
from covidlake.ship.stack import stack
from localcloud.cloud import LocalCloud
from tests.e2e.releases import ignore
from tests.sampling import sampled

ENVIRONMENT = "rough"
NAME = project.stack_name(ENVIRONMENT)
CRAWLER = f"{NAME}-crawler"
TAGS = (
    "Tags created previously on a crawler of the same name are in deleting state. "
    "Please retry after some time."
)


pytestmark = pytest.mark.usefixtures("attached")


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pause before another attempt."""
    monkeypatch.setattr(
        transient, "TRANSIENT", tuple(replace(one, seconds=0.0) for one in transient.TRANSIENT)
    )


@pytest.fixture(scope="module")
def environments(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("rough")
    write(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(project, "ENVIRONMENTS", folder)
        yield folder


def write(folder: Path, **tags: str) -> None:
    """The parameter file, with stack tags that reach the crawler."""
    text = (project.ROOT / "environments" / "dev.yaml").read_text()
    text = text.replace('Environment: "dev"', f'Environment: "{ENVIRONMENT}"')
    text = text.replace("Environment: dev\n", f"Environment: {ENVIRONMENT}\n")
    more = "".join(f"  {key}: {value}\n" for key, value in tags.items())
    (folder / f"{ENVIRONMENT}.yaml").write_text(text.replace("tags:\n", f"tags:\n{more}"))


def bundle(environments: Path, **tags: str) -> Bundle:
    write(environments, **tags)
    return package.package(environments.parent / f"bundle-{time.time_ns()}")


@pytest.fixture
def deployed(cloud: LocalCloud, environments: Path) -> None:
    deploy.deploy(ENVIRONMENT, bundle(environments), ignore)


def states(cloud: LocalCloud) -> str:
    return str(cloud.client("glue").get_crawler(Name=CRAWLER)["Crawler"]["State"])


@pytest.mark.prove
def test_a_failure_that_passes_is_tried_again_from_the_beginning(
    cloud: LocalCloud, environments: Path
) -> None:
    cloud.fail(NAME, "Crawler", TAGS, times=2)
    lines: list[str] = []
    done = deploy.deploy(ENVIRONMENT, bundle(environments), lines.append)
    assert done.status == "CREATE_COMPLETE"
    again = [line for line in lines if "attempt" in line]
    assert again == [
        f"tags of the deleted resource of this name are still there: attempt {number} of 3 begins in 0 s"
        for number in (2, 3)
    ]
    assert [one.outcome for one in history(ENVIRONMENT)] == ["DEPLOYED"]


def test_an_update_that_fails_for_a_moment_is_tried_again(
    cloud: LocalCloud, environments: Path, deployed: None
) -> None:
    cloud.fail(NAME, "Crawler", "Rate exceeded (HandlerErrorCode: Throttling)", "update")
    lines: list[str] = []
    done = deploy.deploy(ENVIRONMENT, bundle(environments, Team="a"), lines.append)
    assert done.status == "UPDATE_COMPLETE"
    assert f"stack {NAME} ended UPDATE_ROLLBACK_COMPLETE: Crawler: Rate exceeded" in " ".join(lines)


@pytest.mark.prove
def test_attempts_are_bounded_and_what_stays_wrong_is_not_tried_again(
    cloud: LocalCloud, environments: Path, deployed: None
) -> None:
    cloud.fail(NAME, "Crawler", TAGS, "update", times=transient.ATTEMPTS)
    lines: list[str] = []
    with pytest.raises(DeployError, match="ended UPDATE_ROLLBACK_COMPLETE: Crawler: Tags created"):
        deploy.deploy(ENVIRONMENT, bundle(environments, Team="b"), lines.append)
    assert lines[-1].endswith("no more attempts after 3: deploy again later")
    cloud.fail(NAME, "Crawler", "Crawler is not to your liking", "update")
    with pytest.raises(DeployError, match="not to your liking"):
        deploy.deploy(ENVIRONMENT, bundle(environments, Team="b"), lines.append)
    assert deploy.deploy(ENVIRONMENT, bundle(environments, Team="b"), ignore).status == "UPDATE_COMPLETE"


def test_a_deploy_that_changes_the_crawler_waits_for_its_crawl(
    cloud: LocalCloud, environments: Path, deployed: None
) -> None:
    lines: list[str] = []
    waited = f"crawler {CRAWLER} is RUNNING: waiting for its end, a crawler that runs cannot be updated"

    def stop_when_waited_for(line: str) -> None:
        lines.append(line)
        if line == waited:
            cloud.client("glue").stop_crawler(Name=CRAWLER)

    with cloud.long_crawls(CRAWLER):
        cloud.client("glue").start_crawler(Name=CRAWLER)
        done = deploy.deploy(ENVIRONMENT, bundle(environments, Team="c"), stop_when_waited_for)
    assert done.status == "UPDATE_COMPLETE"
    assert lines.count(waited) == 1


@pytest.mark.prove
def test_a_deploy_that_does_not_touch_the_crawler_does_not_wait(
    cloud: LocalCloud, environments: Path, deployed: None
) -> None:
    bundle(environments)
    path = environments / f"{ENVIRONMENT}.yaml"
    path.write_text(path.read_text().replace('GlueTimeoutMinutes: "15"', 'GlueTimeoutMinutes: "16"'))
    made = package.package(environments.parent / "sixteen")
    with cloud.long_crawls(CRAWLER):
        cloud.client("glue").start_crawler(Name=CRAWLER)
        assert deploy.deploy(ENVIRONMENT, made, ignore).status == "UPDATE_COMPLETE"
        assert states(cloud) == "RUNNING"
        cloud.client("glue").stop_crawler(Name=CRAWLER)


def test_a_crawl_that_does_not_end_leaves_no_change_set(
    cloud: LocalCloud, environments: Path, deployed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crawls, "LONGEST_MINUTES", 0.01)
    made = bundle(environments, Team="d")
    with cloud.long_crawls(CRAWLER):
        cloud.client("glue").start_crawler(Name=CRAWLER)
        with pytest.raises(DeployError, match=rf"{CRAWLER} is still RUNNING .*aws glue stop-crawler"):
            deploy.deploy(ENVIRONMENT, made, ignore)
        cloud.client("glue").stop_crawler(Name=CRAWLER)
    sets = aws.client("cloudformation").list_change_sets(StackName=NAME)["Summaries"]
    assert {one["ExecutionStatus"] for one in sets} <= {"EXECUTE_COMPLETE", "EXECUTE_FAILED"}
    assert deploy.deploy(ENVIRONMENT, made, ignore).status == "UPDATE_COMPLETE"


@pytest.mark.prove
def test_a_crawl_that_begins_after_the_look_is_met_by_the_next_attempt(
    cloud: LocalCloud, environments: Path, deployed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait_for, looks = crawls.wait_for, []

    def blind_once(*given: Any) -> None:
        looks.append(states(cloud))
        if len(looks) > 1:
            cloud.client("glue").stop_crawler(Name=CRAWLER)
            wait_for(*given)

    monkeypatch.setattr(crawls, "wait_for", blind_once)
    lines: list[str] = []
    with cloud.long_crawls(CRAWLER):
        cloud.client("glue").start_crawler(Name=CRAWLER)
        done = deploy.deploy(ENVIRONMENT, bundle(environments, Team="e"), lines.append)
    assert (done.status, looks) == ("UPDATE_COMPLETE", ["RUNNING", "RUNNING"])
    assert "a crawl began meanwhile: attempt 2 of 3 begins in 0 s" in lines


def test_a_stack_in_use_is_destroyed_and_what_is_stopped_is_said(
    cloud: LocalCloud, environments: Path, deployed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    states_client = cloud.client("stepfunctions")
    machine = stack.find(ENVIRONMENT).outputs["StateMachineArn"]
    states_client.start_execution(stateMachineArn=machine, name="in-use", input="{}")
    queue = notifications.subscribe(ENVIRONMENT)
    lines: list[str] = []
    with cloud.long_crawls(CRAWLER):
        cloud.client("glue").start_crawler(Name=CRAWLER)
        assert destroy.destroy(ENVIRONMENT, lines.append).status == "DELETE_COMPLETE"
    assert "execution in-use is stopped: the stack is being destroyed" in lines
    assert not [name for name in cloud.client("glue").list_crawlers()["CrawlerNames"] if name == CRAWLER]
    assert queue not in cloud.client("sqs").list_queues().get("QueueUrls", [])
    monkeypatch.setattr(environment_file, "load", lambda name: name)  # its file is there
    assert destroy.destroy(ENVIRONMENT, lines.append).status == "ABSENT"


@pytest.mark.parametrize("waits", sampled([True, False], 2))
def test_a_deploy_that_another_overtakes_begins_anew_or_says_so(
    environments: Path, deployed: None, monkeypatch: pytest.MonkeyPatch, waits: bool
) -> None:
    """The other one executes its change set between the making and the execution of ours."""
    mine, other = (bundle(environments, Turn=f"{turn}-{waits}") for turn in ("mine", "other"))
    look, once, said = crawls.wait_for, iter([True]), list[str]()

    def overtaken(*given: Any) -> None:
        if next(once, False):
            deploy.deploy(ENVIRONMENT, other, ignore)
        look(*given)

    monkeypatch.setattr(crawls, "wait_for", overtaken)
    if not waits:
        with pytest.raises(StackBusyError, match="another deploy was faster, this one has changed nothing"):
            deploy.deploy(ENVIRONMENT, mine, ignore)
        return
    assert (
        deploy.deploy(ENVIRONMENT, mine, said.append, DeployOptions(wait_for_other=True)).status
        == "UPDATE_COMPLETE"
    )
    assert [line for line in said if line.endswith(": beginning anew after it")]
    found = stack.describe(NAME)
    assert found is not None
    assert {"Key": "Turn", "Value": "mine-True"} in found["Tags"]
