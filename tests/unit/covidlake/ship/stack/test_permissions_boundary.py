"""The permissions boundary is the one that bootstrap made, where a parameter file leaves it open."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest
from botocore.stub import Stubber

from covidlake import aws
from covidlake.environment.environment_file import Environment, load
from covidlake.ship.stack import permissions_boundary

ACCOUNT = "111122223333"


@pytest.fixture
def iam(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    made = boto3.client("iam", region_name="us-east-2", aws_access_key_id="x", aws_secret_access_key="x")
    monkeypatch.setattr(aws, "account", lambda: ACCOUNT)
    monkeypatch.setattr(aws, "partition", lambda: "aws")
    monkeypatch.setattr(aws, "client", {"iam": made}.__getitem__)
    with Stubber(made) as stub:
        yield stub
        stub.assert_no_pending_responses()


def environment(value: str | None) -> Environment:
    loaded = load("dev")
    parameters = {key: one for key, one in loaded.parameters.items() if key != permissions_boundary.PARAMETER}
    if value is not None:
        parameters[permissions_boundary.PARAMETER] = value
    return Environment(loaded.name, loaded.path, parameters, loaded.tags)


def test_an_open_boundary_is_the_one_that_bootstrap_made(iam: Stubber) -> None:
    asked = {"PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/covid-lake-dev-boundary"}
    iam.add_response("get_policy", {"Policy": {}}, asked)
    assert (
        permissions_boundary.parameters(environment(""))[permissions_boundary.PARAMETER]
        == "covid-lake-dev-boundary"
    )


def test_without_a_bootstrap_there_is_no_boundary(iam: Stubber) -> None:
    iam.add_client_error("get_policy", "NoSuchEntity")
    assert permissions_boundary.parameters(environment(""))[permissions_boundary.PARAMETER] == ""


@pytest.mark.parametrize("value", ["company-boundary", None])
def test_a_boundary_of_the_file_or_of_no_template_is_not_looked_for(iam: Stubber, value: str | None) -> None:
    assert permissions_boundary.parameters(environment(value)).get(permissions_boundary.PARAMETER) == value
