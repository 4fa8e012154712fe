"""Who needs what a policy allows, with the page that says so; `test_statements.py` holds it both ways.

The roles of CloudFormation and of drift follow from `handlers.tsv`; those of the CLI from the calls that
`tests/e2e/test_calls.py` records.
"""

from __future__ import annotations

from dataclasses import dataclass

_DOCS = "https://docs.aws.amazon.com/"


@dataclass(frozen=True)
class Need:
    """`who` does `actions` as the role, or by the policy, whose logical id is `holder`."""

    holder: str
    actions: frozenset[str]
    who: str
    source: str


def _need(holder: str, actions: str, who: str, source: str) -> Need:
    """`source` is a file of the repository, or a page below AWS's documentation."""
    return Need(holder, frozenset(actions.split()), who, source if source.endswith(".py") else _DOCS + source)


_GLUE = "glue/latest/dg/create-service-policy.html"
_CATALOG = "glue/latest/dg/aws-glue-api-crawler-crawling.html"
_ATHENA_S3 = "athena/latest/ug/s3-permissions.html"
_ATHENA_GLUE = "athena/latest/ug/fine-grained-access-to-glue-resources.html"
_S3_KMS = "AmazonS3/latest/userguide/UsingKMSEncryption.html"
_STATES = "step-functions/latest/dg/"
_FUNCTION_LOG = "logs:CreateLogStream logs:PutLogEvents"
_LOGS_AS_FUNCTION = (
    "Lambda writes the function's log as the function",
    "lambda/latest/dg/monitoring-cloudwatchlogs.html",
)
_GLUE_NETWORK = "aws-managed-policy/latest/reference/AWSGlueServiceRole.html"


def _reaching_a_database(holder: str) -> list[Need]:
    return [
        _need(
            holder,
            "ec2:DescribeNetworkInterfaces ec2:DescribeRouteTables ec2:DescribeSecurityGroups "
            "ec2:DescribeSubnets ec2:DescribeVpcAttribute ec2:DescribeVpcEndpoints "
            "ec2:CreateNetworkInterface ec2:DeleteNetworkInterface ec2:CreateTags ec2:DeleteTags",
            "Glue places an interface into the subnet of the connection, and tags it, as who runs",
            _GLUE_NETWORK,
        ),
        _need(holder, "glue:GetConnection", "Glue and the job itself read the connection", _GLUE),
        _need(
            holder,
            "secretsmanager:GetSecretValue",
            "Glue and the job itself read the secret that the connection names",
            "glue/latest/dg/connection-properties-secrets-manager.html",
        ),
    ]


