"""Drift of the real stack on the local cloud; and no verb answers a failing cloud with a traceback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from covidlake.base import project
from covidlake.bundle.package import package
from covidlake.commands import drift as commands_drift
from covidlake.environment import environment_file
from covidlake.laptop import local
from covidlake.ship.deploy import deploy
from covidlake.ship.drift import drift
from covidlake.ship.stack import stack
from localcloud.cloud import LocalCloud

# The types of our stack that the local cloud does not compare; AWS compares most of them.
NOT_CHECKED = {
    "AWS::Athena::NamedQuery",
    "AWS::Athena::WorkGroup",
    "AWS::CloudWatch::Alarm",
    "AWS::Glue::Crawler",
    "AWS::Glue::Database",
    "AWS::Glue::Job",
    "AWS::Glue::Table",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
}


def quiet(_: str) -> None:
    """No progress in tests."""


@pytest.fixture(scope="module", autouse=True)
def deployed(cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The dev stack, as it leaves the deploy."""
    with local.attached(cloud):
        deploy.deploy("dev", package(tmp_path_factory.mktemp("package") / "bundle"), quiet)
        yield


@pytest.fixture
def ignore_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of dev's environment file that the command reads and the test may add lines to."""
    copy = tmp_path / "dev.yaml"
    copy.write_bytes((project.ENVIRONMENTS / "dev.yaml").read_bytes())
    load = environment_file.load
    monkeypatch.setattr(environment_file, "load", lambda name: load(name, tmp_path))
    return copy


def drift_command(*arguments: str) -> tuple[int, str]:
    app = typer.Typer()
    app.callback()(lambda: None)
    commands_drift.register(app)
    ended = CliRunner().invoke(app, ["drift", "dev", *arguments], catch_exceptions=False)
    return ended.exit_code, ended.stdout


def found() -> dict[str, dict[str, tuple[str, str]]]:
    """By resource and property: expected and actual."""
    return {
        one.logical_id: {item.path: (item.expected, item.actual) for item in one.differences}
        for one in drift.drift("dev", quiet).resources
    }


@pytest.fixture
def tampered(cloud: LocalCloud) -> Iterator[None]:
    """A time-out and the bucket's versioning changed by hand, and changed back."""
    lake = stack.find("dev").outputs["LakeBucketName"]
    functions, s3 = cloud.client("lambda"), cloud.client("s3")
    name = "covid-lake-dev-start-crawler"
    before = functions.get_function_configuration(FunctionName=name)["Timeout"]
    functions.update_function_configuration(FunctionName=name, Timeout=77)
    s3.put_bucket_versioning(Bucket=lake, VersioningConfiguration={"Status": "Suspended"})
    yield
    functions.update_function_configuration(FunctionName=name, Timeout=before)
    s3.put_bucket_versioning(Bucket=lake, VersioningConfiguration={"Status": "Enabled"})


def test_a_fresh_stack_has_no_drift_and_says_what_was_not_checked() -> None:
    fresh = drift.drift("dev", quiet)
    assert fresh.resources == []
    assert fresh.in_sync > 0
    assert {one.type for one in fresh.unchecked} <= NOT_CHECKED
    assert drift_command()[0] == 0


@pytest.mark.usefixtures("tampered")
def test_what_was_changed_by_hand_is_shown_and_exits_2() -> None:
    assert found() == {
        "LakeBucket": {"/VersioningConfiguration/Status": ("Enabled", "Suspended")},
        "StartCrawlerFunction": {"/Timeout": ("60", "77")},
    }
    code, text = drift_command("--format", "json")
    assert code == 2
    assert {one["logical_id"] for one in json.loads(text)["resources"]} == {
        "LakeBucket",
        "StartCrawlerFunction",
    }


@pytest.mark.usefixtures("tampered")
def test_ignore_lines_of_the_environment_file_let_drift_pass(ignore_lines: Path) -> None:
    with ignore_lines.open("a", encoding="utf-8") as lines:
        lines.write("# drift-ignore: StartCrawlerFunction:/Timeout -- an incident\n")
    assert set(found()) == {"LakeBucket"}
    with ignore_lines.open("a", encoding="utf-8") as lines:
        lines.write("  # drift-ignore: Lake*:/VersioningConfiguration -- another one\n")
        lines.write("# drift-ignore: NoSuchResource -- long gone\n")
    code, text = drift_command("--format", "markdown")
    assert code == 0
    assert "2 differences ignored" in text
    assert "an incident" in text
    assert "NoSuchResource" in text


def test_a_deleted_resource_is_drift(cloud: LocalCloud) -> None:
    logs, prefix = cloud.client("logs"), "/aws/lambda/covid-lake-dev-check-crawler"
    (group,) = logs.describe_log_groups(logGroupNamePrefix=prefix)["logGroups"]
    name, tags = group["logGroupName"], logs.list_tags_log_group(logGroupName=prefix)["tags"]
    logs.delete_log_group(logGroupName=name)
    try:
        (gone,) = drift.drift("dev", quiet).resources
    finally:
        logs.create_log_group(logGroupName=name, tags=tags)
        logs.put_retention_policy(logGroupName=name, retentionInDays=group["retentionInDays"])
    assert (gone.status, gone.physical_id) == ("DELETED", name)
    assert not drift.drift("dev", quiet).found
