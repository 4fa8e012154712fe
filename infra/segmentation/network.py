"""The network of a database that the stack makes: private, without a way to the internet and without NAT.

Aurora wants subnets in two availability zones. Database, jobs and endpoints live in the first: an interface
endpoint is paid for each zone, and traffic between zones is paid, too.
"""

from __future__ import annotations

from typing import Any

from troposphere import GetAtt, GetAZs, If, Ref, Select, Split, Sub, Tags, ec2

from infra.segmentation.parameters import CREATE_CONDITION

VPC = "Vpc"
SUBNETS = ("FirstSubnet", "SecondSubnet")
ROUTES = "RouteTable"
JOBS_GROUP, DATABASE_GROUP, ENDPOINT_GROUP = (
    "JobsSecurityGroup",
    "DatabaseSecurityGroup",
    "EndpointSecurityGroup",
)
NETWORK = "10.83.0.0/24"
PORT, HTTPS = 5432, 443
# What the jobs in the network call: the connection and the claims of runs, the secret, and where Glue writes
# the job's logs. S3 has a gateway endpoint, which is free.
INTERFACE_ENDPOINTS = {
    "GlueEndpoint": "glue",
    "SecretsManagerEndpoint": "secretsmanager",
    "LogsEndpoint": "logs",
}


def _tags(name: str) -> Tags:
    return Tags(Name=Sub(f"${{AWS::StackName}}-{name}"))


def _vpc() -> ec2.VPC:
    return ec2.VPC(
        VPC,
        Condition=CREATE_CONDITION,
        CidrBlock=NETWORK,
        EnableDnsSupport=True,
        EnableDnsHostnames=True,  # or the endpoints' private names do not resolve
        Tags=_tags("network"),
    )


def _subnet(number: int) -> ec2.Subnet:
    return ec2.Subnet(
        SUBNETS[number],
        Condition=CREATE_CONDITION,
        VpcId=Ref(VPC),
        CidrBlock=f"10.83.0.{128 * number}/25",
        AvailabilityZone=Select(number, GetAZs("")),
        MapPublicIpOnLaunch=False,
        Tags=_tags(f"private-{number + 1}"),
    )


def _routes() -> list[Any]:
    """No route of our own: the gateway endpoint adds the one to S3."""
    table = ec2.RouteTable(ROUTES, Condition=CREATE_CONDITION, VpcId=Ref(VPC), Tags=_tags("private"))
    association = ec2.SubnetRouteTableAssociation(
        "FirstSubnetRoutes", Condition=CREATE_CONDITION, RouteTableId=Ref(ROUTES), SubnetId=Ref(SUBNETS[0])
    )
    return [table, association]


def _group(title: str, name: str, description: str) -> ec2.SecurityGroup:
    """Closed: a group without a rule of its own gets one that lets everything out."""
    nothing = ec2.SecurityGroupRule(
        IpProtocol="-1", CidrIp="127.0.0.1/32", Description="Nothing goes out but by the rules of the stack"
    )
    return ec2.SecurityGroup(
        title,
        Condition=CREATE_CONDITION,
        GroupDescription=description,
        VpcId=Ref(VPC),
        SecurityGroupEgress=[nothing],
        Tags=_tags(name),
    )


def _ingress(
    title: str, group: str, source: str, first: int, last: int, why: str
) -> ec2.SecurityGroupIngress:
    return ec2.SecurityGroupIngress(
        title,
        Condition=CREATE_CONDITION,
        GroupId=GetAtt(group, "GroupId"),
        SourceSecurityGroupId=GetAtt(source, "GroupId"),
        IpProtocol="tcp",
        FromPort=first,
        ToPort=last,
        Description=why,
    )


def _egress(title: str, first: int, last: int, why: str, **to: Any) -> ec2.SecurityGroupEgress:
    return ec2.SecurityGroupEgress(
        title,
        Condition=CREATE_CONDITION,
        GroupId=GetAtt(JOBS_GROUP, "GroupId"),
        IpProtocol="tcp",
        FromPort=first,
        ToPort=last,
        Description=why,
        **to,
    )


def _rules() -> list[Any]:
    """Glue wants a group that admits itself on all ports of TCP, even for a single worker."""
    workers, database = "Workers of a job among themselves", "The jobs to the database"
    return [
        _ingress("JobsFromJobs", JOBS_GROUP, JOBS_GROUP, 0, 65_535, workers),
        _ingress("DatabaseFromJobs", DATABASE_GROUP, JOBS_GROUP, PORT, PORT, database),
        _ingress("EndpointsFromJobs", ENDPOINT_GROUP, JOBS_GROUP, HTTPS, HTTPS, "The jobs to AWS"),
        _egress("JobsToJobs", 0, 65_535, workers, DestinationSecurityGroupId=GetAtt(JOBS_GROUP, "GroupId")),
        _egress(
            "JobsToDatabase",
            PORT,
            PORT,
            database,
            DestinationSecurityGroupId=GetAtt(DATABASE_GROUP, "GroupId"),
        ),
        # S3's addresses are its own; there is no other way out of the network than the endpoints.
        _egress("JobsToAws", HTTPS, HTTPS, "The jobs to the endpoints, S3's among them", CidrIp="0.0.0.0/0"),
    ]


def _service(name: str) -> Sub:
    return Sub(f"com.amazonaws.${{AWS::Region}}.{name}")


def _endpoints() -> list[ec2.VPCEndpoint]:
    gateway = ec2.VPCEndpoint(
        "S3Endpoint",
        Condition=CREATE_CONDITION,
        VpcId=Ref(VPC),
        ServiceName=_service("s3"),
        VpcEndpointType="Gateway",
        RouteTableIds=[Ref(ROUTES)],
    )
    interfaces = [
        ec2.VPCEndpoint(
            title,
            Condition=CREATE_CONDITION,
            VpcId=Ref(VPC),
            ServiceName=_service(service),
            VpcEndpointType="Interface",
            PrivateDnsEnabled=True,
            SubnetIds=[Ref(SUBNETS[0])],
            SecurityGroupIds=[GetAtt(ENDPOINT_GROUP, "GroupId")],
        )
        for title, service in INTERFACE_ENDPOINTS.items()
    ]
    return [gateway, *interfaces]


def network() -> list[Any]:
    """All of it; nothing for a database that exists."""
    return [
        _vpc(),
        *(_subnet(number) for number in range(len(SUBNETS))),
        *_routes(),
        _group(JOBS_GROUP, "jobs", "Glue jobs and the crawler of the database"),
        _group(DATABASE_GROUP, "database", "The database"),
        _group(ENDPOINT_GROUP, "endpoints", "Interface endpoints of AWS services"),
        *_rules(),
        *_endpoints(),
    ]


def jobs_subnet() -> If:
    """Of the network, or the one that is there."""
    return If(CREATE_CONDITION, Ref(SUBNETS[0]), Ref("SubnetId"))


def jobs_vpc() -> If:
    """`*` where the subnet is there: nothing says which network it belongs to."""
    return If(CREATE_CONDITION, Ref(VPC), "*")


def jobs_zone() -> If:
    return If(CREATE_CONDITION, GetAtt(SUBNETS[0], "AvailabilityZone"), Ref("SubnetAvailabilityZone"))


def jobs_groups() -> If:
    own = [GetAtt(JOBS_GROUP, "GroupId")]
    return If(CREATE_CONDITION, own, Split(",", Ref("SecurityGroupIds")))
