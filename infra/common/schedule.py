"""The rule that starts executions."""

from __future__ import annotations

from troposphere import GetAtt, Ref, Sub, events

from infra.common import names
from infra.common.monitoring import STATE_MACHINE


def schedule_rule(description: str) -> events.Rule:
    """Starts an execution with an empty input: everything, incrementally."""
    target = events.Target(
        Id="StateMachine",
        Arn=Ref(STATE_MACHINE),
        RoleArn=GetAtt("ScheduleRole", "Arn"),
        Input="{}",
        DeadLetterConfig=events.DeadLetterConfig(Arn=GetAtt(names.UNDELIVERED_QUEUE, "Arn")),
        RetryPolicy=events.RetryPolicy(MaximumEventAgeInSeconds=3600, MaximumRetryAttempts=10),
    )
    return events.Rule(
        "ScheduleRule",
        Name=Sub(names.SCHEDULE_RULE),
        Description=description,
        ScheduleExpression=Ref("ScheduleExpression"),
        State=Ref("ScheduleState"),
        Targets=[target],
    )
