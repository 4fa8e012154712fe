"""Names and ARNs of the stack's resources, all derived from the name of the stack.

Roles name what they may touch by these ARNs instead of by `Fn::GetAtt`, so a role and the resource that
uses it do not depend on each other in a circle.
"""

from __future__ import annotations

from troposphere import AccountId, Join, Region, Split, StackName, Sub

# CloudFormation keeps the first 24 characters of a stack's name in the names it makes, and roles are known
# by such names; `artifacts` and `bootstrap` would cover buckets and roles of other stacks, `pr` those of pull
# requests.
ENVIRONMENT_LENGTH = 13
ENVIRONMENT_PATTERN = "^(?!(?:artifacts|bootstrap|pr)(?:-|$))[a-z][a-z0-9]*(-[a-z0-9]+)*$"
ENVIRONMENT_RULE = (
    f"must be 2 to {ENVIRONMENT_LENGTH} lower-case letters, digits, single hyphens, first a letter; "
    "not artifacts, bootstrap or pr"
)

# An attribute of messages: people's subscription leaves those of a smoke test out.
PURPOSE_ATTRIBUTE = "purpose"
SMOKE_TEST = "smoke-test"

LAKE_BUCKET = "LakeBucket"
KEY = "Key"
TOPIC = "Topic"
UNDELIVERED_QUEUE = "UndeliveredQueue"

CLEAN_PREFIX = "clean/"
QUARANTINE_PREFIX = "quarantine/"
STATE_PREFIX = "state/"
RUNS_PREFIX = "runs/"
ATHENA_PREFIX = "athena/"
ARCHIVE_PREFIX = "archive/"
LINEAGE_PREFIX = "lineage/"  # events of OpenLineage
EXECUTIONS_PREFIX = "executions/"  # the rows of the table `runs`
WATCH_PREFIX = "watch/"
REFUSED_PREFIX = "refused/"  # the rejected rows of runs that had too many of them
JOB_PREFIXES = (CLEAN_PREFIX, QUARANTINE_PREFIX, REFUSED_PREFIX, STATE_PREFIX, RUNS_PREFIX, ARCHIVE_PREFIX)
TABLE_PREFIXES = (CLEAN_PREFIX, QUARANTINE_PREFIX)  # what the crawler crawls

JOB = "${AWS::StackName}-ingest"
CRAWLER = "${AWS::StackName}-crawler"
STATE_MACHINE = "${AWS::StackName}-ingestion"
WORK_GROUP = "${AWS::StackName}"
TOPIC_NAME = "${AWS::StackName}-notifications"
QUEUE_NAME = "${AWS::StackName}-undelivered"
SCHEDULE_RULE = "${AWS::StackName}-schedule"
STATUS_RULE = "${AWS::StackName}-execution-status"
ENDED_RULE = "${AWS::StackName}-ended"
HOUR_RULE = "${AWS::StackName}-hour"
WATCH_RULES = (ENDED_RULE, HOUR_RULE)
DASHBOARD = "${AWS::StackName}-${AWS::Region}"  # an account has one of a name for all of its regions
ARTIFACT_BUCKET = "covid-lake-artifacts-${AWS::AccountId}-${AWS::Region}"
# The part of the artifact bucket that is the stack's own: no other stack's roles write or read there.
ARTIFACTS = f"{ARTIFACT_BUCKET}/${{AWS::StackName}}"

JOB_LOG_GROUP_PREFIX = "/aws-glue/jobs/${AWS::StackName}"
# Glue names these after no stack, so every stack of the account shares them and none may own them.
SHARED_JOB_LOG_GROUPS = ("/aws-glue/jobs/output", "/aws-glue/jobs/error")
CRAWLER_LOG_GROUP = "/aws-glue/crawlers"
STATE_MACHINE_LOG_GROUP = "/aws/vendedlogs/states/${AWS::StackName}-ingestion"


def function_name(folder: str) -> str:
    """`start_crawler`, the folder of a Lambda function -> `${AWS::StackName}-start-crawler`."""
    return "${AWS::StackName}-" + folder.replace("_", "-")


def function_log_group(folder: str) -> str:
    return f"/aws/lambda/{function_name(folder)}"


def database() -> Join:
    """The Glue database: SQL wants underscores where a stack's name has hyphens."""
    return Join("_", Split("-", StackName))


def arn(service: str, resource: str) -> Sub:
    """The ARN of a resource of this account and region, such as `arn("glue", "job/NAME")`."""
    return Sub(f"arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{resource}")


def alarm_name(metric: str) -> str:
    """`TimedOut`, from the metric ExecutionsTimedOut -> `${AWS::StackName}-executions-timedout`."""
    return "${AWS::StackName}-executions-" + metric.lower()


def database_arn(end: str = "") -> Join:
    """The Glue database, or another one of the stack by the end of its name."""
    return _catalog_arn("database/", database(), *filter(None, [end]))


def tables_arn(end: str = "") -> Join:
    """Every table of the database and nothing else: the crawler makes them, but for `runs`."""
    return _catalog_arn("table/", database(), f"{end}/*")


def _catalog_arn(kind: str, *resource: object) -> Join:
    prefix = ["arn:", Sub("${AWS::Partition}"), ":glue:", Region, ":", AccountId, ":", kind]
    return Join("", [*prefix, *resource])


def bucket_arn() -> Sub:
    return Sub(f"${{{LAKE_BUCKET}.Arn}}")


def objects_arn(prefix: str) -> Sub:
    """The objects of the lake bucket under a prefix that ends in a slash."""
    return Sub(f"${{{LAKE_BUCKET}.Arn}}/{prefix}*")


def log_group_arns(group: str) -> list[Sub]:
    """A log group, and with `:*` behind it what concerns its streams."""
    return [arn("logs", f"log-group:{group}{end}") for end in ("", ":*")]
