"""The state machine's CloudFormation resource, and what its own placeholders stand for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from troposphere import GetAtt, Ref, stepfunctions

from infra.common import functions
from infra.common.pipeline import DescribedDataSet
from infra.common.states import resource
from infra.ingestion import job
from infra.ingestion.states.definition import definition


def substitutions(described: Sequence[DescribedDataSet]) -> dict[str, Any]:
    return {
        "DataSets": Ref("DataSets"),
        "DescribedDataSets": ",".join(data_set.name for data_set in described),
        "FindWorkFunction": GetAtt(functions.title("find_work"), "Arn"),
        "JobName": Ref(job.JOB),
    }


def state_machine(described: Sequence[DescribedDataSet]) -> stepfunctions.StateMachine:
    return resource.state_machine(definition(), substitutions(described))
