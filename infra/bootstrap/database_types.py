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
            "Database",
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
    vpc, rules = _parts("vpc"), _parts("security-group-rule")
    creating = [one.partition(":")[2] for one in ("ec2:CreateVpc", *made)]
    own: dict[str, Any] = {"StringEquals": tags("Resource")}
    new: dict[str, Any] = {"StringEqualsIfExists": {**tags("Request"), **tags("Resource")}}
    manage = (
        "AssociateRouteTable AuthorizeSecurityGroupEgress AuthorizeSecurityGroupIngress CreateTags "
        "DeleteRouteTable DeleteSecurityGroup DeleteSubnet DeleteTags DeleteVpc DeleteVpcEndpoints "
        "DescribeVpcAttribute DisassociateRouteTable ModifySubnetAttribute ModifyVpcAttribute "
        "ModifyVpcEndpoint ReplaceRouteTableAssociation RevokeSecurityGroupEgress "
        "RevokeSecurityGroupIngress UpdateSecurityGroupRuleDescriptionsEgress "
        "UpdateSecurityGroupRuleDescriptionsIngress"
    )
    rule = actions("ec2", "AuthorizeSecurityGroupEgress AuthorizeSecurityGroupIngress")
    return [
        allow("CreateVpc", ["ec2:CreateVpc"], vpc, new),
        allow("CreateParts", list(made), inside, new),
        allow("CreateRules", list(rule), rules),
        allow(
            "TagNew", ["ec2:CreateTags"], [*vpc, *inside], {"StringEquals": {"ec2:CreateAction": creating}}
        ),
        allow("ManageNetwork", [*made, *actions("ec2", manage)], [*vpc, *inside], own),
    ]


def without_names() -> list[Statement]:
    """A password at random, and the role that RDS itself takes on, which an account has once."""
    linked = "role/aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS"
    for_rds: dict[str, Any] = {"StringEquals": {"iam:AWSServiceName": "rds.amazonaws.com"}}
    return [
        allow("RandomPassword", ["secretsmanager:GetRandomPassword"], "*"),
        allow("LinkRole", ["iam:CreateServiceLinkedRole"], names.iam_arn(linked), for_rds),
    ]
