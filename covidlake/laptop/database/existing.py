"""A database of the user's own: what the local cloud must have for a stack that finds it there."""

from __future__ import annotations

import json
from typing import Any

from covidlake import aws
from covidlake.base import project
from covidlake.base.errors import SourceError
from covidlake.laptop.database.access import Access

RESULT_SCHEMA = "segmentation"
NETWORK = "10.91.0.0/24"
TAG = "covidlake:network"


def check(own: Access, source: str | None) -> None:
    """Raise `SourceError` for a source, which would fill it, and for a database that does not answer."""
    if source is not None:
        raise SourceError(f"SOURCE={source}: nothing is filled into {own}, which is yours: leave SOURCE out")
    own.connect().close()


def said(own: Access) -> str:
    """What people should know before anything happens."""
    return (
        f"{own} is yours: the jobs read the tables that jobs/tables/ describes, as {own.user}; "
        f"nothing is written into it but schema {RESULT_SCHEMA}"
    )


def prepare(own: Access, environment: str) -> dict[str, str]:
    """Make the secret and the network in the local cloud, and the result schema; the stack's parameters."""
    with own.connect() as connection:
        # Where it is there, a role that may not create schemas needs nothing more.
        if connection.execute("SELECT FROM pg_namespace WHERE nspname = %s", [RESULT_SCHEMA]).rowcount == 0:
            connection.execute(f"CREATE SCHEMA {RESULT_SCHEMA}".encode())
    subnet = _subnet(environment)
    _endpoint(subnet["VpcId"])
    return {
        "DatabaseMode": "existing",
        "DatabaseHost": own.host,
        "DatabasePort": str(own.port),
        "DatabaseName": own.database,
        "DatabaseSecretArn": _secret(own, environment),
        "SubnetId": subnet["SubnetId"],
        "SubnetAvailabilityZone": subnet["AvailabilityZone"],
        "SecurityGroupIds": _security_group(subnet["VpcId"], environment),
    }


def _name(environment: str) -> str:
    """It begins with the stack's, or the boundary of the roles refuses the secret."""
    return f"{project.stack_name(environment)}-your-database"


def _secret(own: Access, environment: str) -> str:
    secrets, name = aws.client("secretsmanager"), _name(environment)
    value = json.dumps({"username": own.user, "password": own.password})
    try:
        made = secrets.create_secret(Name=name, SecretString=value)
    except secrets.exceptions.ResourceExistsException:
        made = secrets.put_secret_value(SecretId=name, SecretString=value)
    arn: str = made["ARN"]
    return arn


def _subnet(environment: str) -> dict[str, Any]:
    """The subnet that an earlier run has made, or a new one."""
    ec2, tag = aws.client("ec2"), {"Key": TAG, "Value": environment}
    found = ec2.describe_subnets(Filters=[{"Name": f"tag:{TAG}", "Values": [environment]}])["Subnets"]
    if found:
        return dict(found[0])
    vpc = ec2.create_vpc(CidrBlock=NETWORK)["Vpc"]["VpcId"]
    made = ec2.create_subnet(VpcId=vpc, CidrBlock=NETWORK)["Subnet"]
    ec2.create_tags(Resources=[made["SubnetId"]], Tags=[tag])
    return dict(made)


def _endpoint(vpc: str) -> None:
    """The way to S3 that Glue looks for before it runs anything in a network."""
    ec2, inside = aws.client("ec2"), [{"Name": "vpc-id", "Values": [vpc]}]
    there = ec2.describe_vpc_endpoints(Filters=inside)["VpcEndpoints"]
    # The local cloud does not filter them: those of another stack's network are no way out of this one.
    if not any(one["VpcId"] == vpc for one in there):
        tables = [one["RouteTableId"] for one in ec2.describe_route_tables(Filters=inside)["RouteTables"]]
        service = f"com.amazonaws.{aws.region()}.s3"
        ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=service, RouteTableIds=tables)


def _security_group(vpc: str, environment: str) -> str:
    ec2, name = aws.client("ec2"), _name(environment)
    there = [{"Name": "group-name", "Values": [name]}, {"Name": "vpc-id", "Values": [vpc]}]
    if found := ec2.describe_security_groups(Filters=there)["SecurityGroups"]:
        return str(found[0]["GroupId"])
    group: str = ec2.create_security_group(
        GroupName=name, VpcId=vpc, Description="Glue reaches the database"
    )["GroupId"]
    itself = [{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": group}]}]
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=itself)
    return group
