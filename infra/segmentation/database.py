"""An Aurora PostgreSQL Serverless v2 that pauses, and the secret of the jobs' role in it.

Storage and secrets are encrypted with AWS's keys, which cost nothing: the parameter Encryption is about the
lake, the notifications and the logs.
"""

from __future__ import annotations

from typing import Any, ClassVar

from troposphere import GetAtt, If, Ref, Select, Split, StackId, Sub, rds, secretsmanager
from troposphere.validators import double, integer

from infra.segmentation.network import DATABASE_GROUP, SUBNETS
from infra.segmentation.parameters import CREATE_CONDITION, TLS_CONDITION

CLUSTER, INSTANCE = "DatabaseCluster", "DatabaseInstance"
JOBS_SECRET = "JobsSecret"  # noqa: S105 - a logical id
JOBS_ROLE = "covid_lake"  # in the database; lambdas/prepare_database makes it
MASTER = "postgres"
ENGINE, ENGINE_VERSION, FAMILY = "aurora-postgresql", "17", "aurora-postgresql17"
NAME = "${AWS::StackName}-database"
PASSWORD_LENGTH = 40


class ScalingConfiguration(rds.ServerlessV2ScalingConfiguration):  # type: ignore[misc]
    """troposphere's own refuses a minimum of 0, at which the database pauses."""

    props: ClassVar[dict[str, Any]] = {
        "MinCapacity": (double, True),
        "MaxCapacity": (double, True),
        "SecondsUntilAutoPause": (integer, False),
    }


def _subnet_group() -> rds.DBSubnetGroup:
    return rds.DBSubnetGroup(
        "DatabaseSubnets",
        Condition=CREATE_CONDITION,
        DBSubnetGroupName=Sub(NAME),
        DBSubnetGroupDescription=Sub("Private subnets of ${AWS::StackName}"),
        SubnetIds=[Ref(subnet) for subnet in SUBNETS],
    )


def _settings() -> rds.DBClusterParameterGroup:
    return rds.DBClusterParameterGroup(
        "DatabaseSettings",
        Condition=CREATE_CONDITION,
        DBClusterParameterGroupName=Sub(NAME),
        Description=Sub("Settings of the database of ${AWS::StackName}"),
        Family=FAMILY,
        Parameters={"rds.force_ssl": If(TLS_CONDITION, "1", "0")},
    )


def _cluster() -> rds.DBCluster:
    """It has a name, by which CloudFormation refuses to replace it. Deleted, it leaves a snapshot."""
    return rds.DBCluster(
        CLUSTER,
        Condition=CREATE_CONDITION,
        DeletionPolicy="Snapshot",
        UpdateReplacePolicy="Snapshot",
        DBClusterIdentifier=Sub(NAME),
        Engine=ENGINE,
        EngineVersion=ENGINE_VERSION,
        DatabaseName=Ref("DatabaseName"),
        MasterUsername=MASTER,
        ManageMasterUserPassword=True,
        EnableHttpEndpoint=True,
        StorageEncrypted=True,
        BackupRetentionPeriod=Ref("DatabaseBackupDays"),
        CopyTagsToSnapshot=True,
        DeletionProtection=Ref("DatabaseDeletionProtection"),
        DBSubnetGroupName=Ref("DatabaseSubnets"),
        DBClusterParameterGroupName=Ref("DatabaseSettings"),
        VpcSecurityGroupIds=[GetAtt(DATABASE_GROUP, "GroupId")],
        ServerlessV2ScalingConfiguration=ScalingConfiguration(
            MinCapacity=0,
            MaxCapacity=Ref("DatabaseMaxCapacity"),
            SecondsUntilAutoPause=Ref("DatabaseAutoPauseSeconds"),
        ),
    )


def _instance() -> rds.DBInstance:
    return rds.DBInstance(
        INSTANCE,
        Condition=CREATE_CONDITION,
        DeletionPolicy="Delete",
        UpdateReplacePolicy="Delete",
        DBInstanceIdentifier=Sub(f"{NAME}-1"),
        DBClusterIdentifier=Ref(CLUSTER),
        DBInstanceClass="db.serverless",
        Engine=ENGINE,
        AvailabilityZone=GetAtt(SUBNETS[0], "AvailabilityZone"),
        AutoMinorVersionUpgrade=True,
        PubliclyAccessible=False,
    )


def _jobs_secret() -> secretsmanager.Secret:
    """Its name ends with a part of the stack's id: a deleted secret keeps its name for a while."""
    incarnation = Select(0, Split("-", Select(2, Split("/", StackId))))
    return secretsmanager.Secret(
        JOBS_SECRET,
        Condition=CREATE_CONDITION,
        DeletionPolicy="Delete",
        UpdateReplacePolicy="Delete",
        Name=Sub("${AWS::StackName}-jobs-${Incarnation}", Incarnation=incarnation),
        Description=Sub("Role of the jobs of ${AWS::StackName} in the database"),
        GenerateSecretString=secretsmanager.GenerateSecretString(
            SecretStringTemplate=f'{{"username": "{JOBS_ROLE}"}}',
            GenerateStringKey="password",
            PasswordLength=PASSWORD_LENGTH,
            ExcludePunctuation=True,
        ),
    )


def database() -> list[Any]:
    """All of it; nothing for a database that exists."""
    return [_subnet_group(), _settings(), _cluster(), _instance(), _jobs_secret()]


def host() -> If:
    return If(CREATE_CONDITION, GetAtt(CLUSTER, "Endpoint.Address"), Ref("DatabaseHost"))


def port() -> If:
    return If(CREATE_CONDITION, GetAtt(CLUSTER, "Endpoint.Port"), Ref("DatabasePort"))


def jobs_secret() -> If:
    """The ARN of the secret with name and password of the jobs' role."""
    return If(CREATE_CONDITION, Ref(JOBS_SECRET), Ref("DatabaseSecretArn"))


def master_secret() -> GetAtt:
    """The ARN of the secret that RDS keeps for the master; only of a database that the stack makes."""
    return GetAtt(CLUSTER, "MasterUserSecret.SecretArn")


def cluster_arn() -> GetAtt:
    return GetAtt(CLUSTER, "DBClusterArn")
