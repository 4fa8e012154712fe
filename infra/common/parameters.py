"""The parameters that every pipeline shares, and the conditions that they switch.

A pipeline gives `add_parameters` its own groups together with these, in the order in which the console asks
for them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from troposphere import Equals, Not, Parameter, Ref, Template

from infra.common.names import ENVIRONMENT_LENGTH

LOG_RETENTION_DAYS = [
    1,
    3,
    5,
    7,
    14,
    30,
    60,
    90,
    120,
    150,
    180,
    365,
    400,
    545,
    731,
    1096,
    1827,
    2192,
    2557,
    3653,
]

MAX_TIMEOUT_MINUTES = 480

METRICS_CONDITION = "MeasureJob"
KEY_CONDITION = "EncryptWithKey"
EMAIL_CONDITION = "NotifyByEmail"
BOUNDARY_CONDITION = "BoundRoles"
BUNDLE_CONDITION = "DeployedFromBundle"
PREVIEW_CONDITION = "OfPullRequest"

# What `covidlake deploy` sets itself; no parameter file may. Outputs alone refer to them: as tags, or in a
# property, they would update a resource with each commit.
BUNDLE_DIGEST = "BundleDigest"
BUNDLE_COMMIT = "BundleCommit"

Group = tuple[str, list[Parameter]]


def text(title: str, description: str, default: str, **constraints: Any) -> Parameter:
    return Parameter(title, Type="String", Description=description, Default=default, **constraints)


def number(title: str, description: str, default: int, minimum: int, maximum: int) -> Parameter:
    return Parameter(
        title,
        Type="Number",
        Description=f"{description} From {minimum} to {maximum}.",
        Default=default,
        MinValue=minimum,
        MaxValue=maximum,
        ConstraintDescription=f"must be a whole number from {minimum} to {maximum}",
    )


def choice(title: str, description: str, default: str, *values: str) -> Parameter:
    return text(
        title,
        description,
        default,
        AllowedValues=list(values),
        ConstraintDescription="must be one of " + ", ".join(values),
    )


def environment() -> Parameter:
    return Parameter(
        "Environment",
        Type="String",
        Description="The environment, as in environments/<name>.yaml; its stack is covid-lake-<name>.",
        AllowedPattern="^[a-z][a-z0-9]*(-[a-z0-9]+)*$",
        MinLength=2,
        MaxLength=ENVIRONMENT_LENGTH,
        ConstraintDescription=f"must be 2 to {ENVIRONMENT_LENGTH} lower-case letters, digits and single "
        "hyphens, first a letter",
    )


def glue_job(label: str, sharing: Iterable[Parameter]) -> Group:
    """What differs between environments of a Glue job; `sharing` is how work is parted among its runs."""
    return label, [
        choice(
            "GlueWorkerType",
            "Worker type of the Glue job: G.1X is 4 vCPUs and 16 GB of memory.",
            "G.1X",
            *("G.1X", "G.2X", "G.4X", "G.8X"),
        ),
        number("GlueNumberOfWorkers", "Workers of the Glue job, the driver included.", 2, 2, 50),
        number(
            "GlueTimeoutMinutes",
            "Minutes after which a run of the Glue job is stopped.",
            30,
            1,
            MAX_TIMEOUT_MINUTES,
        ),
        *sharing,
        choice(
            "ExecutionClass",
            "STANDARD starts at once; FLEX costs about a third less, may start later and may lose workers.",
            "STANDARD",
            *("STANDARD", "FLEX"),
        ),
        choice(
            "JobMetrics",
            "true has each run send metrics of its own to CloudWatch, which bills them as custom metrics: "
            "they can cost more than a short run does.",
            "false",
            *("true", "false"),
        ),
    ]


def flex_rule() -> dict[str, Any]:
    """AWS Glue offers FLEX for the two smallest worker types only."""
    assertion = {
        "Assert": {"Fn::Contains": [["G.1X", "G.2X"], {"Ref": "GlueWorkerType"}]},
        "AssertDescription": "ExecutionClass FLEX needs GlueWorkerType G.1X or G.2X",
    }
    flex = {"Fn::Equals": [{"Ref": "ExecutionClass"}, "FLEX"]}
    return {"FlexWorkerType": {"RuleCondition": flex, "Assertions": [assertion]}}


def schedule() -> Group:
    expression = text(
        "ScheduleExpression",
        "When the schedule starts the ingestion, in UTC: an EventBridge rate() or cron() expression.",
        "cron(15 4 * * ? *)",
        AllowedPattern="^(rate\\(.+\\)|cron\\(.+\\))$",
        ConstraintDescription="must be rate(...) or cron(...)",
    )
    state = choice(
        "ScheduleState",
        "ENABLED starts the ingestion by the schedule; DISABLED leaves it to people and other systems.",
        "DISABLED",
        *("ENABLED", "DISABLED"),
    )
    return "When it runs", [state, expression]


def notification() -> Group:
    email = text(
        "NotificationEmail",
        "Address that failures are sent to; it has to confirm the subscription. Empty for none.",
        "",
        AllowedPattern="^$|^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$",
        ConstraintDescription="must be an e-mail address or empty",
    )
    return "Who is told, and when", [
        email,
        number(
            "FailedExecutionsThreshold",
            "Executions that fail, time out or are stopped in a period before the alarm of each goes off.",
            1,
            1,
            1000,
        ),
        # CloudWatch wants a multiple of 60 and at most a day.
        Parameter(
            "AlarmPeriodSeconds",
            Type="Number",
            Description="Length in seconds of the period that the alarms look at.",
            Default=300,
            AllowedValues=[60, 300, 900, 3600, 21600, 86400],
            ConstraintDescription="must be 60, 300, 900, 3600, 21600 or 86400",
        ),
    ]


def retention() -> Group:
    logs = Parameter(
        "LogRetentionDays",
        Type="Number",
        Description="Days that CloudWatch Logs keeps the logs.",
        Default=30,
        AllowedValues=LOG_RETENTION_DAYS,
        ConstraintDescription="must be one of the retentions of CloudWatch Logs: 1, 3, 5, 7, 14, 30, ...",
    )
    return "What is kept, and for how long", [
        logs,
        number("AthenaResultRetentionDays", "Days that results of Athena queries are kept.", 7, 1, 365),
        number(
            "NoncurrentVersionRetentionDays",
            "Days that overwritten and deleted objects of the lake can be brought back.",
            30,
            1,
            3650,
        ),
    ]


def permissions_boundary() -> Parameter:
    """A name, not an ARN: it is the same in every account. Every pipeline that makes roles has it."""
    return text(
        "PermissionsBoundary",
        "Name of a managed policy of the account that bounds what every role may do. Empty: the one that "
        "`covidlake bootstrap` made for the environment, or none when there is none.",
        "",
        AllowedPattern="^[A-Za-z0-9+=,.@_-]{0,128}$",
        ConstraintDescription="must be the name of a managed policy, not its ARN, or empty",
    )


def protection() -> Group:
    return "Encryption, permissions and cost", [
        choice(
            "Encryption",
            "SSE-S3 encrypts with keys of AWS; SSE-KMS with a key of this stack, rotated each year and kept.",
            "SSE-S3",
            *("SSE-S3", "SSE-KMS"),
        ),
        # 10,000,000 is the smallest limit that Athena accepts.
        Parameter(
            "AthenaScanLimitBytes",
            Type="Number",
            Description="Bytes that one Athena query may scan before it is cancelled, at least 10000000.",
            Default=10_000_000_000,
            MinValue=10_000_000,
            ConstraintDescription="must be at least 10000000",
        ),
        permissions_boundary(),
    ]


def deployment() -> Group:
    """What history and rollback know a deployed bundle by: every pipeline has it."""
    digest = text(
        BUNDLE_DIGEST,
        "Digest of the bundle that is deployed; covidlake deploy sets it, parameter files do not.",
        "",
        AllowedPattern="^([0-9a-f]{64})?$",
        ConstraintDescription="must be a sha256 in lower-case hexadecimal digits or empty",
    )
    commit = text(
        BUNDLE_COMMIT,
        "Commit that the bundle was packaged from; covidlake deploy sets it, parameter files do not.",
        "",
        AllowedPattern="^[ -~]{0,80}$",
        ConstraintDescription="must be the name of a commit or empty",
    )
    return "Set by covidlake deploy", [digest, commit]


def _interface(parameter_groups: list[Group]) -> dict[str, Any]:
    return {
        "ParameterGroups": [
            {"Label": {"default": label}, "Parameters": [parameter.title for parameter in members]}
            for label, members in parameter_groups
        ]
    }


def add_parameters(template: Template, groups: list[Group]) -> None:
    """Add the groups of parameters, and the conditions and rules of all pipelines that they switch."""
    for _, members in groups:
        for parameter in members:
            template.add_parameter(parameter)
    template.set_metadata({"AWS::CloudFormation::Interface": _interface(groups)})
    given = {parameter.title for _, members in groups for parameter in members}
    for name, (needed, condition) in _conditions().items():
        if needed <= given:
            template.add_condition(name, condition)
    if "ExecutionClass" in given:
        for title, rule in flex_rule().items():
            template.add_rule(title, rule)


def _conditions() -> dict[str, tuple[set[str], Any]]:
    """By name: the parameters that a template with the condition has, and the condition."""
    boundary = "PermissionsBoundary"
    return {
        KEY_CONDITION: ({"Encryption"}, Equals(Ref("Encryption"), "SSE-KMS")),
        EMAIL_CONDITION: ({"NotificationEmail"}, Not(Equals(Ref("NotificationEmail"), ""))),
        METRICS_CONDITION: ({"JobMetrics"}, Equals(Ref("JobMetrics"), "true")),
        BUNDLE_CONDITION: ({BUNDLE_DIGEST}, Not(Equals(Ref(BUNDLE_DIGEST), ""))),
        BOUNDARY_CONDITION: ({boundary}, Not(Equals(Ref(boundary), ""))),
        # What `covidlake bootstrap preview` made for the stacks of all pull requests; the key asks for it.
        PREVIEW_CONDITION: (
            {boundary, "Encryption"},
            Equals(Ref(boundary), "covid-lake-preview-boundary"),
        ),
    }