NEEDS = [
    _need(
        "*JobRole",
        "s3:ListBucket s3:GetObject s3:PutObject s3:DeleteObject",
        "the job's own calls: list, read, write, copy and delete objects",
        "jobs/ingestion/state/storage.py",
    ),
    _need("*JobRole", "s3:GetBucketLocation", "Glue and Spark's S3A find a bucket's region", _GLUE),
    _need(
        "*JobRole",
        "s3:AbortMultipartUpload s3:ListBucketMultipartUploads s3:ListMultipartUploadParts",
        "Spark's S3A uploads in parts",
        "AmazonS3/latest/userguide/mpuoverview.html",
    ),
    _need(
        "*JobRole",
        "logs:CreateLogGroup logs:CreateLogStream logs:PutLogEvents",
        "Glue writes the job's logs as the job",
        _GLUE,
    ),
    _need("*JobRole", "cloudwatch:PutMetricData", "Glue writes the job's metrics as the job", _GLUE),
    _need(
        "*JobRole", "kms:Decrypt kms:GenerateDataKey*", "S3 encrypts the lake's objects for the job", _S3_KMS
    ),
    _need(
        "*JobRole",
        "datazone:PostLineageEvent",
        "sends its events on lineage to the domain, where one is given",
        "jobs/ingestion/state/datazone.py",
    ),
    _need("*JobRole", "glue:GetJobRun", "its own call", "jobs/ingestion/state/job_runs.py"),
    *(
        need
        for holder in ("ExtractJobRole", "WriteBackJobRole", "DatabaseCrawlerRole")
        for need in _reaching_a_database(holder)
    ),
    _need("CrawlerRole", "s3:GetBucketLocation s3:ListBucket s3:GetObject", "reads tables", _GLUE),
    _need(
        "*CrawlerRole",
        "glue:GetDatabase glue:GetTable glue:GetTables glue:CreateTable glue:UpdateTable glue:GetPartition "
        "glue:GetPartitions glue:BatchGetPartition glue:CreatePartition glue:BatchCreatePartition "
        "glue:UpdatePartition glue:BatchUpdatePartition",
        "the crawler keeps tables and partitions of the catalog",
        _CATALOG,
    ),
    _need(
        "*CrawlerRole",
        "logs:CreateLogGroup logs:CreateLogStream logs:PutLogEvents",
        "Glue writes the crawler's log as the crawler",
        _GLUE,
    ),
    _need("CrawlerRole", "kms:Decrypt kms:GenerateDataKey*", "S3 decrypts tables for it", _S3_KMS),
    _need("StartCrawlerFunctionRole", "glue:GetCrawler glue:StartCrawler", "its own calls", _CATALOG),
    _need("CheckCrawlerFunctionRole", "glue:GetCrawler", "its own call", _CATALOG),
    _need(
        "FindWorkFunctionRole",
        "s3:ListBucket s3:GetObject glue:GetTables",
        "its own calls",
        "lambdas/find_work/handler.py",
    ),
    _need("FindWorkFunctionRole", "kms:Decrypt kms:GenerateDataKey*", "S3 decrypts ledgers for it", _S3_KMS),
    _need("FindTablesFunctionRole", "glue:GetTables", "its own call", "lambdas/find_tables/handler.py"),
    _need(
        "PrepareDatabaseRole",
        "rds-data:ExecuteStatement secretsmanager:GetSecretValue",
        "its own calls; the Data API reads the secret of the master as the one who asks",
        "AmazonRDS/latest/AuroraUserGuide/data-api.access.html",
    ),
    _need("PrepareDatabaseRole", _FUNCTION_LOG, *_LOGS_AS_FUNCTION),
    _need("*FunctionRole", _FUNCTION_LOG, *_LOGS_AS_FUNCTION),
    _need(
        "StateMachineRole",
        "glue:GetDatabase glue:GetTable glue:GetPartition glue:GetPartitions glue:BatchGetPartition "
        "athena:GetDataCatalog",
        "Athena reads the catalog as the one who asks",
        _ATHENA_GLUE,
    ),
    _need(
        "StateMachineRole",
        "s3:GetBucketLocation s3:ListBucket s3:ListBucketMultipartUploads s3:GetObject s3:PutObject "
        "s3:AbortMultipartUpload s3:ListMultipartUploadParts",
        "Athena reads tables and writes results as the one who asks",
        _ATHENA_S3,
    ),
    _need(
        "StateMachineRole",
        "logs:CreateLogDelivery logs:DeleteLogDelivery logs:DescribeLogGroups logs:DescribeResourcePolicies "
        "logs:GetLogDelivery logs:ListLogDeliveries logs:PutResourcePolicy logs:UpdateLogDelivery",
        "Step Functions delivers the executions' log",
        _STATES + "cw-logs.html",
    ),
    _need(
        "StateMachineRole",
        "xray:GetSamplingRules xray:GetSamplingTargets xray:PutTelemetryRecords xray:PutTraceSegments",
        "Step Functions traces executions",
        _STATES + "xray-iam.html",
    ),
    _need(
        "StateMachineRole",
        "kms:Decrypt kms:GenerateDataKey*",
        "S3 and SNS encrypt results and messages for the state machine",
        "sns/latest/dg/sns-key-management.html",
    ),
    _need(
        "ScheduleRole",
        "states:StartExecution",
        "EventBridge starts the execution",
        "eventbridge/latest/userguide/eb-use-identity-based.html",
    ),
    _need(
        "WatchFunctionRole",
        "s3:ListBucket s3:GetObject s3:PutObject glue:GetJobRuns glue:ListCrawls sns:Publish",
        "its own calls",
        "lambdas/watch/handler.py",
    ),
    _need(
        "WatchFunctionRole",
        "kms:Decrypt kms:GenerateDataKey*",
        "S3 and SNS encrypt records and messages for it",
        "sns/latest/dg/sns-key-management.html",
    ),
    _need(
        "WatchRuleRole",
        "lambda:InvokeFunction",
        "EventBridge calls the function as the role of the rule's target",
        "eventbridge/latest/userguide/eb-use-resource-based.html",
    ),
    _need(
        "CloudFormationRole",
        "s3:GetObject",
        "CloudFormation reads the code of functions",
        "lambda/latest/api/API_CreateFunction.html",
    ),
    _need(
        "CloudFormationRole",
        "kms:DescribeKey",
        "RDS looks at aws/secretsmanager for the secret of a master, as the one who makes the cluster",
        "AmazonRDS/latest/AuroraUserGuide/rds-secrets-manager.html",
    ),
    _need(
        "Key",
        "kms:*",
        "the account's policies decide on the key, as by default",
        "kms/latest/developerguide/key-policy-default.html",
    ),
    _need(
        "Key",
        "kms:CreateAlias kms:DeleteAlias kms:DescribeKey kms:DisableKey kms:DisableKeyRotation kms:EnableKey "
        "kms:EnableKeyRotation kms:GetKeyPolicy kms:GetKeyRotationStatus kms:ListResourceTags "
        "kms:PutKeyPolicy kms:ScheduleKeyDeletion kms:TagResource kms:UntagResource kms:UpdateAlias "
        "kms:UpdateKeyDescription",
        "the handlers of keys and aliases, before tags and aliases count",
        "kms/latest/developerguide/abac.html",
    ),
    _need(
        "Key",
        "kms:Decrypt kms:GenerateDataKey*",
        "rules and alarms publish to the encrypted topic; log delivery hands on the executions' log",
        "sns/latest/dg/sns-key-management.html",
    ),
    _need(
        "Key",
        "kms:Encrypt kms:Decrypt kms:ReEncrypt* kms:GenerateDataKey* kms:DescribeKey",
        "CloudWatch Logs encrypts the log groups",
        "AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html",
    ),
    _need(
        "TopicPolicy",
        "sns:Publish",
        "rules and alarms publish without a role",
        "eventbridge/latest/userguide/eb-use-resource-based.html",
    ),
    _need(
        "UndeliveredQueuePolicy",
        "sqs:SendMessage",
        "the topic and the rules leave what they could not deliver",
        "sns/latest/dg/sns-configure-dead-letter-queue.html",
    ),
]

