"""The Lambda functions of the segmentation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from troposphere import Ref, awslambda, logs

from infra.common import functions, monitoring
from infra.common.code_locations import CodeLocations
from infra.common.pipeline import DescribedTable
from infra.segmentation import database, jobs
from infra.segmentation.parameters import CREATE_CONDITION

FIND_TABLES, PREPARE_DATABASE = "find_tables", "prepare_database"
FUNCTIONS = {
    **functions.CRAWL,
    FIND_TABLES: functions.Settings("Says which described tables the crawl of the database has found"),
    # It waits for a database that wakes up, and runs a statement for each schema.
    PREPARE_DATABASE: functions.Settings("Makes the role of the jobs in the database, and their schema", 120),
}


def _environment(folder: str, tables: Sequence[DescribedTable]) -> dict[str, Any]:
    if folder != PREPARE_DATABASE:
        return {}
    return {
        "CLUSTER_ARN": database.cluster_arn(),
        "MASTER_SECRET_ARN": database.master_secret(),
        "JOBS_SECRET_ARN": Ref(database.JOBS_SECRET),
        "DATABASE": Ref("DatabaseName"),
        "SCHEMAS": Ref("DatabaseSchemas"),
        "RESULT_SCHEMA": jobs.RESULT_SCHEMA,
        "SEES_TRANSACTIONS": "true" if any(one.follows_cursor for one in tables) else "false",
    }


def _condition(folder: str) -> str | None:
    return CREATE_CONDITION if folder == PREPARE_DATABASE else None


def all_functions(code: CodeLocations, tables: Sequence[DescribedTable]) -> list[awslambda.Function]:
    return [
        functions.function(folder, settings, code, _environment(folder, tables), _condition(folder))
        for folder, settings in FUNCTIONS.items()
    ]


def log_groups() -> list[logs.LogGroup]:
    return [monitoring.function_log_group(folder, _condition(folder)) for folder in FUNCTIONS]
