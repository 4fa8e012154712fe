"""The state machine's CloudFormation resource, and what its own placeholders stand for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from troposphere import GetAtt, If, Ref, stepfunctions

from infra.common import functions
from infra.common.code_locations import CodeLocations
from infra.common.pipeline import DescribedTable
from infra.common.states import resource
from infra.segmentation import catalog, connection, jobs
from infra.segmentation.functions import FIND_TABLES, PREPARE_DATABASE
from infra.segmentation.parameters import CREATE_CONDITION
from infra.segmentation.states.definition import definition

NO_FUNCTION = "none"  # a database of the user's own is not prepared


def substitutions(code: CodeLocations, tables: Sequence[DescribedTable]) -> dict[str, Any]:
    prepare = GetAtt(functions.title(PREPARE_DATABASE), "Arn")
    parameters = (
        *(
            "DatabaseMode",
            "DatabaseName",
            "GoneCustomers",
            "MaxSegments",
            "MinSegments",
            "Segments",
            "Tables",
        ),
        "TablesPerRun",
    )
    return {
        **{name: Ref(name) for name in parameters},
        "Code": code.library,
        "DatabasePlace": connection.url(),
        "DatabaseCrawlerName": Ref(catalog.CRAWLER),
        "DescribedPlaces": ",".join(f"{one.name}={one.schema}.{one.table}" for one in tables),
        "DescribedTables": ",".join(one.name for one in tables),
        "ExtractJobName": Ref(jobs.EXTRACT),
        "FindTablesFunction": GetAtt(functions.title(FIND_TABLES), "Arn"),
        "JoinJobName": Ref(jobs.JOIN),
        "PrepareDatabaseFunction": If(CREATE_CONDITION, prepare, NO_FUNCTION),
        "SegmentJobName": Ref(jobs.SEGMENT),
        "SourceDatabase": Ref(catalog.DATABASE),
        "WriteBackJobName": Ref(jobs.WRITE_BACK),
    }


def state_machine(code: CodeLocations, tables: Sequence[DescribedTable]) -> stepfunctions.StateMachine:
    return resource.state_machine(definition(), substitutions(code, tables))
