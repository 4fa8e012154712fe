"""The state machine's CloudFormation resource, and what its placeholders stand for."""

from __future__ import annotations

from typing import Any

from troposphere import GetAtt, Ref, Region, StackName, Sub, stepfunctions

from infra.common import catalog, functions, monitoring, names, partitions, query
from infra.common.states.definition_checks import check_substitutions


def substitutions() -> dict[str, Any]:
    """What the states of `infra.common.states` ask for."""
    return {
        "CheckCrawlerFunction": GetAtt(functions.title("check_crawler"), "Arn"),
        "Console": partitions.console(),
        "CrawlerName": Ref(catalog.CRAWLER),
        "Database": Ref(catalog.DATABASE),
        "Environment": Ref("Environment"),
        "JobLogGroup": Sub(names.JOB_LOG_GROUP_PREFIX),
        "LakeBucket": Ref(names.LAKE_BUCKET),
        "Region": Region,
        "StackName": StackName,
        "StartCrawlerFunction": GetAtt(functions.title("start_crawler"), "Arn"),
        "StateMachineLogGroup": Ref(monitoring.STATE_MACHINE_LOG_GROUP),
        "Topic": Ref(names.TOPIC),
        "WorkGroup": Ref(query.WORK_GROUP),
    }


def _logging() -> stepfunctions.LoggingConfiguration:
    log_group = stepfunctions.CloudWatchLogsLogGroup(
        LogGroupArn=GetAtt(monitoring.STATE_MACHINE_LOG_GROUP, "Arn")
    )
    return stepfunctions.LoggingConfiguration(
        Level="ALL",
        IncludeExecutionData=True,
        Destinations=[stepfunctions.LogDestination(CloudWatchLogsLogGroup=log_group)],
    )


def state_machine(machine: dict[str, Any], values: dict[str, Any]) -> stepfunctions.StateMachine:
    """The machine of a definition; `values` are those of its placeholders that only it has."""
    values = {**substitutions(), **values}
    check_substitutions(machine, values)
    return stepfunctions.StateMachine(
        monitoring.STATE_MACHINE,
        StateMachineName=Sub(names.STATE_MACHINE),
        StateMachineType="STANDARD",
        RoleArn=GetAtt("StateMachineRole", "Arn"),
        Definition=partitions.own_arns(machine),
        DefinitionSubstitutions=values,
        LoggingConfiguration=_logging(),
        TracingConfiguration=stepfunctions.TracingConfiguration(Enabled=True),
    )
