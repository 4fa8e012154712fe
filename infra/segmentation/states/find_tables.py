"""Crawl the database, and compare what the crawl found with the described tables."""

from __future__ import annotations

from typing import Any

from infra.common import step_functions_sdk as sdk
from infra.common.states.building_blocks import LAMBDA_ERRORS, TIMEOUT, items, jsonata, retry, task, text
from infra.common.states.crawl import Crawler, crawl
from infra.segmentation.parameters import CREATE

# Beyond the functions' own time-outs, so that Lambda is the one to say what took so long.
FIND_TIMEOUT_SECONDS, PREPARE_TIMEOUT_SECONDS = 90, 150
FIND_UNAVAILABLE = "FindTablesUnavailableError"  # raised by the functions when AWS is throttled or down,
PREPARE_UNAVAILABLE = "PrepareDatabaseUnavailableError"  # or the database is waking up
DATABASE = Crawler("DatabaseCrawlerName", "Database")

_CAUSE = (
    "( $closed := $unreadable[place = $lost.place]; $exists($closed) "
    "? 'the role of the jobs may not read ' & $lost.place & ', and only its owner, ' & $closed.owner & "
    "', can grant that: as this role, GRANT SELECT ON ' & $lost.place & ' TO the role of the jobs' "
    ": 'the crawl of the database found no ' & $lost.place & ': bring it back, or remove its description' )"
)
_LOST = (
    f"{{'state': 'FindTables', 'error': 'TableMissing', 'cause': {_CAUSE}, "
    f"'logs': {text('CloudWatch Logs group /aws/lambda/${StackName}-find-tables')}}}"
)
_FOUND = (
    "$map($datasets, function($name) { ( $lost := $states.result.Payload.missing[name = $name]; "
    f"$exists($lost) ? {{'dataset': $name, 'failure': {_LOST}}} : {{'dataset': $name}} ) }})"
)


def _logs(function: str) -> str:
    return text(f"CloudWatch Logs group /aws/lambda/${{StackName}}-{function}")


def _prepare_database(on_failure: Any) -> sdk.Task:
    return task(
        "PrepareDatabase",
        "lambda:invoke",
        {"FunctionName": "${PrepareDatabaseFunction}", "Payload": {}},
        timeout_seconds=PREPARE_TIMEOUT_SECONDS,
        # A paused database wakes up in about 15 seconds, after a long pause in 30 or more.
        retries=[
            retry((*LAMBDA_ERRORS, PREPARE_UNAVAILABLE, TIMEOUT), attempts=8, interval_seconds=5),
        ],
        on_failure=on_failure,
        logs=_logs("prepare-database"),
        assign={"unreadable": jsonata(items("$states.result.Payload.unreadable"))},
        output=jsonata("$states.result.Payload"),
        comment="Make the jobs' role, its rights and the schema of the result, where they are not there",
    )


def _made_here(prepare: sdk.Task, otherwise: Any) -> sdk.Choice:
    choice = sdk.Choice("DatabaseMade", comment="A database of the user's own is prepared by its owner")
    choice.add_choice(sdk.Condition(jsonata(f"'${{DatabaseMode}}' = '{CREATE}'")), prepare)
    choice.default_choice(otherwise)
    return choice


def _find_tables(on_failure: Any) -> sdk.Task:
    """`dataSets` has each table, with a `failure` if it is missing: the others are in the `jobRuns`."""
    return task(
        "FindTables",
        "lambda:invoke",
        {
            "FunctionName": "${FindTablesFunction}",
            "Payload": {
                "tables": jsonata("$datasets"),
                "described": jsonata("$split('${DescribedPlaces}', ',')"),
                "tables_per_run": jsonata("$number('${TablesPerRun}')"),
                "catalog": "${SourceDatabase}",
                "database": "${DatabaseName}",
            },
        },
        timeout_seconds=FIND_TIMEOUT_SECONDS,
        retries=[retry((*LAMBDA_ERRORS, FIND_UNAVAILABLE, TIMEOUT), attempts=4)],
        on_failure=on_failure,
        logs=_logs("find-tables"),
        assign={
            "dataSets": jsonata(items(_FOUND)),
            "jobRuns": jsonata("$states.result.Payload.job_runs"),
            "undescribed": jsonata("$states.result.Payload.undescribed"),
        },
        comment="What is described and was not found has failed; what was found and is not described is said",
    )


def _tables_found(extract: Any, otherwise: Any) -> sdk.Choice:
    choice = sdk.Choice("TablesFound", comment="Nothing to read: no job run")
    choice.add_choice(sdk.Condition(jsonata("$count($jobRuns) > 0")), extract)
    choice.default_choice(otherwise)
    return choice


def find_tables(extract: Any, nothing_found: Any, on_failure: Any) -> Any:
    """From the database as it is to what is extracted."""
    states = crawl(on_failure, DATABASE)
    states.append(_find_tables(on_failure))
    states.append(_tables_found(extract, nothing_found))
    prepare = _prepare_database(on_failure)
    prepare.next(states)
    return _made_here(prepare, states)
