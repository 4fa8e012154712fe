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
AWS::Events::Rule
    Description EventBusName EventPattern Name RoleArn ScheduleExpression State Tags Targets
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
