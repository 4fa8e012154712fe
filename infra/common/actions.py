"""IAM actions by what they are for: lists that roles, their boundary and the bootstrap's roles share."""

from __future__ import annotations

# S3. Athena and Spark's S3A upload in parts, and look for parts that were left behind.
WRITE_OBJECTS = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"]
LIST_BUCKET = ["s3:GetBucketLocation", "s3:ListBucket"]
LIST_UPLOADS = "s3:ListBucketMultipartUploads"

# Glue's catalog, crawlers and jobs.
READ_CATALOG = ["glue:GetDatabase", "glue:GetPartition", "glue:GetPartitions", "glue:GetTable"]
WRITE_CATALOG = [
    "glue:BatchCreatePartition",
    "glue:BatchGetPartition",
    "glue:BatchUpdatePartition",
    "glue:CreatePartition",
    "glue:CreateTable",
    "glue:GetTables",
    "glue:UpdatePartition",
    "glue:UpdateTable",
]
CRAWL = ["glue:GetCrawler", "glue:StartCrawler"]
RUN_JOB = ["glue:BatchStopJobRun", "glue:GetJobRun", "glue:GetJobRuns", "glue:StartJobRun"]

# Athena.
ASK = ["athena:GetQueryExecution", "athena:GetQueryResults", "athena:StartQueryExecution"]
QUERY = [*ASK, "athena:StopQueryExecution"]
READ_DATA_CATALOG = ["athena:GetDataCatalog"]

# Keys.
USE_KEY = ["kms:Decrypt", "kms:GenerateDataKey*"]
MANAGE_KEY = [
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateKeyDescription",
]
ALIAS = ["kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"]

# How Glue places a network interface into the subnet of a connection, and what it tags that with.
DESCRIBE_NETWORK = [
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeRouteTables",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcEndpoints",
]
DESCRIBE_VPC = "ec2:DescribeVpcAttribute"  # the only one of these for which AWS has a resource
PLACE_INTERFACE = ["ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface"]
TAG_INTERFACE = ["ec2:CreateTags", "ec2:DeleteTags"]
TAG_OF_GLUE = "aws-glue-service-resource"

# Logs, and what Step Functions does for its own: AWS has no resources for these.
WRITE_LOGS = ["logs:CreateLogStream", "logs:PutLogEvents"]
CREATE_AND_WRITE_LOGS = ["logs:CreateLogGroup", *WRITE_LOGS]
DELIVER_LOGS = [
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
]
TELL_LINEAGE = ["datazone:PostLineageEvent"]
TRACE = [
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
]
