"""A database of the user's own gets one schema; the secret and the network are the local cloud's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from fnmatch import fnmatch

import pytest
from moto import mock_aws

from covidlake import aws
from covidlake.base.errors import SourceError
from covidlake.laptop.database import existing
from covidlake.laptop.database.access import Access
from infra.bootstrap import database_types

ENVIRONMENT = "segmentation/dev"
SCHEMAS = "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' ORDER BY 1"


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_REGION", "us-east-2")
    aws.forget()
    with mock_aws():
        yield
    aws.forget()


def test_nothing_but_the_result_schema_is_written(empty: Access) -> None:
    assert "nothing is written into it but schema segmentation" in existing.said(empty)
    existing.prepare(empty, ENVIRONMENT)
    with empty.connect() as connection:
        assert connection.execute(SCHEMAS).fetchall() == [
            ("information_schema",),
            ("public",),
            ("segmentation",),
        ]


def test_a_role_that_may_create_nothing_is_enough_where_the_schema_is_there(empty: Access) -> None:
    existing.prepare(empty, ENVIRONMENT)
    with empty.connect() as connection:
        connection.execute("CREATE ROLE humble LOGIN PASSWORD 'secret'")
    try:
        existing.prepare(replace(empty, user="humble"), ENVIRONMENT)
    finally:
        with empty.connect() as connection:
            connection.execute("DROP ROLE humble")


def test_the_stack_finds_what_the_cloud_has(empty: Access) -> None:
    parameters = existing.prepare(empty, ENVIRONMENT)
    assert parameters["DatabaseMode"] == "existing"
    assert (parameters["DatabaseHost"], parameters["DatabasePort"]) == ("127.0.0.1", str(empty.port))
    secret = aws.client("secretsmanager").get_secret_value(SecretId=parameters["DatabaseSecretArn"])
    assert json.loads(secret["SecretString"]) == {"username": "owner", "password": "secret"}
    assert parameters["SubnetAvailabilityZone"].startswith("us-east-2")
    assert existing.prepare(empty, ENVIRONMENT) == parameters
    (endpoint,) = aws.client("ec2").describe_vpc_endpoints()["VpcEndpoints"]
    assert endpoint["ServiceName"] == "com.amazonaws.us-east-2.s3"
    assert endpoint["RouteTableIds"]


def test_the_secret_has_a_name_that_the_boundary_of_the_roles_lets_them_read(empty: Access) -> None:
    arn = existing.prepare(empty, ENVIRONMENT)["DatabaseSecretArn"]
    (pattern, *_) = (str(one.data["Fn::Sub"]) for one in database_types.secret_arns())
    assert fnmatch(arn.split(":")[-1], pattern.split(":")[-1].replace("${StackEnvironment}", "dev"))


def test_the_network_has_its_own_way_to_s3_beside_that_of_another_stack(
    empty: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    ec2 = aws.client("ec2")
    other = ec2.create_vpc(CidrBlock="10.9.0.0/24")["Vpc"]["VpcId"]
    ec2.create_vpc_endpoint(VpcId=other, ServiceName="com.amazonaws.us-east-2.s3")
    describe = ec2.describe_vpc_endpoints
    monkeypatch.setattr(ec2, "describe_vpc_endpoints", lambda **_filters: describe())
    existing.prepare(empty, ENVIRONMENT)
    assert len({one["VpcId"] for one in describe()["VpcEndpoints"]}) == 2
    existing.prepare(empty, ENVIRONMENT)
    assert len(describe()["VpcEndpoints"]) == 2


def test_nothing_is_filled_into_it(empty: Access) -> None:
    existing.check(empty, None)
    with pytest.raises(SourceError, match="which is yours: leave SOURCE out"):
        existing.check(empty, "sample")
