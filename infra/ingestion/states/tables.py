"""Crawl if the catalog would change, verify what changed, and say how each data set went."""

from __future__ import annotations

from typing import Any

from infra.common import step_functions_sdk as sdk
from infra.common.states.building_blocks import for_each, items, jsonata
from infra.common.states.crawl import crawl
from infra.common.states.verification import verification
from infra.ingestion.states.job_run import COUNTS

VERIFIED_AT_A_TIME = 5

_TO_VERIFY = "$dataSets[run.verify_needed]"


def crawl_needed(crawl_states: Any, otherwise: Any) -> sdk.Choice:
    """One crawl for all data sets whose tables the Data Catalog does not know as they are."""
    choice = sdk.Choice("CrawlNeeded", comment="The catalog as it was, and verified before: no crawl")
    choice.add_choice(
        sdk.Condition(
            jsonata("$count($dataSets[run.crawl_needed]) > 0"), {"crawled": jsonata("true"), "polls": 0}
        ),
        crawl_states,
    )
    choice.default_choice(otherwise)
    return choice


def crawl_tables(verify: Any) -> Any:
    """A crawl that fails fails the data sets that need it; the others are verified all the same."""
    failed = sdk.Pass(
        "CrawlFailed",
        comment="Those that needed the crawl have failed; the next execution crawls again",
        assign={
            "dataSets": jsonata(
                items(
                    "$map($dataSets, function($one) { $one.run.crawl_needed "
                    "? {'dataset': $one.dataset, 'failure': $failure} : $one })"
                )
            )
        },
    )
    failed.next(verify)
    states = crawl(failed)
    states.append(verify)
    return states


def verify_needed(verify_tables: Any, otherwise: Any) -> sdk.Choice:
    choice = sdk.Choice("VerifyNeeded", comment="Nothing changed and all was verified before: no query")
    choice.add_choice(sdk.Condition(jsonata(f"$count({_TO_VERIFY}) > 0")), verify_tables)
    choice.default_choice(otherwise)
    return choice


def _verify_table() -> Any:
    """One data set: count its rows with Athena, mark its revision as published."""
    item = {"dataset": jsonata("$dataset")}
    begin = sdk.Pass(
        "BeginVerification",
        comment="Its input is the item of the Map",
        assign={"dataset": jsonata("$states.input.dataset"), "run": jsonata("$states.input.run")},
    )
    failed = sdk.Pass(
        "TableNotVerified",
        comment="Not published: the next execution crawls and verifies it again",
        output={**item, "failure": jsonata("$failure")},
    )
    crawl_first = sdk.Pass(
        "TableDisagrees",
        comment="It was not crawled: perhaps the catalog is not what the last crawl made it",
        output={**item, "run": jsonata("$merge([$run, {'crawl_needed': true}])")},
    )
    done = "{'crawl_needed': false, 'verify_needed': false, 'status': 'LOADED'}"
    verified = sdk.Pass(
        "TableVerified",
        comment="The table answers with the rows of this run",
        output={**item, "run": jsonata(f"$merge([$run, {done}])")},
    )
    return sdk.chain(begin, verification(crawl_first, failed), verified)


def verify_tables(failed_as_a_whole: Any) -> sdk.Map:
    """Each table by itself; what becomes of it takes the place of what was known of it."""
    replaced = "$done[dataset = $one.dataset]"
    merged = f"$map($dataSets, function($one) {{ $exists({replaced}) ? {replaced} : $one }})"
    return for_each(
        "VerifyTables",
        "Only a table that answers with the right rows is published",
        _TO_VERIFY,
        _verify_table(),
        at_a_time=VERIFIED_AT_A_TIME,
        assign={"dataSets": jsonata(f"( $done := $states.result; [{merged}] )")},
        on_fault=failed_as_a_whole,
    )


def _findings() -> str:
    """A data set's findings; JSONata. A job run that failed after all its work was done is said, too."""
    mine = "$jobRuns[$exists(failure) and $one.dataset in datasets]"
    others = "$filter($mine.datasets, function($name) { $name in $failed })"
    said = "'its job run failed after the work: ' & $replace($mine.failure.cause, '; ', ', ')"
    return (
        f"( $failed := $append([], $dataSets[$exists(failure)].dataset); $mine := {mine}; "
        f"$exists($mine) and $count({others}) = 0 "
        f"? $join($filter([$one.run.findings, {said}], function($text) {{ $text != '' }}), '; ') "
        ": $one.run.findings )"
    )


def collect_outcomes() -> sdk.Pass:
    """A name, a pointer and counts for each data set, in the order in which they were asked for."""
    counts = ", ".join(f"'{count}': $one.run.{count}" for count in COUNTS if count != "findings")
    good = f"'outcome': $one.run.status, 'run_record': $one.run.record, {counts}, 'findings': {_findings()}"
    fields = ", ".join(f"'{field}': $one.failure.{field}" for field in ("state", "error", "cause"))
    of_one = (
        f"$exists($one.failure) ? {{'dataset': $one.dataset, 'outcome': 'FAILED', {fields}}} "
        f": {{'dataset': $one.dataset, {good}}}"
    )
    outcomes = jsonata(items(f"$map($dataSets, function($one) {{ {of_one} }})"))
    return sdk.Pass(
        "CollectOutcomes",
        comment="A failed data set has the state, the error and the cause",
        output={"outcomes": outcomes},
        assign={"outcomes": outcomes},
    )
