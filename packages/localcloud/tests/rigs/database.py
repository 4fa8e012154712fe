"""A stack with a database in a network: what the tests of RDS and of connections share."""

from __future__ import annotations

import json
import time
from typing import Any

import psycopg

from localcloud.cloud import LocalCloud
from rigs.roles import make_role

DATABASE, OWNER, READER = "shop", "shop_admin", "reader"


def ref(name: str) -> dict[str, str]:
    return {"Ref": name}


def attribute(name: str, of: str) -> dict[str, list[str]]:
    return {"Fn::GetAtt": [name, of]}


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


def network() -> dict[str, Any]:
    """A VPC with two subnets, the groups of jobs and of the database, and a way to S3."""
    vpc, group = ref("Vpc"), attribute("Jobs", "GroupId")
    zones = {"Fn::GetAZs": ""}
    subnets = {
        name: resource(
            "EC2::Subnet",
            VpcId=vpc,
            CidrBlock=f"10.0.0.{index * 64}/26",
            AvailabilityZone={"Fn::Select": [index, zones]},
        )
        for index, name in enumerate(("SubnetA", "SubnetB"))
    }
    rule = {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "SourceSecurityGroupId": group}
    s3 = {"Fn::Sub": "com.amazonaws.${AWS::Region}.s3"}
    return {
        "Vpc": resource("EC2::VPC", CidrBlock="10.0.0.0/24", EnableDnsSupport=True),
        **subnets,
        "Routes": resource("EC2::RouteTable", VpcId=vpc),
        "RouteOfA": resource(
            "EC2::SubnetRouteTableAssociation", RouteTableId=ref("Routes"), SubnetId=ref("SubnetA")
        ),
        "S3": resource("EC2::VPCEndpoint", VpcId=vpc, ServiceName=s3, RouteTableIds=[ref("Routes")]),
        "Jobs": resource("EC2::SecurityGroup", GroupDescription="jobs", VpcId=vpc),
        "JobsToJobs": resource(
            "EC2::SecurityGroupIngress",
            GroupId=group,
            SourceSecurityGroupId=group,
            IpProtocol="tcp",
            FromPort=0,
            ToPort=65535,
        ),
        "Guard": resource(
            "EC2::SecurityGroup", GroupDescription="database", VpcId=vpc, SecurityGroupIngress=[rule]
        ),
    }


def database(**properties: Any) -> dict[str, Any]:
    """A cluster with one member, and its groups."""
    cluster = {
        "Engine": "aurora-postgresql",
        "MasterUsername": OWNER,
        "ManageMasterUserPassword": True,
        "DatabaseName": DATABASE,
        "EnableHttpEndpoint": True,
        "ServerlessV2ScalingConfiguration": {"MinCapacity": 0, "MaxCapacity": 1},
        "StorageEncrypted": True,
        "DBSubnetGroupName": ref("Subnets"),
        "DBClusterParameterGroupName": ref("Parameters"),
        "VpcSecurityGroupIds": [ref("Guard")],
        **properties,
    }
    member = {"DBInstanceClass": "db.serverless", "DBClusterIdentifier": ref("Cluster")}
    template = {"SecretStringTemplate": json.dumps({"username": READER}), "GenerateStringKey": "password"}
    return {
        "Subnets": resource(
            "RDS::DBSubnetGroup",
            DBSubnetGroupDescription="subnets",
            SubnetIds=[ref("SubnetA"), ref("SubnetB")],
        ),
        "Parameters": resource(
            "RDS::DBClusterParameterGroup",
            Family="aurora-postgresql17",
            Description="parameters",
            Parameters={"rds.force_ssl": "1"},
        ),
        "Cluster": {**resource("RDS::DBCluster", **cluster), "DeletionPolicy": "Delete"},
        "Member": resource("RDS::DBInstance", Engine="aurora-postgresql", **member),
        "Reader": resource(
            "SecretsManager::Secret",
            GenerateSecretString={**template, "PasswordLength": 24, "ExcludePunctuation": True},
        ),
    }


