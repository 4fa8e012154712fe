"""The state machine as a whole: validate, find work, run jobs, crawl, verify, end with the outcomes."""

from __future__ import annotations

from typing import Any, cast

from infra.common import step_functions_sdk as sdk
from infra.common.states.announcement import announce_smoke_test
from infra.common.states.building_blocks import jsonata
from infra.common.states.failures import execution_failed, tell_of_failures, whole_execution_failed
from infra.ingestion.states import find_work, job_run, tables
from infra.ingestion.states.validation import complete_input, validate_input

# Every task has a time-out of its own; this one ends what none of them foresaw.
TIMEOUT_SECONDS = 86_400

_FAILED = "$filter($outcomes, function($each) { $each.outcome = 'FAILED' })"
_SENTENCE = "$each.dataset & ' in ' & $each.state & ': ' & $each.error & ': ' & $each.cause"
_WHAT_FAILED = f"$map({_FAILED}, function($each) {{ {_SENTENCE} }})"


def _every_data_set_ingested(failed: Any) -> sdk.Choice:
    """Succeed with the outcomes, or fail with those that failed."""
    choice = sdk.Choice("EveryDataSetIngested", comment="One failed data set fails the execution")
    problem = {"error": "IngestionFailed", "cause": jsonata(f"$join($append([], {_WHAT_FAILED}), '; ')")}
    choice.add_choice(sdk.Condition(jsonata(f"$count({_FAILED}) > 0"), {"problem": problem}), failed)
    return choice


def _ingest(outcomes: Any, failed_as_a_whole: Any) -> Any:
    """From the search for work to the outcomes, leaving out whatever is not needed.

    A table that does not answer without a crawl leads back to the crawl, once.
    """
    needs_crawl = tables.crawl_needed(None, None)
    verify = tables.verify_tables(failed_as_a_whole)
    needs_verification = tables.verify_needed(verify, outcomes)
    needs_crawl.choices[0][1] = tables.crawl_tables(needs_verification)
    needs_crawl.default_choice(needs_verification)
    verify.next(needs_crawl)
    runs = sdk.chain(
        job_run.run_jobs(failed_as_a_whole), job_run.read_run_records(failed_as_a_whole), needs_crawl
    )
    nobody_looked = find_work.every_data_set_failed(outcomes)
    return sdk.chain(find_work.find_work(nobody_looked), find_work.work_found(runs, needs_crawl))


def definition() -> dict[str, Any]:
    """The Amazon States Language definition, with `${Name}` where CloudFormation puts the stack's names."""
    failed = execution_failed()
    failed_as_a_whole = whole_execution_failed(failed)
    outcomes = sdk.chain(
        tables.collect_outcomes(),
        _every_data_set_ingested(tell_of_failures(failed)),
        announce_smoke_test(
            sdk.Succeed("Ingested", output={"outcomes": jsonata("$outcomes")}), failed_as_a_whole
        ),
    )
    states = sdk.chain(
        validate_input(failed_as_a_whole), complete_input(), _ingest(outcomes, failed_as_a_whole)
    )
    graph = sdk.Graph(
        states,
        comment="Ingests data sets: find work, Glue job, crawler, proof by Athena; failures go through SNS",
        query_language="JSONata",
        timeout_seconds=TIMEOUT_SECONDS,
    )
    return cast("dict[str, Any]", graph.to_dict())
