"""Crawl if the catalog would change, verify what changed, and say how each data set went."""

from __future__ import annotations

from typing import Any

from infra.common import step_functions_sdk as sdk
from infra.common.states.building_blocks import catch, items, jsonata, text
from infra.common.states.crawl import crawl
from infra.common.states.verification import verification
from infra.ingestion.states.job_run import COUNTS

VERIFIED_AT_A_TIME = 5

_WHOLE_LOGS = text("CloudWatch Logs group ${StateMachineLogGroup}")
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
    done = {"crawl_needed": False, "verify_needed": False, "status": "LOADED"}
    verified = sdk.Pass(
        "TableVerified",
        comment="The table answers with the rows of this run",
        output={**item, "run": jsonata(f"$merge([$run, {_json(done)}])")},
    )
    return sdk.chain(begin, verification(crawl_first, failed), verified)


def _json(values: dict[str, Any]) -> str:
    written = {False: "false", True: "true"}
    return "{" + ", ".join(f"'{key}': {written.get(v, repr(v))}" for key, v in values.items()) + "}"


def verify_tables(failed_as_a_whole: Any) -> sdk.Map:
    """A table that does not answer ends inside the Map: what is caught here is a fault of the Map itself."""
    state_id = "VerifyTables"
    replaced = "$done[dataset = $one.dataset]"
    merged = f"$map($dataSets, function($one) {{ $exists({replaced}) ? {replaced} : $one }})"
    tables = sdk.Map(
        state_id,
        comment="Only a table that answers with the right rows is published",
        items=jsonata(items(_TO_VERIFY)),
        max_concurrency=VERIFIED_AT_A_TIME,
        assign={"dataSets": jsonata(f"( $done := $states.result; [{merged}] )")},
        catch=[catch(state_id, failed_as_a_whole, "problem", _WHOLE_LOGS)],
    )
    tables.attach_iterator(_verify_table())
    return tables


def collect_outcomes() -> sdk.Pass:
    """A name, a pointer and counts for each data set, in the order in which they were asked for."""
    counts = ", ".join(f"'{count}': $one.run.{count}" for count in COUNTS)
    good = f"'outcome': $one.run.status, 'run_record': $one.run.record, {counts}"
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
