"""Crawl if the catalog would change, and verify what changed.

`$dataSets` has an object for each data set, or table: its name as `dataset`, and `run`, which is what its run
record says, or `failure`, or neither. A machine may crawl and verify several times: `prefix` is how the names
of the states begin.
"""

from __future__ import annotations

from typing import Any

from infra.common import step_functions_sdk as sdk
from infra.common.states.building_blocks import for_each, items, jsonata
from infra.common.states.crawl import Crawler, crawl
from infra.common.states.verification import verification

VERIFIED_AT_A_TIME = 5

_TO_VERIFY = "$dataSets[run.verify_needed]"


def _crawl_needed(prefix: str, crawl_states: Any, otherwise: Any) -> sdk.Choice:
    """One crawl for all data sets whose tables the Data Catalog does not know as they are."""
    choice = sdk.Choice(
        f"{prefix}CrawlNeeded", comment="The catalog as it was, and verified before: no crawl"
    )
    choice.add_choice(
        sdk.Condition(
            jsonata("$count($dataSets[run.crawl_needed]) > 0"), {"crawled": jsonata("true"), "polls": 0}
        ),
        crawl_states,
    )
    choice.default_choice(otherwise)
    return choice


def _crawl_tables(prefix: str, verify: Any) -> Any:
    """A crawl that fails fails the data sets that need it; the others are verified all the same."""
    failed = sdk.Pass(
        f"{prefix}CrawlFailed",
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
    states = crawl(failed, Crawler(prefix=prefix))
    states.append(verify)
    return states


def _verify_needed(prefix: str, verify_tables: Any, otherwise: Any) -> sdk.Choice:
    choice = sdk.Choice(
        f"{prefix}VerifyNeeded", comment="Nothing changed and all was verified before: no query"
    )
    choice.add_choice(sdk.Condition(jsonata(f"$count({_TO_VERIFY}) > 0")), verify_tables)
    choice.default_choice(otherwise)
    return choice


def _verify_table(prefix: str) -> Any:
    """One data set: count its rows with Athena, mark its revision as published."""
    item = {"dataset": jsonata("$dataset")}
    begin = sdk.Pass(
        f"{prefix}BeginVerification",
        comment="Its input is the item of the Map",
        assign={"dataset": jsonata("$states.input.dataset"), "run": jsonata("$states.input.run")},
    )
    failed = sdk.Pass(
        f"{prefix}TableNotVerified",
        comment="Not published: the next execution crawls and verifies it again",
        output={**item, "failure": jsonata("$failure")},
    )
    crawl_first = sdk.Pass(
        f"{prefix}TableDisagrees",
        comment="It was not crawled: perhaps the catalog is not what the last crawl made it",
        output={**item, "run": jsonata("$merge([$run, {'crawl_needed': true}])")},
    )
    status = "$run.status = 'NOTHING_NEW' ? 'LOADED' : $run.status"
    done = f"{{'crawl_needed': false, 'verify_needed': false, 'status': {status}}}"
    verified = sdk.Pass(
        f"{prefix}TableVerified",
        comment="The table answers with the rows of this run",
        output={**item, "run": jsonata(f"$merge([$run, {done}])")},
    )
    return sdk.chain(begin, verification(prefix, crawl_first, failed), verified)


def _verify_tables(prefix: str, failed_as_a_whole: Any) -> sdk.Map:
    """Each table by itself; what becomes of it takes the place of what was known of it."""
    replaced = "$done[dataset = $one.dataset]"
    merged = f"$map($dataSets, function($one) {{ $exists({replaced}) ? {replaced} : $one }})"
    return for_each(
        f"{prefix}VerifyTables",
        "Only a table that answers with the right rows is published",
        _TO_VERIFY,
        _verify_table(prefix),
        at_a_time=VERIFIED_AT_A_TIME,
        assign={"dataSets": jsonata(f"( $done := $states.result; [{merged}] )")},
        on_fault=failed_as_a_whole,
    )


def prove_tables(prefix: str, outcomes: Any, failed_as_a_whole: Any) -> Any:
    """Crawl and verify, leaving out whatever is not needed; then `outcomes`.

    A table that does not answer without a crawl leads back to the crawl, once. Uses `$runId` and `$crawled`,
    which is false before it.
    """
    needs_crawl = _crawl_needed(prefix, None, None)
    verify = _verify_tables(prefix, failed_as_a_whole)
    needs_verification = _verify_needed(prefix, verify, outcomes)
    needs_crawl.choices[0][1] = _crawl_tables(prefix, needs_verification)
    needs_crawl.default_choice(needs_verification)
    verify.next(needs_crawl)
    return needs_crawl