def connection(name: str) -> dict[str, Any]:
    url = "jdbc:postgresql://${Cluster.Endpoint.Address}:${Cluster.Endpoint.Port}/" + DATABASE
    given = {
        "Name": name,
        "ConnectionType": "JDBC",
        "ConnectionProperties": {
            "JDBC_CONNECTION_URL": {"Fn::Sub": url},
            "SECRET_ID": ref("Reader"),
            "JDBC_ENFORCE_SSL": "false",
        },
        "PhysicalConnectionRequirements": {
            "SubnetId": ref("SubnetA"),
            "AvailabilityZone": attribute("SubnetA", "AvailabilityZone"),
            "SecurityGroupIdList": [attribute("Jobs", "GroupId")],
        },
    }
    return {
        "Connection": resource("Glue::Connection", CatalogId=ref("AWS::AccountId"), ConnectionInput=given)
    }


OUTPUTS: dict[str, Any] = {
    "Arn": attribute("Cluster", "DBClusterArn"),
    "Host": attribute("Cluster", "Endpoint.Address"),
    "Port": attribute("Cluster", "Endpoint.Port"),
    "MemberPort": attribute("Member", "Endpoint.Port"),
    "Owner": attribute("Cluster", "MasterUserSecret.SecretArn"),
    "Cluster": ref("Cluster"),
    "Reader": ref("Reader"),
    "Jobs": attribute("Jobs", "GroupId"),
    "Guard": attribute("Guard", "GroupId"),
    "SubnetB": ref("SubnetB"),
}


class DatabaseRig:
    """One stack of that kind and what its outputs name."""

    def __init__(self, cloud: LocalCloud, name: str, **properties: Any) -> None:
        self.cloud, self.name, self.properties = cloud, name, properties
        self.outputs: dict[str, str] = {}
        self.deploy()

    def deploy(self, **properties: Any) -> dict[str, Any]:
        """Create the stack, or update its cluster with these properties."""
        client = self.cloud.client("cloudformation")
        found = database(**self.properties | properties)
        resources = {**network(), **found, **connection(self.name)}
        body = {"Resources": resources, "Outputs": {key: {"Value": value} for key, value in OUTPUTS.items()}}
        call = client.update_stack if self.outputs else client.create_stack
        call(StackName=self.name, TemplateBody=json.dumps(body))
        stack = self.settled()
        self.outputs = {one["OutputKey"]: one["OutputValue"] for one in stack.get("Outputs", [])}
        return stack

    def settled(self) -> dict[str, Any]:
        client = self.cloud.client("cloudformation")
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            stack: dict[str, Any] = client.describe_stacks(StackName=self.name)["Stacks"][0]
            if not stack["StackStatus"].endswith("IN_PROGRESS"):
                return stack
            time.sleep(0.05)
        raise AssertionError(f"{self.name} does not settle")

    def delete(self) -> str:
        """Delete the stack; returns the status at the end."""
        client = self.cloud.client("cloudformation")
        number = client.describe_stacks(StackName=self.name)["Stacks"][0]["StackId"]
        client.delete_stack(StackName=self.name)
        deadline = time.monotonic() + 120
        while (status := client.describe_stacks(StackName=number)["Stacks"][0]["StackStatus"]).endswith(
            "IN_PROGRESS"
        ):
            assert time.monotonic() < deadline, status
            time.sleep(0.05)
        return str(status)

    def secret(self, name: str) -> dict[str, Any]:
        found = self.cloud.client("secretsmanager").get_secret_value(SecretId=self.outputs[name])
        return dict(json.loads(found["SecretString"]))

    def connect(self, who: str = "Owner", **more: Any) -> psycopg.Connection[Any]:
        """A connection to the database as the user of a secret, by the name of its output."""
        user = self.secret(who)
        return psycopg.connect(
            host=self.outputs["Host"],
            port=self.outputs["Port"],
            dbname=DATABASE,
            user=user["username"],
            password=user["password"],
            autocommit=True,
            **more,
        )

    def run(self, *statements: str) -> None:
        """Run statements as the owner of the cluster."""
        with self.connect() as made:
            for statement in statements:
                made.execute(statement)

    def cluster(self) -> dict[str, Any]:
        found = self.cloud.client("rds").describe_db_clusters(DBClusterIdentifier=self.outputs["Cluster"])
        return dict(found["DBClusters"][0])

    def make_role(self, name: str, *statements: dict[str, Any], service: str = "") -> str:
        return make_role(self.cloud, f"{self.name}-{name}", *statements, service=service)
