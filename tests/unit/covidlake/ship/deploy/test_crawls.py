"""Before a change set is executed: which crawlers are looked at, and what is said of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from covidlake import aws
from covidlake.base.errors import DeployError
from covidlake.ship.deploy import crawls
from covidlake.ship.stack.change_set import ChangeSet


@pytest.fixture
def glue(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    client = boto3.client("glue", region_name="us-east-2", aws_access_key_id="x", aws_secret_access_key="x")
    monkeypatch.setattr(aws, "client", {"glue": client}.__getitem__)
    monkeypatch.setattr("time.sleep", lambda _: None)
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def changing(action: str, kind: str = "AWS::Glue::Crawler", **more: str) -> ChangeSet:
    given: Any = {"Action": action, "ResourceType": kind, "LogicalResourceId": "C", **more}
    return ChangeSet("covid-lake-dev", "deploy-1", "UPDATE", [{"Type": "Resource", "ResourceChange": given}])


def state_is(glue: Stubber, state: str) -> None:
    glue.add_response("get_crawler", {"Crawler": {"Name": "mine", "State": state}}, {"Name": "mine"})


@pytest.mark.parametrize("action", ["Modify", "Remove", "Dynamic"])
def test_a_crawl_is_waited_for_whatever_happens_to_its_crawler(glue: Stubber, action: str) -> None:
    for state in ("RUNNING", "STOPPING", "READY"):
        state_is(glue, state)
    lines: list[str] = []
    crawls.wait_for(changing(action, PhysicalResourceId="mine"), lines.append, 60.0)
    assert lines == ["crawler mine is RUNNING: waiting for its end, a crawler that runs cannot be updated"]


@pytest.mark.parametrize(
    "created",
    [
        changing("Add"),
        changing("Modify", "AWS::Glue::Job", PhysicalResourceId="mine"),
        changing("Import", PhysicalResourceId="mine"),
    ],
)
def test_nothing_is_asked_where_no_crawler_changes(glue: Stubber, created: ChangeSet) -> None:
    crawls.wait_for(created, lambda _: None, 60.0)


def test_a_crawl_that_outlasts_the_time_limit_is_a_failure(glue: Stubber) -> None:
    state_is(glue, "RUNNING")
    with pytest.raises(
        DeployError, match=r"mine is still RUNNING after 0\.0 minutes .*stop-crawler --name mine"
    ):
        crawls.wait_for(changing("Modify", PhysicalResourceId="mine"), lambda _: None, -1.0)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("EntityNotFoundException", []),
        (
            "AccessDeniedException",
            ["whether crawler mine runs is not known: glue:GetCrawler is denied to you"],
        ),
    ],
)
def test_a_crawler_that_cannot_be_seen_does_not_hold_a_deploy(
    glue: Stubber, code: str, said: list[str]
) -> None:
    glue.add_client_error("get_crawler", code)
    lines: list[str] = []
    crawls.wait_for(changing("Modify", PhysicalResourceId="mine"), lines.append, 60.0)
    assert lines == said
