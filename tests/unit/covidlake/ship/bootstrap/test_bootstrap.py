"""What bootstrap decides before it deploys, against AWS's own answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
import typer
from botocore.stub import Stubber
from typer.testing import CliRunner

from covidlake import aws
from covidlake.base.errors import DeployError
from covidlake.commands import bootstrap as commands_bootstrap
from covidlake.ship.bootstrap import bootstrap
from covidlake.ship.stack import artifacts

ACCOUNT = "111122223333"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
NAME = "covid-lake-bootstrap-dev"


def client(service: str) -> Any:
    return boto3.client(service, region_name="us-east-2", aws_access_key_id="x", aws_secret_access_key="x")


@pytest.fixture
def stubs(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Stubber]]:
    """Stubbed clients by service; at the end every expected answer was asked for."""
    clients = {service: client(service) for service in ("cloudformation", "iam", "s3")}
    monkeypatch.setattr(aws, "client", clients.__getitem__)
    monkeypatch.setattr(aws, "account", lambda: ACCOUNT)
    monkeypatch.setattr(aws, "region", lambda: "us-east-2")
    monkeypatch.setattr(aws, "partition", lambda: "aws")
    made = {service: Stubber(one) for service, one in clients.items()}
    for stub in made.values():
        stub.activate()
    yield made
    for stub in made.values():
        stub.assert_no_pending_responses()


def stack_holds(stub: Stubber, *logical_ids: str) -> None:
    if not logical_ids:
        stub.add_client_error("describe_stacks", "ValidationError", f"Stack with id {NAME} does not exist")
        return
    described = {"StackName": NAME, "CreationTime": "2026-01-01T00:00:00Z", "StackStatus": "CREATE_COMPLETE"}
    stub.add_response("describe_stacks", {"Stacks": [described]})
    held = [
        {
            "LogicalResourceId": one,
            "ResourceType": "AWS::S3::Bucket",
            "ResourceStatus": "CREATE_COMPLETE",
            "LastUpdatedTimestamp": "2026-01-01T00:00:00Z",
        }
        for one in logical_ids
    ]
    stub.add_response("list_stack_resources", {"StackResourceSummaries": held})


def account_has(stubs: dict[str, Stubber], bucket: bool, provider: bool) -> None:
    if bucket:
        stubs["s3"].add_response("head_bucket", {})
    else:
        stubs["s3"].add_client_error("head_bucket", "404", "Not Found", http_status_code=404)
    listed = [{"Arn": PROVIDER}] if provider else [{"Arn": f"{PROVIDER}.example"}]
    stubs["iam"].add_response("list_open_id_connect_providers", {"OpenIDConnectProviderList": listed})


@pytest.mark.parametrize(
    ("own", "bucket", "provider", "expected"),
    [
        ((), False, False, ("true", "true")),
        ((), True, False, ("false", "true")),
        ((), False, True, ("true", "false")),
        ((), True, True, ("false", "false")),
        (("ArtifactBucket", "OidcProvider"), True, True, ("true", "true")),
        (("OidcProvider",), True, True, ("false", "true")),
    ],
)
def test_what_the_account_has_is_used_and_what_the_stack_made_stays_its_own(
    stubs: dict[str, Stubber], own: tuple[str, ...], bucket: bool, provider: bool, expected: tuple[str, str]
) -> None:
    said: list[str] = []
    stack_holds(stubs["cloudformation"], *own)
    account_has(stubs, bucket, provider)
    if bucket and "ArtifactBucket" not in own:
        policy = json.dumps(artifacts.bucket_policy(f"covid-lake-artifacts-{ACCOUNT}-us-east-2"))
        stubs["s3"].add_response("get_bucket_policy", {"Policy": policy})
    decided = bootstrap._shared(NAME, said.append)
    assert (decided["CreateArtifactBucket"], decided["CreateOidcProvider"]) == expected
    assert len(said) == expected.count("false")


@pytest.mark.parametrize("policy", [None, {"Version": "2012-10-17", "Statement": []}])
def test_a_bucket_of_before_that_lets_objects_be_overwritten_is_said(
    stubs: dict[str, Stubber], policy: dict[str, Any] | None
) -> None:
    said: list[str] = []
    stack_holds(stubs["cloudformation"])
    account_has(stubs, bucket=True, provider=True)
    if policy is None:
        stubs["s3"].add_client_error("get_bucket_policy", "NoSuchBucketPolicy")
    else:
        stubs["s3"].add_response("get_bucket_policy", {"Policy": json.dumps(policy)})
    bootstrap._shared(NAME, said.append)
    assert [line for line in said if "lets objects be overwritten: covidlake doctor" in line] == [said[1]]


def test_a_bucket_of_another_account_is_one_line(stubs: dict[str, Stubber]) -> None:
    stack_holds(stubs["cloudformation"])
    stubs["s3"].add_client_error("head_bucket", "403", "Forbidden", http_status_code=403)
    with pytest.raises(DeployError, match=f"artifact bucket covid-lake-artifacts-{ACCOUNT}-us-east-2: 403: "):
        bootstrap._shared(NAME, lambda _: None)


def test_the_template_is_small_enough_to_be_sent_without_a_bucket() -> None:
    """CloudFormation takes 51,200 bytes in a request, which an account without a bucket needs."""
    assert len(bootstrap.first_template().encode()) <= 51_200
    assert len(bootstrap.template().encode()) <= 1_048_576
    assert bootstrap.template() == bootstrap.template()
    assert "AWS::IAM::OIDCProvider" in json.dumps(json.loads(bootstrap.template()))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--repository", "lake", "--repository-id", "1", "--owner-id", "2"], "ORGANIZATION/REPOSITORY"),
        (["--repository", "acme/lake", "--repository-id", "x", "--owner-id", "2"], "repository id 'x'"),
        (["--repository", "acme/lake", "--repository-id", "1"], "owner-id"),
    ],
)
def test_a_wrong_repository_is_wrong_usage(options: list[str], message: str) -> None:
    app = typer.Typer()
    commands_bootstrap.register(app)
    ended = CliRunner(env={"COLUMNS": "200", "NO_COLOR": "1"}).invoke(app, ["bootstrap", "dev", *options])
    assert ended.exit_code == 2
    assert message in ended.output
