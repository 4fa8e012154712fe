"""What differs between environments of the ingestion: its parameters, and what is refused together."""

from __future__ import annotations

from troposphere import Parameter, Template

from infra.common import dashboard, datazone, quicksight, watch
from infra.common import parameters as common
from infra.common.parameters import Group, environment, number, text


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


def groups() -> list[Group]:
    """The parameters, in the groups and order in which the CloudFormation console asks for them."""
    return [
        _source(),
        common.glue_job("The Glue job", _sharing()),
        common.schedule(),
        common.notification(),
        watch.parameters(),
        dashboard.parameters(quicksight.parameter()),
        datazone.parameters(),
        common.retention(),
        common.protection(),
        common.deployment(),
    ]


def add_parameters(template: Template) -> None:
    """Add the parameters, their groups, the conditions that they switch and the combinations refused."""
    common.add_parameters(template, groups())
