"""What differs between environments of the ingestion: its parameters, and what is refused together."""

from __future__ import annotations

from typing import Any

from troposphere import Equals, Parameter, Ref, Template

from infra.common import parameters as common
from infra.common.parameters import Group, choice, environment, number, text

MAX_TIMEOUT_MINUTES = 480

METRICS_CONDITION = "MeasureJob"


def _source() -> Group:
    bucket = text(
        "SourceBucket",
        "Bucket that the ingestion reads; covid19-lake is AWS's public data lake for COVID-19.",
        "covid19-lake",
        AllowedPattern="^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
        ConstraintDescription="must be the name of a bucket, without s3:// and without a prefix",
    )
    # The state machine's history holds 25,000 events and a data set may take 400: hence 50 of them at most.
    data_sets = text(
        "DataSets",
        "Data sets that an execution ingests when its input names none: * for all described ones, or names "
        "from jobs/datasets, comma separated without spaces, at most 50.",
        "*",
        AllowedPattern="^(\\*|[a-z][a-z0-9_]{0,63}(,[a-z][a-z0-9_]{0,63}){0,49})$",
        ConstraintDescription="must be * or 1 to 50 names of data sets, comma separated without spaces",
    )
    areas = text(
        "Areas",
        "Countries or areas to keep, by name or code, comma separated, such as England,W92000004; * for all.",
        "*",
        AllowedPattern="^(\\*|[^*,]+(,[^*,]+)*)$",
        MaxLength=2000,
        ConstraintDescription="must be * or names and codes of areas, comma separated",
    )
    return "What is ingested", [environment(), bucket, data_sets, areas]


def _sharing() -> list[Parameter]:
    """How data sets share runs of the job."""
    return [
        number(
            "JobRunMegabytes",
            "Megabytes of new objects that data sets may have together to share a job run; one that has more "
            "runs alone.",
            1000,
            1,
            1_000_000,
        ),
        number("JobRunDataSets", "Data sets that may share a job run.", 20, 1, 50),
        number(
            "MaxConcurrentJobRuns",
            "Job runs that may go at a time, of one execution and of all; no two work on the same data set.",
            2,
            1,
            50,
        ),
    ]


def _job() -> Group:
    return "The Glue job", [
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
        *_sharing(),
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


def groups() -> list[Group]:
    """The parameters, in the groups and order in which the CloudFormation console asks for them."""
    return [
        _source(),
        _job(),
        common.schedule(),
        common.notification(),
        common.retention(),
        common.protection(),
        common.deployment(),
    ]


def _rules() -> dict[str, Any]:
    """AWS Glue offers FLEX for the two smallest worker types only."""
    assertion = {
        "Assert": {"Fn::Contains": [["G.1X", "G.2X"], {"Ref": "GlueWorkerType"}]},
        "AssertDescription": "ExecutionClass FLEX needs GlueWorkerType G.1X or G.2X",
    }
    flex = {"Fn::Equals": [{"Ref": "ExecutionClass"}, "FLEX"]}
    return {"FlexWorkerType": {"RuleCondition": flex, "Assertions": [assertion]}}


def add_parameters(template: Template) -> None:
    """Add the parameters, their groups, the conditions that they switch and the combinations refused."""
    common.add_parameters(template, groups())
    template.add_condition(METRICS_CONDITION, Equals(Ref("JobMetrics"), "true"))
    for title, rule in _rules().items():
        template.add_rule(title, rule)