# By the resource of a Task: what the state machine's role needs for it.
INTEGRATIONS = {
    "glue:startJobRun.sync": (
        "glue:StartJobRun glue:GetJobRun glue:GetJobRuns glue:BatchStopJobRun",
        _DOCS + _STATES + "connect-glue.html",
    ),
    "lambda:invoke": ("lambda:InvokeFunction", _DOCS + _STATES + "connect-lambda.html"),
    "athena:startQueryExecution.sync": (
        "athena:StartQueryExecution athena:GetQueryExecution athena:StopQueryExecution",
        _DOCS + _STATES + "connect-athena.html",
    ),
    "athena:getQueryResults": ("athena:GetQueryResults", _DOCS + _STATES + "connect-athena.html"),
    "aws-sdk:s3:getObject": ("s3:GetObject", _DOCS + _STATES + "supported-services-awssdk.html"),
    "aws-sdk:s3:putObject": ("s3:PutObject", _DOCS + _STATES + "supported-services-awssdk.html"),
    "sns:publish": ("sns:Publish", _DOCS + _STATES + "connect-sns.html"),
}

# Who may take on a role: the resources, or GitHub's jobs, that do.
TRUSTED = {
    "glue.amazonaws.com": "Glue runs the jobs and the crawlers",
    "lambda.amazonaws.com": "Lambda runs the functions",
    "states.amazonaws.com": "Step Functions runs the executions",
    "events.amazonaws.com": "EventBridge starts the execution of the schedule, and calls the function watch",
    "cloudformation.amazonaws.com": "CloudFormation makes what is in the main template",
    "token.actions.githubusercontent.com": "the repository's workflows plan, deploy, run and look",
}

DENIED = {
    "PassNothing": "a pull request's role gives no role to anybody, whatever policy it may ever get",
    "ChangeNoStack": "plans, operations and drift never change a stack, whatever policy they may ever get",
    "KeepActions": "CloudWatch acts as itself: an alarm stops no instance and uses no foreign topic",
    "KeepBoundary": "a role of the stack never loses its boundary",
    "KeepPolicy": "the boundary is changed by who may bootstrap",
    "KeepRoles": "the roles of the bootstrap are changed by who may bootstrap",
    "KeepTargets": "a topic takes what any rule of the account sends: no rule of the stack aims at another's",
    "WriteOnce": "what a deployment is made from is never overwritten",
    "DenyInsecureTransport": "nothing is read or written over plain HTTP",
}

# By statement, action and condition key that the reference does not give the action.
KEYLESS = {
    (
        "CreateKey",
        "kms:CreateKey",
        "kms:ResourceAliases",
    ): "a new key has no alias, and ForAllValues holds",
    ("Logs", "kms:DescribeKey", "kms:EncryptionContext:aws:logs:arn"): "as CloudWatch Logs documents it: "
    f"{_DOCS}AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html",
}

# Actions that are written with `*` although the reference gives them resources.
EVERYWHERE = {
    "kms:TagResource": "CreateKey asks for it before the key has an ARN; only with the environment's tags",
    "cloudwatch:PutMetricData": "Glue documents it with *; limited to the namespace Glue",
}
