"""The function that records each execution as a row of the table `runs` and tells when a bound is crossed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from troposphere import (
    AWSObject,
    Equals,
    GetAtt,
    If,
    Not,
    Or,
    Parameter,
    Ref,
    StackName,
    Sub,
    Template,
    events,
    iam,
)

from infra.common import dashboard, functions, monitoring, names, roles
from infra.common.code_locations import CodeLocations
from infra.common.encryption import key_statement
from infra.common.parameters import Group, number
from infra.common.policies import Statement, allow, trust

FOLDER = "watch"
FUNCTION = functions.title(FOLDER)
RULE_ROLE = "WatchRuleRole"
SETTINGS = functions.Settings("Records executions that ended; tells when a bound is crossed", 120)
CONDITION = "WatchByTheHour"
ENDINGS = ("SUCCEEDED", *monitoring.UNSUCCESSFUL_STATUSES)
# Bounds that time alone may cross; the others change with an execution.
OF_TIME = ("StaleAfterHours", "MissedScheduleHours", "MonthlyBudgetDollars")


def parameters() -> Group:
    """The bounds; each is off by default."""
    price = Parameter(
        "DpuHourDollars",
        Type="Number",
        Description="Price in dollars of a DPU-hour of AWS Glue in the stack's region, for the budget and "
        "for the cost in the table runs.",
        Default=0.44,
        MinValue=0,
        ConstraintDescription="must be a price in dollars",
    )
    return "Which bounds are watched", [
        number(
            "StaleAfterHours",
            "Hours after which a data set that no execution brought up to date raises an alarm; 0 for none.",
            0,
            0,
            8760,
        ),
        number(
            "MaxQuarantinedPercent",
            "Percent of a data set's rows that an execution may reject without an alarm; 100 for none.",
            100,
            0,
            100,
        ),
        number(
            "MissedScheduleHours",
            "Hours without a start after which a schedule that is on raises an alarm; 0 for none.",
            0,
            0,
            8760,
        ),
        number(
            "MonthlyBudgetDollars",
            "Dollars that the month's job runs and crawls may cost without an alarm; 0 for none.",
            0,
            0,
            1_000_000,
        ),
        price,
    ]


def add_conditions(template: Template) -> None:
    template.add_condition(dashboard.CONDITION, dashboard.condition())
    template.add_condition(CONDITION, _condition())


def _condition() -> Any:
    """The dashboard shows, too, how time goes by."""
    return Or(*(Not(Equals(Ref(title), "0")) for title in OF_TIME), dashboard.condition())


def resources(
    code: CodeLocations, jobs: Sequence[str], crawlers: Sequence[str], asked: Any, described: Iterable[str]
) -> list[AWSObject]:
    """`jobs`, `crawlers`: names; `asked`: the parameter of what an execution takes, `*` for `described`."""
    environment = {
        "LAKE": Ref(names.LAKE_BUCKET),
        "STACK": StackName,
        "TOPIC": Ref(names.TOPIC),
        "JOBS": Sub(",".join(jobs)),
        "CRAWLERS": Sub(",".join(crawlers)),
        "ASKED": asked,
        "DESCRIBED": ",".join(described),
        "SCHEDULE_STATE": Ref("ScheduleState"),
        "STALE_AFTER_HOURS": Ref("StaleAfterHours"),
        "MAX_QUARANTINED_PERCENT": Ref("MaxQuarantinedPercent"),
        "MISSED_SCHEDULE_HOURS": Ref("MissedScheduleHours"),
        "MONTHLY_BUDGET_DOLLARS": Ref("MonthlyBudgetDollars"),
        "DPU_HOUR_DOLLARS": Ref("DpuHourDollars"),
        "PUBLISH_METRICS": Ref(dashboard.PARAMETER),
    }
    return [
        functions.function(FOLDER, SETTINGS, code, environment),
        monitoring.function_log_group(FOLDER),
        roles.function_role(FOLDER, *_allowed(jobs, crawlers)),
        _rule_role(),
        _ended_rule(),
        _hour_rule(),
        dashboard.dashboard(names.function_name(FOLDER)),
    ]


def _allowed(jobs: Sequence[str], crawlers: Sequence[str]) -> list[Statement]:
    own = [names.objects_arn(prefix) for prefix in (names.EXECUTIONS_PREFIX, names.WATCH_PREFIX)]
    return [
        allow("ListLake", ["s3:ListBucket"], names.bucket_arn()),
        allow("ReadRunRecords", ["s3:GetObject"], names.objects_arn(names.RUNS_PREFIX)),
        allow("WriteRecords", ["s3:GetObject", "s3:PutObject"], own),
        allow("ReadJobRuns", ["glue:GetJobRuns"], [names.arn("glue", f"job/{job}") for job in jobs]),
        allow("ReadCrawls", ["glue:ListCrawls"], [names.arn("glue", f"crawler/{one}") for one in crawlers]),
        allow("Notify", ["sns:Publish"], Ref(names.TOPIC)),
        key_statement(),
    ]


def _rule_role() -> iam.Role:
    rules = [names.arn("events", f"rule/{rule}") for rule in names.WATCH_RULES]
    return roles.role(
        RULE_ROLE,
        "The rules that call the function watch",
        trust("events.amazonaws.com", rules),
        roles.invoke(FOLDER),
    )


def _target() -> events.Target:
    return events.Target(
        Id="Watch",
        Arn=GetAtt(FUNCTION, "Arn"),
        RoleArn=GetAtt(RULE_ROLE, "Arn"),
        DeadLetterConfig=events.DeadLetterConfig(Arn=GetAtt(names.UNDELIVERED_QUEUE, "Arn")),
    )


def _ended_rule() -> events.Rule:
    """Also what an execution that was stopped cannot say itself."""
    pattern = {
        "source": ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
        "detail": {"stateMachineArn": [Ref(monitoring.STATE_MACHINE)], "status": list(ENDINGS)},
    }
    return events.Rule(
        "EndedRule",
        Name=Sub(names.ENDED_RULE),
        Description="Has each execution recorded that ended",
        EventPattern=pattern,
        State="ENABLED",
        Targets=[_target()],
    )


def _hour_rule() -> events.Rule:
    return events.Rule(
        "HourRule",
        Name=Sub(names.HOUR_RULE),
        Description="Has the bounds and the freshness looked at that time alone changes",
        ScheduleExpression="rate(1 hour)",
        State=If(CONDITION, "ENABLED", "DISABLED"),
        Targets=[_target()],
    )
