"""Connections: their records, and the runs of jobs that Glue starts in their network."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import LocalCloud
from rigs.database import DatabaseRig
from rigs.glue import GlueRig
from rigs.roles import allow

URL = "jdbc:postgresql://127.0.0.1:1/none"
PROPERTIES = {"JDBC_CONNECTION_URL": URL, "USERNAME": "me", "PASSWORD": "hush"}
JOB = """
import json, boto3
from pyspark.sql import SparkSession

connection = boto3.client("glue").get_connection(Name="shop", HidePassword=True)["Connection"]
found = connection["ConnectionProperties"]
secret = boto3.client("secretsmanager").get_secret_value(SecretId=found["SECRET_ID"])["SecretString"]
user = json.loads(secret)
spark = SparkSession.builder.getOrCreate()
options = {"user": user["username"], "password": user["password"], "driver": "org.postgresql.Driver"}
rows = spark.read.jdbc(found["JDBC_CONNECTION_URL"], "crm.customers", properties=options)
print(rows.first()["name"], rows.schema["tags"].dataType.simpleString())
manager = spark._jvm.java.sql.DriverManager
print(manager.getConnection(found["JDBC_CONNECTION_URL"], user["username"], user["password"]).isValid(1))
from pyspark.ml.linalg import Vectors
print(Vectors.dense(1.0))
"""
LOOK = [
    "ec2:DescribeSubnets",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeRouteTables",
    "ec2:DescribeVpcEndpoints",
]


@pytest.fixture(scope="module")
def rig(cloud: LocalCloud) -> GlueRig:
    return GlueRig(cloud, "connected")


@pytest.fixture(scope="module")
def job(rig: GlueRig, shop: DatabaseRig) -> str:
    """A job that reads the database, with just the rights that this takes."""
    rights = [
        allow("glue:GetConnection"),
        allow(LOOK),
        allow("secretsmanager:GetSecretValue", shop.outputs["Reader"]),
        allow("s3:*"),
    ]
    role = rig.make_role("reader", *rights)
    return rig.make_job("read", JOB, Role=role, Connections={"Connections": ["shop"]})


def given(name: str, **more: Any) -> dict[str, Any]:
    return {"Name": name, "ConnectionType": "JDBC", "ConnectionProperties": PROPERTIES, **more}


def test_a_connection_is_made_shown_changed_and_deleted(rig: GlueRig) -> None:
    glue = rig.glue
    glue.create_connection(ConnectionInput=given("plain", MatchCriteria=["nightly"]))
    with pytest.raises(ClientError, match="AlreadyExistsException"):
        glue.create_connection(ConnectionInput=given("plain"))
    shown = glue.get_connection(Name="plain")["Connection"]["ConnectionProperties"]
    assert shown == PROPERTIES
    hidden = glue.get_connection(Name="plain", HidePassword=True)["Connection"]["ConnectionProperties"]
    assert hidden == {name: PROPERTIES[name] for name in ("JDBC_CONNECTION_URL", "USERNAME")}
    changed = {"JDBC_CONNECTION_URL": URL, "SECRET_ID": "own"}
    glue.update_connection(Name="plain", ConnectionInput=given("plain", ConnectionProperties=changed))
    assert glue.get_connection(Name="plain")["Connection"]["ConnectionProperties"] == changed
    glue.delete_connection(ConnectionName="plain")
    with pytest.raises(ClientError, match="EntityNotFoundException"):
        glue.get_connection(Name="plain")


def test_connections_are_found_by_type_and_criteria_and_go_together(rig: GlueRig) -> None:
    glue = rig.glue
    network = {"Name": "net", "ConnectionType": "NETWORK", "ConnectionProperties": {}}
    glue.create_connection(ConnectionInput=network)
    glue.create_connection(ConnectionInput=given("nightly", MatchCriteria=["night", "all"]))
    for wanted, found in (
        ({"ConnectionType": "NETWORK"}, ["net"]),
        ({"MatchCriteria": ["night"]}, ["nightly"]),
        ({"MatchCriteria": ["day"]}, []),
    ):
        listed = glue.get_connections(Filter=wanted, HidePassword=True)["ConnectionList"]
        assert [one["Name"] for one in listed] == found
    assert "PASSWORD" not in str(glue.get_connections(HidePassword=True))
    answer = glue.batch_delete_connection(ConnectionNameList=["net", "nightly", "nowhere"])
    assert answer["Succeeded"] == ["net", "nightly"]
    assert answer["Errors"]["nowhere"]["ErrorCode"] == "EntityNotFoundException"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"ConnectionType": "KAFKA"}, "localcloud does not support ConnectionType KAFKA"),
        ({"ConnectionProperties": {}}, "JDBC_CONNECTION_URL of ConnectionProperties is required"),
    ],
    ids=["type", "url"],
)
def test_a_connection_that_nothing_uses_is_refused(rig: GlueRig, wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(ClientError, match=words):
        rig.glue.create_connection(ConnectionInput=given("wrong") | wrong)
    with pytest.raises(ClientError, match="localcloud does not support glue:TestConnection"):
        rig.glue.test_connection(ConnectionName="wrong")


def test_a_job_reads_the_database_with_its_own_role_and_the_driver_of_glue(rig: GlueRig, job: str) -> None:
    run = rig.run(job)
    assert run["JobRunState"] == "SUCCEEDED", run
    assert rig.log(run["Id"], "output") == ["Ada array<string>", "True", "[1.0]"]


def test_a_run_with_an_unknown_connection_does_not_start(rig: GlueRig) -> None:
    unknown = rig.make_job("unknown", "print(1)", Connections={"Connections": ["nowhere"]})
    with pytest.raises(ClientError, match=r"EntityNotFoundException.*Connection nowhere not found"):
        rig.start(unknown)


@pytest.mark.parametrize("action", ["glue:GetConnection", *LOOK[:1]])
def test_a_run_needs_the_rights_to_look_at_its_network(rig: GlueRig, action: str) -> None:
    rights = [allow(one) for one in ("s3:*", "glue:GetConnection", *LOOK) if one != action]
    role = rig.make_role(action.replace(":", "-"), *rights)
    poor = rig.make_job(action.replace(":", "-"), JOB, Role=role, Connections={"Connections": ["shop"]})
    run = rig.run(poor)
    assert run["JobRunState"] == "FAILED"
    assert action in run["ErrorMessage"]


@pytest.fixture
def closed(cloud: LocalCloud, shop: DatabaseRig, request: pytest.FixtureRequest) -> Iterator[None]:
    """A security group without its rules, for the time of a test."""
    ec2, group = cloud.client("ec2"), shop.outputs[request.param]
    rules = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"]
    ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=rules)
    yield
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=rules)


@pytest.mark.usefixtures("closed")
@pytest.mark.parametrize(
    ("closed", "words"),
    [
        ("Jobs", "At least one security group must open all ingress ports"),
        ("Guard", "The connection attempt failed"),
    ],
    indirect=["closed"],
)
def test_a_run_fails_where_a_group_lets_nobody_in(rig: GlueRig, job: str, words: str) -> None:
    run = rig.run(job)
    assert run["JobRunState"] == "FAILED"
    assert words in run["ErrorMessage"]


def test_a_run_fails_in_a_subnet_without_a_way_to_s3(rig: GlueRig, shop: DatabaseRig) -> None:
    found = rig.glue.get_connection(Name="shop")["Connection"]
    asked = {**found["PhysicalConnectionRequirements"], "SubnetId": shop.outputs["SubnetB"]}
    elsewhere = given(
        "elsewhere", ConnectionProperties=found["ConnectionProperties"], PhysicalConnectionRequirements=asked
    )
    rig.glue.create_connection(ConnectionInput=elsewhere)
    role = rig.make_role("elsewhere", allow("glue:GetConnection"), allow(LOOK))
    cut_off = rig.make_job("elsewhere", JOB, Role=role, Connections={"Connections": ["elsewhere"]})
    run = rig.run(cut_off)
    words = f"VPC S3 endpoint validation failed for SubnetId: {shop.outputs['SubnetB']}"
    assert (run["JobRunState"], words in run["ErrorMessage"]) == ("FAILED", True)
