"""The state machine's CloudFormation resource, and what its placeholders stand for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from troposphere import GetAtt, Ref, Region, StackName, Sub, stepfunctions

from infra.common import functions, monitoring, names, partitions, query
from infra.common.pipeline import DescribedDataSet
from infra.common.states.definition_checks import check_substitutions
from infra.ingestion import catalog, job
from infra.ingestion.states.definition import definition


def substitutions(described: Sequence[DescribedDataSet]) -> dict[str, Any]:
    return {
        "CheckCrawlerFunction": GetAtt(functions.title("check_crawler"), "Arn"),
        "Console": partitions.console(),
        "CrawlerName": Ref(catalog.CRAWLER),
        "DataSets": Ref("DataSets"),
        "DescribedDataSets": ",".join(data_set.name for data_set in described),
        "Database": Ref(catalog.DATABASE),
        "Environment": Ref("Environment"),
        "FindWorkFunction": GetAtt(functions.title("find_work"), "Arn"),
        "JobLogGroup": Sub(names.JOB_LOG_GROUP_PREFIX),
        "JobName": Ref(job.JOB),
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


def state_machine(described: Sequence[DescribedDataSet]) -> stepfunctions.StateMachine:
    machine, values = definition(), substitutions(described)
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
