"""The properties that this cloud provisions, by resource type: any other one is refused, not dropped.

Types that are not listed here are left to ministack.
"""

from __future__ import annotations

_TEXT = """
AWS::Athena::NamedQuery
    Database Description Name QueryString WorkGroup
AWS::Athena::WorkGroup
    Description Name RecursiveDeleteOption State Tags WorkGroupConfiguration
AWS::CloudWatch::Alarm
    ActionsEnabled AlarmActions AlarmDescription AlarmName ComparisonOperator DatapointsToAlarm
    Dimensions EvaluationPeriods ExtendedStatistic InsufficientDataActions MetricName Metrics Namespace
    OKActions Period Statistic Tags Threshold TreatMissingData Unit
AWS::CloudWatch::Dashboard
    DashboardBody DashboardName
AWS::EC2::RouteTable
    Tags VpcId
AWS::EC2::SecurityGroup
    GroupDescription GroupName SecurityGroupEgress SecurityGroupIngress Tags VpcId
AWS::EC2::SecurityGroupEgress
    CidrIp CidrIpv6 Description DestinationPrefixListId DestinationSecurityGroupId FromPort GroupId
    IpProtocol ToPort
AWS::EC2::SecurityGroupIngress
    CidrIp CidrIpv6 Description FromPort GroupId IpProtocol SourcePrefixListId SourceSecurityGroupId
    SourceSecurityGroupOwnerId ToPort
AWS::EC2::Subnet
    AvailabilityZone CidrBlock MapPublicIpOnLaunch Tags VpcId
AWS::EC2::SubnetRouteTableAssociation
    RouteTableId SubnetId
AWS::EC2::VPC
    CidrBlock EnableDnsHostnames EnableDnsSupport InstanceTenancy Tags
AWS::EC2::VPCEndpoint
    PolicyDocument PrivateDnsEnabled RouteTableIds SecurityGroupIds ServiceName SubnetIds Tags
    VpcEndpointType VpcId
AWS::Events::Rule
    Description EventBusName EventPattern Name RoleArn ScheduleExpression State Tags Targets
AWS::Glue::Connection
    CatalogId ConnectionInput
AWS::Glue::Crawler
    Classifiers Configuration CrawlerSecurityConfiguration DatabaseName Description Name RecrawlPolicy
    Role SchemaChangePolicy TablePrefix Tags Targets
AWS::Glue::Database
    CatalogId DatabaseInput DatabaseName
AWS::Glue::Job
    AllocatedCapacity Command Connections DefaultArguments Description ExecutionClass ExecutionProperty
    GlueVersion JobMode JobRunQueuingEnabled LogUri MaintenanceWindow MaxCapacity MaxRetries Name
    NonOverridableArguments NotificationProperty NumberOfWorkers Role SecurityConfiguration Tags Timeout
    WorkerType
AWS::Glue::Table
    CatalogId DatabaseName Name TableInput
AWS::IAM::ManagedPolicy
    Description Groups ManagedPolicyName Path PolicyDocument Roles Users
AWS::IAM::Policy
    Groups PolicyDocument PolicyName Roles Users
AWS::IAM::Role
    AssumeRolePolicyDocument Description ManagedPolicyArns MaxSessionDuration Path PermissionsBoundary
    Policies RoleName Tags
AWS::KMS::Alias
    AliasName TargetKeyId
AWS::KMS::Key
    BypassPolicyLockoutSafetyCheck Description EnableKeyRotation Enabled KeyPolicy KeySpec KeyUsage
    MultiRegion Origin PendingWindowInDays RotationPeriodInDays Tags
AWS::Lambda::Function
    Architectures Code DeadLetterConfig Description Environment EphemeralStorage FunctionName Handler
    KmsKeyArn Layers LoggingConfig MemorySize PackageType ReservedConcurrentExecutions Role Runtime
    SnapStart Tags Timeout TracingConfig
AWS::Lambda::Permission
    Action EventSourceToken FunctionName FunctionUrlAuthType InvokedViaFunctionUrl Principal
    PrincipalOrgID SourceAccount SourceArn
AWS::Logs::LogGroup
    KmsKeyId LogGroupClass LogGroupName ResourcePolicyDocument RetentionInDays Tags
AWS::RDS::DBCluster
    AutoMinorVersionUpgrade AvailabilityZones BackupRetentionPeriod CopyTagsToSnapshot
    DBClusterIdentifier DBClusterParameterGroupName DBSubnetGroupName DatabaseName DeletionProtection
    EnableCloudwatchLogsExports EnableHttpEndpoint Engine EngineMode EngineVersion KmsKeyId
    ManageMasterUserPassword MasterUserPassword MasterUserSecret MasterUsername Port
    PreferredBackupWindow PreferredMaintenanceWindow ServerlessV2ScalingConfiguration StorageEncrypted
    StorageType Tags VpcSecurityGroupIds
AWS::RDS::DBClusterParameterGroup
    DBClusterParameterGroupName Description Family Parameters Tags
AWS::RDS::DBInstance
    AutoMinorVersionUpgrade AvailabilityZone DBClusterIdentifier DBInstanceClass DBInstanceIdentifier
    DBSubnetGroupName Engine EngineVersion PreferredMaintenanceWindow PromotionTier PubliclyAccessible Tags
AWS::RDS::DBSubnetGroup
    DBSubnetGroupDescription DBSubnetGroupName SubnetIds Tags
AWS::S3::Bucket
    BucketEncryption BucketName CorsConfiguration LifecycleConfiguration NotificationConfiguration
    OwnershipControls PublicAccessBlockConfiguration Tags VersioningConfiguration WebsiteConfiguration
AWS::S3::BucketPolicy
    Bucket PolicyDocument
AWS::SNS::Subscription
    DeliveryPolicy Endpoint FilterPolicy FilterPolicyScope Protocol RawMessageDelivery RedrivePolicy
    SubscriptionRoleArn TopicArn
AWS::SNS::Topic
    DisplayName KmsMasterKeyId Subscription Tags TopicName TracingConfig
AWS::SNS::TopicPolicy
    PolicyDocument Topics
AWS::SQS::Queue
    ContentBasedDeduplication DeduplicationScope DelaySeconds FifoQueue FifoThroughputLimit
    KmsDataKeyReusePeriodSeconds KmsMasterKeyId MaximumMessageSize MessageRetentionPeriod QueueName
    ReceiveMessageWaitTimeSeconds RedriveAllowPolicy RedrivePolicy SqsManagedSseEnabled Tags
    VisibilityTimeout
AWS::SQS::QueuePolicy
    PolicyDocument Queues
AWS::Scheduler::Schedule
    Description FlexibleTimeWindow GroupName Name ScheduleExpression State Target
AWS::SecretsManager::Secret
    Description GenerateSecretString KmsKeyId Name SecretString Tags
AWS::SecretsManager::SecretTargetAttachment
    SecretId TargetId TargetType
AWS::StepFunctions::StateMachine
    Definition DefinitionS3Location DefinitionString DefinitionSubstitutions EncryptionConfiguration
    LoggingConfiguration RoleArn StateMachineName StateMachineType Tags TracingConfiguration
"""


def _parse(text: str) -> dict[str, frozenset[str]]:
    """A type starts a line; the indented lines below it hold its properties."""
    found: dict[str, set[str]] = {}
    kind = ""
    for line in text.strip().splitlines():
        if line.startswith(" "):
            found[kind].update(line.split())
        else:
            kind = line
            found[kind] = set()
    return {name: frozenset(properties) for name, properties in found.items()}


PROPERTIES = _parse(_TEXT)
