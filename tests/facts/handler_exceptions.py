"""What the handlers of our resource types declare to call and our roles leave out, each with the reason.

Both ways: a call that is left out and not listed fails, and so does an entry that is no longer needed, or
whose property a template has begun to set.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Left:
    """Actions that are left out for `kind`; `unset` are properties of it that no template sets."""

    kind: str
    actions: tuple[str, ...]
    reason: str
    unset: tuple[str, ...] = ()


def _left(kind: str, actions: str, reason: str, unset: str = "") -> Left:
    return Left(f"AWS::{kind}", tuple(actions.split()), reason, tuple(unset.split()))


_FEATURE = "only for a property that we do not set"
_NAMELESS = "the service authorization reference knows no such action; the settings are deleted by their Put"
_RESTORED = "only for a database that is made from another one's backup"
_LATTICE = "vpc-lattice:DescribeServiceNetworkVpcEndpointAssociation"
_FORMATION = "only where Lake Formation governs the lake, of which no template says anything"
_LIST = "only lists: a deployment knows its resources by name; lists are for the console"
_OF_QUICKSIGHT = ("Dashboard", "DataSet", "DataSource")

SERVICE_ROLE = [
    _left("Athena::WorkGroup", "iam:PassRole iam:CreateServiceLinkedRole", _FEATURE, "ExecutionRole"),
    _left("Athena::WorkGroup", "athena:ListWorkGroups", _LIST),
    _left("Athena::NamedQuery", "athena:ListNamedQueries", _LIST),
    _left(
        "EC2::Subnet",
        "ec2:AssociateSubnetCidrBlock ec2:DisassociateSubnetCidrBlock",
        _FEATURE,
        "Ipv6CidrBlock Ipv6CidrBlocks Ipv6IpamPoolId Ipv6Native Ipv6NetmaskLength",
    ),
    _left("EC2::VPC", "ec2:CreateVpcEncryptionControl", _FEATURE, "VpcEncryptionControl"),
    _left("EC2::VPC", "ec2:ModifyVpcTenancy", _FEATURE, "InstanceTenancy"),
    _left(
        "EC2::VPCEndpoint",
        f"vpc-lattice:CreateServiceNetworkVpcEndpointAssociation {_LATTICE}",
        _FEATURE + ": an endpoint for VPC Lattice",
        "ResourceConfigurationArn ServiceNetworkArn",
    ),
    _left("EC2::VPCEndpoint", "vpce:AllowMultiRegion", _FEATURE, "ServiceRegion"),
    _left("Events::Rule", "events:ListRules", _LIST),
    _left("Glue::Connection", "glue:GetConnections", _LIST),
    _left("Glue::Crawler", "glue:ListCrawlers", _LIST),
    _left("Glue::Database", "glue:GetDatabases", _LIST),
    _left(
        "Glue::Database",
        "glue:PassConnection",
        _FEATURE + ": a connection belongs to a federated database",
        "FederatedDatabase",
    ),
    _left("Glue::Job", "glue:ListJobs", _LIST),
    _left("Glue::Table", "glue:GetTables", _LIST),
    _left("CloudWatch::Dashboard", "cloudwatch:ListDashboards", _LIST),
    _left(
        "Glue::Table",
        "glue:GetSchemaVersion",
        _FEATURE + ": columns that the schema registry has",
        "SchemaReference",
    ),
    _left(
        "Glue::Table",
        "glue:PassConnection iam:PassRole s3:GetObject s3:PutObject",
        _FEATURE + ": an Iceberg table, whose metadata is written as it is made",
        "OpenTableFormatInput",
    ),
    _left("Glue::Table", "lakeformation:GetDataAccess", _FORMATION),
    _left("Glue::Table", "lakeformation:CreateTable", "a permission of Lake Formation's, no action of IAM's"),
    _left("IAM::Role", "iam:ListRoles", _LIST),
    _left(
        "IAM::Role",
        "iam:DeleteRolePermissionsBoundary",
        "denied on purpose: a role of the stack never loses its boundary",
    ),
    _left("KMS::Key", "kms:ListKeys", _LIST),
    _left("Lambda::Function", "lambda:ListFunctions", _LIST),
    _left(
        "Lambda::Function",
        "ec2:DescribeNetworkInterfaces",
        _FEATURE,
        "VpcConfig",
    ),
    _left(
        "Lambda::Function",
        "elasticfilesystem:DescribeMountTargets s3files:ListMountTargets",
        _FEATURE,
        "FileSystemConfigs",
    ),
    _left(
        "Lambda::Function",
        "kms:CreateGrant kms:Decrypt kms:DescribeKey kms:Encrypt kms:GenerateDataKey",
        _FEATURE,
        "KmsKeyArn",
    ),
    _left(
        "Lambda::Function",
        "lambda:DeleteFunctionCodeSigningConfig lambda:GetCodeSigningConfig "
        "lambda:PutFunctionCodeSigningConfig",
        _FEATURE,
        "CodeSigningConfigArn",
    ),
    _left("Lambda::Function", "lambda:GetLayerVersion", _FEATURE, "Layers"),
    _left("Lambda::Function", "lambda:PassCapacityProvider", _FEATURE, "CapacityProviderConfig"),
    _left(
        "Lambda::Function",
        "lambda:DeleteFunctionConcurrency lambda:PutFunctionConcurrency",
        _FEATURE,
        "ReservedConcurrentExecutions",
    ),
    _left("Lambda::Function", "lambda:PutFunctionRecursionConfig", _FEATURE, "RecursiveLoop"),
    _left("Lambda::Function", "lambda:PutFunctionScalingConfig", _FEATURE, "FunctionScalingConfig"),
    _left("Lambda::Function", "lambda:PutRuntimeManagementConfig", _FEATURE, "RuntimeManagementConfig"),
    _left("Lambda::Function", "lambda:PublishVersion", _FEATURE, "PublishToLatestPublished"),
    _left("Lambda::Function", "s3:GetObjectVersion", _FEATURE, "S3ObjectVersion"),
    _left(
        "Logs::LogGroup",
        "firehose:TagDeliveryStream logs:CreateLogDelivery logs:DeleteDataProtectionPolicy "
        "logs:PutDataProtectionPolicy s3:REST.PUT.OBJECT",
        _FEATURE + ": findings of a data protection policy are delivered to S3 or Firehose",
        "DataProtectionPolicy",
    ),
    _left("Logs::LogGroup", "logs:DeleteIndexPolicy logs:PutIndexPolicy", _FEATURE, "FieldIndexPolicies"),
    _left(
        "Logs::LogGroup",
        "logs:DeleteResourcePolicy logs:PutResourcePolicy",
        _FEATURE,
        "ResourcePolicyDocument",
    ),
    _left(
        "Logs::LogGroup",
        "logs:PutBearerTokenAuthentication",
        _FEATURE,
        "BearerTokenAuthenticationEnabled",
    ),
    _left("Logs::LogGroup", "logs:PutLogGroupDeletionProtection", _FEATURE, "DeletionProtectionEnabled"),
    *(
        _left(
            f"QuickSight::{kind}",
            "quicksight:CreateFolderMembership quicksight:DeleteFolderMembership",
            _FEATURE,
            "FolderArns",
        )
        for kind in _OF_QUICKSIGHT
    ),
    *(_left(f"QuickSight::{kind}", f"quicksight:List{kind}s", _LIST) for kind in _OF_QUICKSIGHT),
    _left(
        "QuickSight::Dashboard",
        "quicksight:DescribeTemplate quicksight:PassTopic quicksight:DescribeTheme",
        _FEATURE + ": ours is defined in the template, with QuickSight's own theme",
        "SourceEntity ThemeArn TopicIdentifierDeclarations",
    ),
    _left(
        "QuickSight::DataSet",
        "quicksight:CancelIngestion quicksight:DescribeIngestion quicksight:ListIngestions",
        "only for a copy in SPICE: ours asks Athena",
        "IngestionWaitPolicy",
    ),
    _left(
        "QuickSight::DataSet",
        "quicksight:DeleteDataSetRefreshProperties quicksight:PutDataSetRefreshProperties",
        _FEATURE,
        "DataSetRefreshProperties",
    ),
    _left(
        "RDS::DBCluster",
        "iam:PassRole rds:AddRoleToDBCluster rds:RemoveRoleFromDBCluster",
        _FEATURE,
        "AssociatedRoles DomainIAMRoleName MonitoringRoleArn",
    ),
    _left(
        "RDS::DBCluster",
        "rds:DescribeDBClusterAutomatedBackups rds:DescribeDBClusterSnapshots rds:DescribeDBSnapshots "
        "rds:RestoreDBClusterFromSnapshot rds:RestoreDBClusterToPointInTime",
        _RESTORED,
        "RestoreToTime RestoreType SnapshotIdentifier SourceDBClusterIdentifier SourceDbClusterResourceId "
        "UseLatestRestorableTime",
    ),
    _left(
        "RDS::DBCluster",
        "rds:DescribeGlobalClusters rds:RemoveFromGlobalCluster",
        _FEATURE,
        "GlobalClusterIdentifier",
    ),
    _left(
        "RDS::DBInstance",
        "iam:GetRole iam:ListRoles iam:PassRole rds:AddRoleToDBInstance rds:RemoveRoleFromDBInstance",
        _FEATURE,
        "AssociatedRoles CustomIAMInstanceProfile DomainIAMRoleName MonitoringRoleArn",
    ),
    _left(
        "RDS::DBInstance",
        "kms:CreateGrant kms:DescribeKey",
        "the storage is the cluster's, whose key is AWS's own: its policy lets in who may use RDS",
        "KmsKeyId PerformanceInsightsKMSKeyId StorageEncrypted",
    ),
    _left(
        "RDS::DBInstance",
        "rds:CreateDBInstanceReadReplica rds:PromoteReadReplica",
        _FEATURE,
        "SourceDBClusterIdentifier SourceDBInstanceIdentifier",
    ),
    _left(
        "RDS::DBInstance",
        "rds:CreateDBSnapshot",
        "an instance of a cluster has no snapshots of its own, and ours is deleted without one",
    ),
    _left(
        "RDS::DBInstance",
        "rds:DescribeDBClusterSnapshots rds:DescribeDBInstanceAutomatedBackups rds:DescribeDBSnapshots "
        "rds:RestoreDBInstanceFromDBSnapshot rds:RestoreDBInstanceToPointInTime",
        _RESTORED,
        "DBClusterSnapshotIdentifier DBSnapshotIdentifier RestoreTime SourceDBInstanceAutomatedBackupsArn "
        "SourceDbiResourceId UseLatestRestorableTime",
    ),
    _left("RDS::DBInstance", "rds:DescribeDBParameterGroups", _FEATURE, "DBParameterGroupName"),
    _left(
        "RDS::DBInstance",
        "rds:StartDBInstanceAutomatedBackupsReplication rds:StopDBInstanceAutomatedBackupsReplication",
        _FEATURE,
        "AutomaticBackupReplicationRegion",
    ),
    _left(
        "RDS::DBInstance",
        "secretsmanager:CreateSecret secretsmanager:TagResource",
        _FEATURE + ": the password of the master is the cluster's",
        "ManageMasterUserPassword MasterUserSecret",
    ),
    _left("S3::Bucket", "s3:ListAllMyBuckets", _LIST),
    _left("S3::BucketPolicy", "s3:ListAllMyBuckets", _LIST),
    _left("S3::Bucket", "s3:PutBucketAbac", _FEATURE, "AbacStatus"),
    _left("S3::Bucket", "s3:PutBucketAcl", _FEATURE, "AccessControl"),
    _left("S3::Bucket", "s3:PutAccelerateConfiguration", _FEATURE, "AccelerateConfiguration"),
    _left("S3::Bucket", "s3:PutAnalyticsConfiguration", _FEATURE, "AnalyticsConfigurations"),
    _left("S3::Bucket", "s3:PutBucketCORS", _FEATURE, "CorsConfiguration"),
    _left(
        "S3::Bucket",
        "s3:PutIntelligentTieringConfiguration",
        _FEATURE,
        "IntelligentTieringConfigurations",
    ),
    _left("S3::Bucket", "s3:PutInventoryConfiguration", _FEATURE, "InventoryConfigurations"),
    _left("S3::Bucket", "s3:PutBucketLogging", _FEATURE, "LoggingConfiguration"),
    _left("S3::Bucket", "s3:PutMetricsConfiguration", _FEATURE, "MetricsConfigurations"),
    _left("S3::Bucket", "s3:PutBucketNotification", _FEATURE, "NotificationConfiguration"),
    _left(
        "S3::Bucket",
        "s3:PutBucketObjectLockConfiguration s3:PutObjectLockConfiguration",
        _FEATURE,
        "ObjectLockConfiguration ObjectLockEnabled",
    ),
    _left(
        "S3::Bucket",
        "iam:PassRole s3:PutBucketReplication s3:PutReplicationConfiguration",
        _FEATURE,
        "ReplicationConfiguration",
    ),
    _left("S3::Bucket", "s3:DeleteBucketWebsite s3:PutBucketWebsite", _FEATURE, "WebsiteConfiguration"),
    _left(
        "S3::Bucket",
        "s3:CreateBucketMetadataTableConfiguration s3:DeleteBucketMetadataTableConfiguration "
        "s3:UpdateBucketMetadataAnnotationTableConfiguration "
        "s3:UpdateBucketMetadataInventoryTableConfiguration "
        "s3:UpdateBucketMetadataJournalTableConfiguration "
        "s3tables:CreateNamespace s3tables:CreateTable s3tables:CreateTableBucket s3tables:GetTable "
        "s3tables:GetTableMetadataLocation s3tables:PutTableBucketPolicy s3tables:PutTableEncryption "
        "s3tables:PutTablePolicy s3tables:UpdateTableMetadataLocation",
        _FEATURE,
        "MetadataConfiguration MetadataTableConfiguration",
    ),
    _left(
        "S3::Bucket",
        "s3:DeleteBucketAnalyticsConfiguration s3:DeleteBucketCors s3:DeleteBucketEncryption "
        "s3:DeleteBucketLifecycle s3:DeleteBucketMetricsConfiguration s3:DeleteBucketReplication "
        "s3:DeleteBucketTagging",
        _NAMELESS,
    ),
    _left(
        "S3::Bucket",
        "s3:DeleteObject s3:PutObjectAcl",
        "on objects, of which a bucket that is being made has none",
    ),
    _left("SecretsManager::Secret", "secretsmanager:ListSecrets", _LIST),
    _left(
        "SecretsManager::Secret",
        "secretsmanager:RemoveRegionsFromReplication secretsmanager:ReplicateSecretToRegions",
        _FEATURE,
        "ReplicaRegions",
    ),
    _left("SNS::Subscription", "iam:GetRole iam:PassRole", _FEATURE, "SubscriptionRoleArn"),
    _left("SNS::Subscription", "sns:ListSubscriptions", _LIST),
    _left("SNS::Topic", "iam:GetRole iam:PassRole", _FEATURE, "DeliveryStatusLogging"),
    _left("SNS::Topic", "sns:PutDataProtectionPolicy", _FEATURE, "DataProtectionPolicy"),
    _left("SNS::Topic", "sns:ListTopics", _LIST),
    _left("SQS::Queue", "sqs:ListQueues", _LIST),
    _left(
        "StepFunctions::StateMachine",
        "kms:Decrypt kms:DescribeKey kms:GenerateDataKey",
        _FEATURE,
        "EncryptionConfiguration",
    ),
    _left(
        "StepFunctions::StateMachine", "s3:GetObject s3:GetObjectVersion", _FEATURE, "DefinitionS3Location"
    ),
    _left("StepFunctions::StateMachine", "states:ListStateMachines", _LIST),
]

_PASSES_NOTHING = "reading passes no role to anybody"

DRIFT_ROLE = [
    _left("EC2::VPCEndpoint", _LATTICE, _FEATURE, "ResourceConfigurationArn ServiceNetworkArn"),
    _left("Events::Rule", "iam:PassRole", _PASSES_NOTHING),
    _left("Glue::Crawler", "iam:PassRole", _PASSES_NOTHING),
    _left("Glue::Table", "glue:CreateTable", "whoever looks for drift makes no table"),
    _left("Glue::Table", "lakeformation:GetDataAccess", _FORMATION),
    _left("Glue::Table", "lakeformation:CreateTable", "a permission of Lake Formation's, no action of IAM's"),
    _left("Lambda::Function", "kms:Decrypt", _FEATURE, "KmsKeyArn"),
    _left(
        "SecretsManager::Secret",
        "secretsmanager:GetSecretValue",
        "whoever looks for drift sees no password; a template says none that could have drifted",
        "SecretString",
    ),
    _left("StepFunctions::StateMachine", "kms:Decrypt", _FEATURE, "EncryptionConfiguration"),
]
