"""Log groups, the rule that watches executions, and the alarms."""

from __future__ import annotations

from typing import Any

from troposphere import GetAtt, Ref, Sub, cloudwatch, events, logs

from infra.common import names, partitions
from infra.common.encryption import key_arn
from infra.common.functions import log_group_title

STATE_MACHINE = "StateMachine"
STATE_MACHINE_LOG_GROUP = "StateMachineLogGroup"
JOB_OUTPUT_LOG_GROUP = "JobOutputLogGroup"
JOB_ERROR_LOG_GROUP = "JobErrorLogGroup"

# How an execution can end other than SUCCEEDED: its status, and the metric that counts it.
UNSUCCESSFUL_STATUSES = ("FAILED", "TIMED_OUT", "ABORTED")
ALARM_METRICS = ("Failed", "TimedOut", "Aborted")


def _log_group(title: str, name: str) -> logs.LogGroup:
    return logs.LogGroup(
        title,
        LogGroupName=Sub(name),
        RetentionInDays=Ref("LogRetentionDays"),
        KmsKeyId=key_arn(),
        DeletionPolicy="Delete",
        UpdateReplacePolicy="Delete",
    )


def log_groups() -> list[logs.LogGroup]:
    """Those of the state machine and of the jobs."""
    return [
        _log_group(STATE_MACHINE_LOG_GROUP, names.STATE_MACHINE_LOG_GROUP),
        _log_group(JOB_OUTPUT_LOG_GROUP, names.JOB_LOG_GROUP_PREFIX + "/output"),
        _log_group(JOB_ERROR_LOG_GROUP, names.JOB_LOG_GROUP_PREFIX + "/error"),
    ]


def function_log_group(folder: str, condition: str | None = None) -> logs.LogGroup:
    group = _log_group(log_group_title(folder), names.function_log_group(folder))
    if condition:
        group.Condition = condition
    return group


def _status_message() -> events.InputTransformer:
    """A sentence for people; EventBridge wants the text itself in quotes."""
    link = (
        "https://${AWS::Region}.${Console}/states/home?region=${AWS::Region}"
        "#/v2/executions/details/<execution>"
    )
    text = f"${{AWS::StackName}}: execution <name> ended with status <status>. It is shown at {link}"
    return events.InputTransformer(
        InputPathsMap={
            "execution": "$.detail.executionArn",
            "name": "$.detail.name",
            "status": "$.detail.status",
        },
        InputTemplate=Sub(f'"{text}"', {"Console": partitions.console()}),
    )


def status_rule(what: str) -> events.Rule:
    """Reports every execution that did not succeed, also one that could not report itself.

    `what` is what is executed, such as `the ingestion`.
    """
    pattern: dict[str, Any] = {
        "source": ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
        "detail": {"stateMachineArn": [Ref(STATE_MACHINE)], "status": list(UNSUCCESSFUL_STATUSES)},
    }
    target = events.Target(
        Id="Topic",
        Arn=Ref(names.TOPIC),
        DeadLetterConfig=events.DeadLetterConfig(Arn=GetAtt(names.UNDELIVERED_QUEUE, "Arn")),
        InputTransformer=_status_message(),
    )
    return events.Rule(
        "StatusRule",
        Name=Sub(names.STATUS_RULE),
        Description=f"Executions of {what} that ended other than SUCCEEDED",
        EventPattern=pattern,
        State="ENABLED",
        Targets=[target],
    )


def alarm(metric: str, what: str) -> cloudwatch.Alarm:
    """An alarm on `Executions<metric>`: Step Functions counts the three endings apart."""
    return cloudwatch.Alarm(
        f"{metric}Alarm",
        AlarmName=Sub(names.alarm_name(metric)),
        AlarmDescription=Sub(f"Too many executions of {what} of ${{AWS::StackName}}: {metric}"),
        Namespace="AWS/States",
        MetricName=f"Executions{metric}",
        Dimensions=[cloudwatch.MetricDimension(Name="StateMachineArn", Value=Ref(STATE_MACHINE))],
        Statistic="Sum",
        Period=Ref("AlarmPeriodSeconds"),
        EvaluationPeriods=1,
        Threshold=Ref("FailedExecutionsThreshold"),
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        TreatMissingData="notBreaching",
        AlarmActions=[Ref(names.TOPIC)],
    )
