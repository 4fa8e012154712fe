"""Drift as CloudFormation answers it: what is drift, what is let pass, and what ends the command."""

import html
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
import typer
from botocore.stub import Stubber
from typer.testing import CliRunner

from covidlake import aws
from covidlake.aws import retries
from covidlake.base import console
from covidlake.base.errors import CloudError, StackNotFoundError
from covidlake.commands import drift as commands_drift
from covidlake.environment import environment_file
from covidlake.report import drift_report
from covidlake.ship.drift import drift

NAME = "covid-lake-dev"
STACK_ID = f"arn:aws:cloudformation:us-east-2:111122223333:stack/{NAME}/1"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
TIMEOUT = {
    "PropertyPath": "/Timeout",
    "ExpectedValue": "60",
    "ActualValue": "77",
    "DifferenceType": "NOT_EQUAL",
}
TAG = {
    "PropertyPath": "/Tags/3",
    "ExpectedValue": "null",
    "ActualValue": '{"Key":"Owner","Value":"a|b"}',
    "DifferenceType": "ADD",
}


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    client = boto3.client(
        "cloudformation", region_name="us-east-2", aws_access_key_id="x", aws_secret_access_key="x"
    )
    monkeypatch.setattr(aws, "client", {"cloudformation": client}.__getitem__)
    monkeypatch.setattr(aws, "region", lambda: "us-east-2")
    monkeypatch.setattr(aws, "poll_interval", lambda _: 0.0)
    monkeypatch.setattr(retries, "delay", lambda _: 0.0)
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The environment file that the command reads."""
    path = tmp_path / "dev.yaml"
    path.write_text("parameters:\n", encoding="utf-8")
    load = environment_file.load
    monkeypatch.setattr(environment_file, "load", lambda name: load(name, tmp_path))
    return path


def stack_is(stub: Stubber, status: str) -> None:
    found = {"StackName": NAME, "CreationTime": NOW, "StackStatus": status}
    stub.add_response("describe_stacks", {"Stacks": [found]}, {"StackName": NAME})


def detection_is(stub: Stubber, status: str, **more: Any) -> None:
    answer = {
        "StackId": STACK_ID,
        "StackDriftDetectionId": "d1",
        "DetectionStatus": status,
        "Timestamp": NOW,
        **more,
    }
    stub.add_response("describe_stack_drift_detection_status", answer, {"StackDriftDetectionId": "d1"})


def detected(stub: Stubber, status: str = "DETECTION_COMPLETE", **more: Any) -> None:
    stack_is(stub, "UPDATE_COMPLETE")
    stub.add_response("detect_stack_drift", {"StackDriftDetectionId": "d1"}, {"StackName": NAME})
    detection_is(stub, "DETECTION_IN_PROGRESS")
    detection_is(stub, status, **more)


def resource(logical_id: str, status: str, *differences: dict[str, str], **more: str) -> dict[str, Any]:
    return {
        "StackId": STACK_ID,
        "LogicalResourceId": logical_id,
        "PhysicalResourceId": f"{NAME}-{logical_id}",
        "ResourceType": "AWS::Lambda::Function",
        "StackResourceDriftStatus": status,
        "Timestamp": NOW,
        "PropertyDifferences": list(differences),
        **more,
    }


def resources_are(stub: Stubber, *pages: list[dict[str, Any]]) -> None:
    """The pages of what was checked, then the list of all resources with one that never is."""
    for index, page in enumerate(pages):
        asked = {"StackName": NAME} | ({"NextToken": f"page{index}"} if index else {})
        more = {"NextToken": f"page{index + 1}"} if index + 1 < len(pages) else {}
        stub.add_response("describe_stack_resource_drifts", {"StackResourceDrifts": page, **more}, asked)
    listed = [(item["LogicalResourceId"], "CREATE_COMPLETE") for page in pages for item in page]
    listed += [("Alias", "CREATE_COMPLETE"), ("Old", "DELETE_COMPLETE")]
    summaries = [
        {
            "LogicalResourceId": name,
            "ResourceType": "Custom::Thing",
            "ResourceStatus": status,
            "LastUpdatedTimestamp": NOW,
        }
        for name, status in listed
    ]
    stub.add_response("list_stack_resources", {"StackResourceSummaries": summaries}, {"StackName": NAME})


def ignore(file: Path, *lines: str) -> None:
    text = "".join(f"# drift-ignore: {line}\n" for line in lines)
    file.write_text(f"{text}parameters:\n", encoding="utf-8")


def detect() -> drift.Drift:
    return drift.drift("dev", lambda _: None)


def run(*arguments: str) -> Any:
    app = typer.Typer()
    app.callback()(lambda: None)
    commands_drift.register(app)
    return CliRunner().invoke(app, ["drift", "dev", *arguments])


def test_differences_of_all_pages_and_what_is_never_checked(stub: Stubber, file: Path) -> None:
    detected(stub)
    resources_are(
        stub,
        [resource("B", "MODIFIED", TIMEOUT, TAG), resource("C", "IN_SYNC")],
        [resource("A", "DELETED")],
    )
    found = detect()
    assert found.found
    assert drift_report.rows(found) == [
        ["A", "AWS::Lambda::Function", None, "DELETED", f"{NAME}-A", None],
        ["B", "AWS::Lambda::Function", "/Timeout", "NOT_EQUAL", "60", "77"],
        ["B", "AWS::Lambda::Function", "/Tags/3", "ADD", "null", '{"Key":"Owner","Value":"a|b"}'],
    ]
    assert [(one.logical_id, one.status) for one in found.unchecked] == [("Alias", "NOT_CHECKED")]
    assert found.in_sync == 1


def test_what_was_only_not_checked_is_no_drift(stub: Stubber, file: Path) -> None:
    detected(stub)
    resources_are(stub, [resource("A", "IN_SYNC")])
    found = detect()
    assert not found.found
    assert drift_report.notes(found) == ["not checked: Custom::Thing Alias"]


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("B -- why", set()),
        ("* -- why", set()),
        ("B:/Timeout -- why", {"/Tags/3"}),
        ("B:/Tags -- why", {"/Timeout"}),
        ("?:/T* -- why", set()),
        ("B:/Time -- why", {"/Timeout", "/Tags/3"}),
        ("BB -- why", {"/Timeout", "/Tags/3"}),
        ("b -- why", {"/Timeout", "/Tags/3"}),
    ],
)
def test_an_ignore_line_lets_pass_what_it_names_and_what_lies_below(
    stub: Stubber, file: Path, line: str, left: set[str]
) -> None:
    ignore(file, line)
    detected(stub)
    resources_are(stub, [resource("B", "MODIFIED", TIMEOUT, TAG)])
    found = detect()
    assert {one.path for item in found.resources for one in item.differences} == left
    assert {one.difference.path for one in found.ignored if one.difference} == {"/Timeout", "/Tags/3"} - left
    assert bool(found.stale) == (len(left) == 2)
    assert all(one.entry.reason == "why" for one in found.ignored)


@pytest.mark.parametrize(("line", "passes"), [("A -- gone on purpose", True), ("A:/* -- all", False)])
def test_a_deleted_resource_is_let_pass_only_as_a_whole(
    stub: Stubber, file: Path, line: str, passes: bool
) -> None:
    ignore(file, line)
    detected(stub)
    resources_are(stub, [resource("A", "DELETED")])
    assert detect().found is not passes


def test_an_ignore_line_that_matches_nothing_is_stale_unless_its_resource_was_not_checked(
    stub: Stubber, file: Path
) -> None:
    ignore(file, "A:/Timeout -- old", "Alias:/Name -- needed where it is checked")
    detected(stub)
    resources_are(stub, [resource("A", "IN_SYNC")])
    found = detect()
    assert [str(entry) for entry in found.stale] == ["A:/Timeout"]
    assert "stale: drift-ignore A:/Timeout in environments/dev.yaml line 1" in console.rendered(
        drift_report.for_terminal(found)
    )


def test_a_detection_of_somebody_else_is_waited_for(stub: Stubber, file: Path) -> None:
    stack_is(stub, "CREATE_COMPLETE")
    message = f"Drift detection is already in progress for stack [{STACK_ID}]"
    stub.add_client_error("detect_stack_drift", "ValidationError", message)
    stub.add_response("detect_stack_drift", {"StackDriftDetectionId": "d1"})
    detection_is(stub, "DETECTION_COMPLETE")
    resources_are(stub, [resource("A", "IN_SYNC")])
    assert not detect().found


def test_a_detection_without_any_result_is_one_line(stub: Stubber, file: Path) -> None:
    detected(stub, "DETECTION_FAILED", DetectionStatusReason="Failed to detect\ndrift on resource [A]")
    stub.add_response("describe_stack_resource_drifts", {"StackResourceDrifts": []})
    with pytest.raises(CloudError) as caught:
        detect()
    assert (
        str(caught.value)
        == f"stack {NAME}: drift could not be detected: Failed to detect drift on resource [A]"
    )


def test_a_detection_that_failed_in_part_shows_the_rest_and_fails(stub: Stubber, file: Path) -> None:
    detected(stub, "DETECTION_FAILED", DetectionStatusReason="Failed on [B]")
    resources_are(
        stub, [resource("A", "IN_SYNC"), resource("B", "UNKNOWN", DriftStatusReason="no permission")]
    )
    ended = run()
    assert isinstance(ended.exception, CloudError)
    assert "Failed on [B]" in str(ended.exception)
    assert "B (UNKNOWN): no permission" in ended.output


def test_drift_in_a_detection_that_failed_in_part_counts(stub: Stubber, file: Path) -> None:
    detected(stub, "DETECTION_FAILED", DetectionStatusReason="Failed on [B]")
    resources_are(stub, [resource("A", "MODIFIED", TIMEOUT), resource("B", "UNKNOWN")])
    ended = run()
    assert ended.exit_code == 2
    assert "CloudFormation could not check everything: Failed on [B]" in ended.output


@pytest.mark.parametrize(
    ("status", "cure"),
    [
        ("UPDATE_IN_PROGRESS", "wait, then ask again"),
        ("ROLLBACK_COMPLETE", "covidlake deploy dev"),
        ("DELETE_FAILED", "covidlake deploy dev"),
    ],
)
def test_a_stack_whose_status_allows_no_detection_is_one_line(
    stub: Stubber, file: Path, status: str, cure: str
) -> None:
    stack_is(stub, status)
    with pytest.raises(CloudError, match=rf"stack {NAME} is {status}.*{cure}"):
        detect()


def test_a_stack_that_is_absent_is_one_line(stub: Stubber, file: Path) -> None:
    stub.add_client_error("describe_stacks", "ValidationError", f"Stack with id {NAME} does not exist")
    with pytest.raises(StackNotFoundError, match=f"stack {NAME} does not exist"):
        detect()


def test_a_detection_that_never_ends_is_given_up(
    stub: Stubber, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drift, "TIME_LIMIT_SECONDS", -1.0)
    stack_is(stub, "CREATE_COMPLETE")
    stub.add_response("detect_stack_drift", {"StackDriftDetectionId": "d1"})
    detection_is(stub, "DETECTION_IN_PROGRESS")
    with pytest.raises(CloudError, match="has not ended after"):
        detect()


def test_an_interrupt_says_that_the_detection_goes_on(
    stub: Stubber, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_: float) -> float:
        raise KeyboardInterrupt

    monkeypatch.setattr(aws, "poll_interval", interrupt)
    stack_is(stub, "CREATE_COMPLETE")
    stub.add_response("detect_stack_drift", {"StackDriftDetectionId": "d1"})
    detection_is(stub, "DETECTION_IN_PROGRESS")
    said: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        drift.drift("dev", said.append)
    assert said == ["the detection d1 ends by itself in AWS; it only reads, nothing is changed"]


def test_markdown_cannot_be_broken_by_a_value(stub: Stubber, file: Path) -> None:
    hostile = TIMEOUT | {"ActualValue": "a|b `c` ```d``` " + "x" * 1000, "ExpectedValue": ""}
    detected(stub)
    resources_are(stub, [resource("A", "MODIFIED", TAG, hostile)])
    text = drift_report.markdown(detect())
    tag, timeout = (line for line in text.splitlines() if line.startswith("| <code>A</code>"))
    assert "<code>/Tags/3</code> | <code>ADD</code>" in tag
    assert "a&#124;b" in tag
    assert timeout.split(" | ")[4] == '""'
    assert "more)" in timeout
    assert len(timeout) < 500


@pytest.mark.parametrize(("form", "start"), [("table", "┏"), ("markdown", "### Drift of"), ("json", "{")])
def test_each_form_goes_to_the_screen_or_to_a_file_and_exits_2(
    stub: Stubber, file: Path, tmp_path: Path, form: str, start: str
) -> None:
    for _ in range(2):
        detected(stub)
        resources_are(stub, [resource("A", "MODIFIED", TIMEOUT)])
    shown = run("--format", form)
    kept = run("--format", form, "--output", str(tmp_path / "drift.txt"))
    assert (shown.exit_code, kept.exit_code) == (2, 2)
    text = (tmp_path / "drift.txt").read_text(encoding="utf-8")
    assert text.startswith(start)
    for word in ("/Timeout", "60", "77", "NOT_EQUAL"):
        assert word in html.unescape(shown.output)
        assert word in html.unescape(text)
    assert "1 resource drifted" in kept.output


def test_json_holds_everything(stub: Stubber, file: Path) -> None:
    ignore(file, "A:/Timeout -- why", "Z -- old")
    detected(stub)
    resources_are(stub, [resource("A", "MODIFIED", TIMEOUT, TAG)])
    content = json.loads(drift_report.to_json(detect()))
    assert content["drifted"] is True
    assert content["detected_at"] == "2026-01-01T00:00:00+00:00"
    assert content["resources"][0]["differences"][0]["path"] == "/Tags/3"
    assert content["ignored"][0]["entry"]["reason"] == "why"
    assert content["stale"][0]["resource"] == "Z"
    assert content["unchecked"][0]["logical_id"] == "Alias"


def test_no_drift_exits_0(stub: Stubber, file: Path) -> None:
    detected(stub)
    resources_are(stub, [resource("A", "IN_SYNC")])
    ended = run()
    assert ended.exit_code == 0
    assert f"{NAME}: no drift, 1 in sync, 1 not checked" in ended.output
