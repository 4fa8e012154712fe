"""The proof: Athena counts the rows that the job says each table holds."""

from __future__ import annotations

from typing import Any

from infra.common import step_functions_sdk as sdk
from infra.common.names import STATE_PREFIX
from infra.common.states.building_blocks import (
    ATHENA_ERRORS,
    S3_ERRORS,
    TIMEOUT,
    failure,
    jsonata,
    retry,
    task,
    text,
)

QUERY_TIMEOUT_SECONDS = 600
READ_TIMEOUT_SECONDS = 30

# Of the data set's tables together.
_PUBLISHED = "$sum($append([], $map($keys($run.tables), function($name) { $lookup($run.tables, $name) })))"
_LOGS = text("the history of the Athena workgroup ${WorkGroup}")


def _verify_table(prefix: str, on_failure: Any) -> sdk.Task:
    """The names of the tables come from the run record, which only the job can write."""
    count = (
        "'SELECT count(*) AS table_rows, ' & $string($lookup($run.tables, $name)) & ' AS published FROM \"' "
        "& $name & '\"'"
    )
    # A table without a row is not in the catalog: where no table has one, there is nothing else to count.
    none = "'SELECT 0 AS table_rows, 0 AS published'"
    counts = f"$append($map($append([], $keys($run.tables)), function($name) {{ {count} }}), {none})"
    sums = "sum(table_rows) AS table_rows, sum(CASE WHEN table_rows = published THEN 0 ELSE 1 END) AS wrong"
    query = " & ".join(["'SELECT'", f"' {sums} '", "'FROM ('", f"$join({counts}, ' UNION ALL ')", "')'"])
    return task(
        f"{prefix}VerifyTable",
        "athena:startQueryExecution.sync",
        {
            "QueryString": jsonata(query),
            "QueryExecutionContext": {"Database": "${Database}"},
            "WorkGroup": "${WorkGroup}",
        },
        timeout_seconds=QUERY_TIMEOUT_SECONDS,
        retries=[retry((*ATHENA_ERRORS, TIMEOUT))],
        on_failure=on_failure,
        logs=_LOGS,
        assign={"queryExecutionId": jsonata("$states.result.QueryExecution.QueryExecutionId")},
    )


def _read_verification(prefix: str, on_failure: Any) -> sdk.Task:
    """The first row of a result holds the names of the columns."""
    count, wrong = (
        f"$number($states.result.ResultSet.Rows[1].Data[{number}].VarCharValue)" for number in range(2)
    )
    return task(
        f"{prefix}ReadVerification",
        "athena:getQueryResults",
        {"QueryExecutionId": jsonata("$queryExecutionId"), "MaxResults": 2},
        timeout_seconds=READ_TIMEOUT_SECONDS,
        retries=[retry((*ATHENA_ERRORS, TIMEOUT))],
        on_failure=on_failure,
        logs=_LOGS,
        assign={"rowsFound": jsonata(count), "tablesWrong": jsonata(wrong)},
    )


def _mark_published(prefix: str, on_failure: Any) -> sdk.Task:
    """What the next run compares its table with: a revision that is not marked is crawled again."""
    return task(
        f"{prefix}MarkPublished",
        "aws-sdk:s3:putObject",
        {
            "Bucket": "${LakeBucket}",
            "Key": jsonata(f"'{STATE_PREFIX}' & $dataset & '/published.json'"),
            "ContentType": "application/json",
            "Body": {
                "revision": jsonata("$run.revision"),
                "catalog": jsonata("$run.catalog"),
                "run_id": jsonata("$runId"),
                "table_rows": jsonata("$run.table_rows"),
            },
        },
        timeout_seconds=READ_TIMEOUT_SECONDS,
        retries=[retry((*S3_ERRORS, TIMEOUT))],
        on_failure=on_failure,
        logs=text("the objects under s3://${LakeBucket}/" + STATE_PREFIX),
    )


def _rows_match(prefix: str, disagrees: Any, on_failure: Any) -> sdk.Choice:
    """A table that was not crawled in this execution may only lack the crawl: that is tried once."""
    cause = (
        "'Athena counts ' & $string($rowsFound) & ' rows in ' & $join($append([], $keys($run.tables)), ', ') "
        f"& ', the job published ' & $string({_PUBLISHED}) & '; ' & $string($tablesWrong) & ' of the tables "
        "differ: compare the partitions in the catalog with the objects in S3'"
    )
    mismatch = failure(f"{prefix}RowsMatch", "'VerificationFailed'", cause, _LOGS)
    choice = sdk.Choice(
        f"{prefix}RowsMatch", comment="Only a table that answers with the right rows is published"
    )
    choice.go_on_when(sdk.Condition(jsonata("$tablesWrong = 0")))
    choice.add_choice(sdk.Condition(jsonata("$crawled"), {"failure": mismatch}), on_failure)
    choice.default_choice(disagrees)
    return choice


def verification(prefix: str, crawl_first: Any, on_failure: Any) -> Any:
    """Prove a table, and mark its revision as published.

    `prefix` is how the names of the states begin, `crawl_first` where a table goes that does not answer as it
    should and was not crawled. Uses `$dataset`, `$run`, `$runId` and `$crawled`.
    """
    return sdk.chain(
        _verify_table(prefix, on_failure),
        _read_verification(prefix, on_failure),
        _rows_match(prefix, crawl_first, on_failure),
        _mark_published(prefix, on_failure),
    )
