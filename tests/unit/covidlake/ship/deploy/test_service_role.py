"""CloudFormation works with the role that bootstrap made, where there is one to see."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from covidlake import aws
from covidlake.ship.deploy import service_role

ARN = "arn:aws:iam::111122223333:role/covid-lake-dev-cloudformation"


@pytest.fixture
def iam(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    client = boto3.client("iam", region_name="us-east-2", aws_access_key_id="x", aws_secret_access_key="x")
    monkeypatch.setattr(aws, "client", {"iam": client}.__getitem__)
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.mark.parametrize(
    ("environment", "bootstrap"), [("dev", "dev"), ("tiny/dev", "dev"), ("pr-7", "preview")]
)
def test_the_role_is_that_of_the_environments_bootstrap(
    iam: Stubber, environment: str, bootstrap: str
) -> None:
    role = {
        "Path": "/",
        "RoleName": "covid-lake-dev-cloudformation",
        "RoleId": "AROAXXXXXXXXXXXXXXXX",
        "Arn": ARN,
        "CreateDate": "2026-01-01T00:00:00Z",
    }
    iam.add_response("get_role", {"Role": role}, {"RoleName": f"covid-lake-{bootstrap}-cloudformation"})
    assert service_role.find(environment) == ARN


@pytest.mark.parametrize("code", ["NoSuchEntity", "AccessDenied"])
def test_where_there_is_none_to_see_the_stack_keeps_its_own(iam: Stubber, code: str) -> None:
    iam.add_client_error("get_role", code)
    assert service_role.find("dev") is None


def test_any_other_answer_is_an_error(iam: Stubber) -> None:
    iam.add_client_error("get_role", "ServiceFailure")
    with pytest.raises(ClientError):
        service_role.find("dev")
