"""Whether the network that a connection names lets Glue through, as Glue looks before anything runs.

The traffic itself is that of the laptop; what is judged are the records of subnets, groups and endpoints.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from localcloud import plugin
from localcloud.glue.connections import jdbc

PORTS = (0, 65_535)
POSTGRES_PORT = 5432


class NetworkError(Exception):
    """Why a connection's network lets nothing through, in the words of Glue."""


def check(connection: Mapping[str, Any], ec2: Any) -> None:
    """Judge one connection by what the client that is given may see. Raises `NetworkError`."""
    asked = connection.get("PhysicalConnectionRequirements") or {}
    subnet_id, names = asked.get("SubnetId"), asked.get("SecurityGroupIdList") or []
    if not subnet_id:
        return
    try:
        (subnet,) = ec2.describe_subnets(SubnetIds=[subnet_id])["Subnets"]
        groups = ec2.describe_security_groups(GroupIds=names)["SecurityGroups"] if names else []
        _require_self_reference(groups)
        _require_s3(subnet, ec2)
    except ClientError as error:
        raise NetworkError(error.response["Error"]["Message"]) from error
    _require_admission(connection, subnet, names)


def _require_self_reference(groups: list[dict[str, Any]]) -> None:
    """The workers of a job talk to each other through one of its groups, on every port."""
    for group in groups:
        for rule in group["IpPermissions"]:
            sources = {pair.get("GroupId") for pair in rule.get("UserIdGroupPairs", [])}
            everybody = any(one["CidrIp"] == "0.0.0.0/0" for one in rule.get("IpRanges", []))
            if _covers(rule, *PORTS) and (group["GroupId"] in sources or everybody):
                return
    raise NetworkError(
        "At least one security group must open all ingress ports.To limit traffic, the source security group "
        "in your inbound rule can be restricted to the same security group"
    )


def _require_s3(subnet: Mapping[str, Any], ec2: Any) -> None:
    """A job reads its script from S3: through an endpoint in its route table, or a way out."""
    vpc, name = subnet["VpcId"], subnet["SubnetId"]
    in_vpc = [{"Name": "vpc-id", "Values": [vpc]}]
    tables = ec2.describe_route_tables(Filters=in_vpc)["RouteTables"]
    table = _table_of(name, tables)
    endpoints = ec2.describe_vpc_endpoints(Filters=in_vpc)["VpcEndpoints"]
    gateways = [one for one in endpoints if one["ServiceName"].endswith(".s3")]
    through = any(table.get("RouteTableId") in one.get("RouteTableIds", []) for one in gateways)
    placed = any(name in one.get("SubnetIds", []) for one in gateways)
    out = any(route.get("DestinationCidrBlock") == "0.0.0.0/0" for route in table.get("Routes", []))
    if not (through or placed or out):
        raise NetworkError(
            f"VPC S3 endpoint validation failed for SubnetId: {name}. VPC: {vpc}. "
            f"Reason: Could not find S3 endpoint or NAT gateway for subnetId: {name} in Vpc {vpc}"
        )


def _table_of(subnet: str, tables: list[dict[str, Any]]) -> dict[str, Any]:
    """The route table of a subnet: its own, else the main one of the VPC."""
    main: dict[str, Any] = {}
    for table in tables:
        for link in table.get("Associations", []):
            if link.get("SubnetId") == subnet:
                return table
            if link.get("Main"):
                main = table
    return main


def _require_admission(connection: Mapping[str, Any], subnet: Mapping[str, Any], names: list[str]) -> None:
    """The groups of the cluster behind the URL, where it is one of this cloud, let one of these in."""
    if connection["ConnectionType"] != "JDBC":
        return
    where = jdbc.address(connection)
    clusters = plugin.client("rds").describe_db_clusters()["DBClusters"]
    own = [one for one in clusters if (one.get("Endpoint"), one.get("Port")) == (where.host, where.port)]
    if not own:
        return
    guards = [one["VpcSecurityGroupId"] for one in own[0]["VpcSecurityGroups"]]
    groups = (
        plugin.client("ec2").describe_security_groups(GroupIds=guards)["SecurityGroups"] if guards else []
    )
    ports = {where.port, POSTGRES_PORT}  # the server listens on a free port here, the rules know that of AWS
    rules = [rule for group in groups for rule in group["IpPermissions"]]
    if not any(_admits(rule, names, subnet) for rule in rules if any(_covers(rule, p, p) for p in ports)):
        raise NetworkError(
            "org.postgresql.util.PSQLException: The connection attempt failed. Caused by: "
            f"java.net.SocketTimeoutException: Connect timed out ({where.host}:{where.port}, security groups "
            f"{', '.join(guards) or 'none'})"
        )


def _admits(rule: Mapping[str, Any], names: list[str], subnet: Mapping[str, Any]) -> bool:
    if {pair.get("GroupId") for pair in rule.get("UserIdGroupPairs", [])} & set(names):
        return True
    inside = ipaddress.ip_network(subnet["CidrBlock"])
    ranges = [ipaddress.ip_network(one["CidrIp"], strict=False) for one in rule.get("IpRanges", [])]
    return any(one.version == inside.version and inside.subnet_of(one) for one in ranges)  # type: ignore[arg-type]


def _covers(rule: Mapping[str, Any], first: int, last: int) -> bool:
    """Whether a rule opens these ports of TCP."""
    if str(rule.get("IpProtocol")) == "-1":
        return True
    if str(rule.get("IpProtocol")).lower() not in ("tcp", "6"):
        return False
    return int(rule.get("FromPort", 0)) <= first and int(rule.get("ToPort", PORTS[1])) >= last
