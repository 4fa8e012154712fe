"""The types of a stack with a database of its own: network, Aurora, secrets, the connection to them.

What has a name is known by it. Parts of a network have none that IAM knows: they are known by the tags that
CloudFormation gives to everything of a stack. It tags them as it makes them (`tagOnCreate` of their schemas).
"""

from __future__ import annotations

from typing import Any

from troposphere import Sub

from infra.bootstrap import names
from infra.bootstrap.access import Access, access, actions, tags
from infra.common.policies import Statement, allow

NETWORK_TYPES = tuple(
    f"AWS::EC2::{kind}"
    for kind in (
        *("RouteTable", "SecurityGroup", "SecurityGroupEgress", "SecurityGroupIngress", "Subnet"),
        *("SubnetRouteTableAssociation", "VPC", "VPCEndpoint"),
    )
)
# AWS has no resources for these.
DESCRIBE = actions(
    "ec2",
    "DescribeAccountAttributes DescribeAvailabilityZones DescribeInternetGateways DescribeNetworkAcls "
    "DescribeRouteTables DescribeSecurityGroupRules DescribeSecurityGroups DescribeSubnets "
    "DescribeVpcEncryptionControls DescribeVpcEndpoints DescribeVpcs",
)
# What only who makes a database asks for.
_WHILE_MAKING = (
    "ec2:DescribeInstances",  # of a security group that is to go
    *actions("rds", "DescribeDBEngineVersions DescribeEngineDefaultClusterParameters DescribeEvents"),
    "secretsmanager:GetRandomPassword",
)


def types() -> list[Access]:
    """Those that are known by their names."""
    return [
        access(
            "Connection",
            "glue",
            "Glue::Connection",
            "GetConnection GetTags",
            "CreateConnection DeleteConnection TagResource UntagResource UpdateConnection",
            names.catalog_arn(),
            names.arn("glue", f"connection/{names.STACK}-*"),
        ),
        access(
            "Cluster",
            "rds",
            "RDS::DBCluster RDS::DBClusterParameterGroup RDS::DBInstance RDS::DBSubnetGroup",
            "DescribeDBClusterParameterGroups DescribeDBClusterParameters DescribeDBClusters "
            "DescribeDBInstances DescribeDBSubnetGroups ListTagsForResource",
            "AddTagsToResource CreateDBCluster CreateDBClusterParameterGroup CreateDBClusterSnapshot "
            "CreateDBInstance CreateDBSubnetGroup DeleteDBCluster DeleteDBClusterParameterGroup "
            "DeleteDBInstance DeleteDBSubnetGroup DisableHttpEndpoint EnableHttpEndpoint ModifyDBCluster "
            "ModifyDBClusterParameterGroup ModifyDBInstance ModifyDBSubnetGroup RebootDBInstance "
            "RemoveTagsFromResource ResetDBClusterParameterGroup",
            *(
                names.arn("rds", f"{kind}:{names.STACK}-*")
                for kind in ("cluster", "cluster-pg", "cluster-snapshot", "db", "subgrp")
            ),
        ),
        # AWS's own groups, which a cluster and its instance have where the template names none.
        access(
            "DefaultGroups",
            "rds",
            "",
            "",
            "CreateDBCluster CreateDBInstance ModifyDBCluster ModifyDBInstance",
            *(names.arn("rds", f"{kind}:default*") for kind in ("og", "pg")),
        ),
        access(
            "Secrets",
            "secretsmanager",
            "SecretsManager::Secret",
            "DescribeSecret",
            "CreateSecret DeleteSecret TagResource UntagResource UpdateSecret",
            *secret_arns(),
        ),
    ]


def secret_arns() -> tuple[Sub, ...]:
    """The stacks' own, and those that RDS keeps for the masters of its clusters."""
    forms = (f"{names.STACK}-*", "rds!cluster-*")
    return tuple(names.arn("secretsmanager", f"secret:{form}") for form in forms)


def _parts(*kinds: str) -> list[Sub]:
    return [names.arn("ec2", f"{kind}/*") for kind in kinds]


def network() -> list[Statement]:
    """New parts, with our tags where the request says so; and what has them already.

    Nothing else gets tags: whoever may tag a foreign part could take it.
    """
    made = actions("ec2", "CreateRouteTable CreateSecurityGroup CreateSubnet CreateVpcEndpoint")
    inside = _parts("route-table", "security-group", "subnet", "vpc-endpoint")
    vpc = _parts("vpc")
    creating = [one.partition(":")[2] for one in ("ec2:CreateVpc", *made)]
    own: dict[str, Any] = {"StringEquals": tags("Resource")}
    new: dict[str, Any] = {"StringEqualsIfExists": {**tags("Request"), **tags("Resource")}}
    manage = (
        "AssociateRouteTable AuthorizeSecurityGroupEgress AuthorizeSecurityGroupIngress CreateTags "
        "DeleteRouteTable DeleteSecurityGroup DeleteSubnet DeleteTags DeleteVpc DeleteVpcEndpoints "
        "DisassociateRouteTable ModifySubnetAttribute ModifyVpcAttribute "
        "ModifyVpcEndpoint ReplaceRouteTableAssociation RevokeSecurityGroupEgress "
        "RevokeSecurityGroupIngress UpdateSecurityGroupRuleDescriptionsEgress "
        "UpdateSecurityGroupRuleDescriptionsIngress"
    )
    return [
        allow("CreateVpc", ["ec2:CreateVpc"], vpc, new),
        allow("CreateParts", list(made), inside, new),
        allow(
            "TagNew", ["ec2:CreateTags"], [*vpc, *inside], {"StringEquals": {"ec2:CreateAction": creating}}
        ),
        allow("ManageNetwork", [*made, *actions("ec2", manage)], [*vpc, *inside], own),
    ]


def reading() -> list[Statement]:
    """What shows a database, its network and the way to it, and changes or uses none."""
    own: dict[str, Any] = {"StringEquals": tags("Resource")}
    return [
        *(one.reading() for one in types() if one.read),
        allow("DescribeAnywhere", list(DESCRIBE), "*"),
        allow("ReadNetwork", ["ec2:DescribeVpcAttribute"], names.arn("ec2", "vpc/*"), own),
    ]


def without_names() -> list[Statement]:
    """Engines, events, a password at random; and the role that RDS takes on, which an account has once.

    RDS looks at the key of AWS with which Secrets Manager encrypts the master's secret, as the one who asks.
    """
    linked = "role/aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS"
    alias = {"kms:ResourceAliases": "alias/aws/secretsmanager"}
    of_aws: dict[str, Any] = {"ForAnyValue:StringEquals": alias}
    for_rds: dict[str, Any] = {"StringEquals": {"iam:AWSServiceName": "rds.amazonaws.com"}}
    return [
        allow("MakeDatabase", list(_WHILE_MAKING), "*"),
        allow("DescribeKeyOfSecret", ["kms:DescribeKey"], names.arn("kms", "key/*"), of_aws),
        # A secret's handler may look at the value that it changes.
        allow("ReadSecret", ["secretsmanager:GetSecretValue"], secret_arns()[0]),
        allow("LinkRole", ["iam:CreateServiceLinkedRole"], names.iam_arn(linked), for_rds),
    ]
