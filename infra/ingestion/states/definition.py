"""The state machine as a whole: validate, ingest each data set, end with the outcomes."""

from __future__ import annotations

from typing import Any, cast

from infra.common import step_functions_sdk as sdk
from infra.common.states.announcement import announce_smoke_test
from infra.common.states.building_blocks import catch, jsonata, text
from infra.common.states.crawl import crawl
from infra.common.states.failures import data_set_failed, execution_failed, whole_execution_failed
from infra.common.states.verification import verification
from infra.ingestion.states.job_run import begin_data_set, crawl_needed, outcome, read_run_record, run_job
from infra.ingestion.states.validation import complete_input, validate_input

# Every task has a time-out of its own; this one ends what none of them foresaw.
TIMEOUT_SECONDS = 86_400
# One data set's job runs while the crawl of another is waited for.
MAX_CONCURRENCY = 2

_FAILED = "$filter($outcomes, function($each) { $each.outcome = 'FAILED' })"
_SENTENCE = "$each.dataset & ' in ' & $each.state & ': ' & $each.error & ': ' & $each.cause"
_WHAT_FAILED = f"$map({_FAILED}, function($each) {{ {_SENTENCE} }})"


def _data_set() -> Any:
    """One data set: run the job, crawl what it wrote, count the rows."""
    failed = data_set_failed()
    return sdk.chain(
        begin_data_set(),
        run_job(failed),
        read_run_record(failed),
        crawl_needed(),
        crawl(failed),
        verification(failed),
        outcome("Loaded", "LOADED", "The table answers with the rows of this run"),
    )


def _ingest_data_sets(failed: Any) -> sdk.Map:
    """A failing data set ends inside the Map: what is caught here is a fault of the Map or an expression."""
    state_id = "IngestDataSets"
    logs = text("CloudWatch Logs group ${StateMachineLogGroup}")
    ingest = sdk.Map(
        state_id,
        comment="Each data set by itself: one that fails does not stop the others",
        items=jsonata("$datasets"),
        max_concurrency=MAX_CONCURRENCY,
        assign={"outcomes": jsonata("$states.result")},
        catch=[catch(state_id, failed, "problem", logs)],
    )
    ingest.attach_iterator(_data_set())
    return ingest


def _every_data_set_ingested(failed: Any) -> sdk.Choice:
    """Succeed with the outcomes, or fail with those that failed."""
    choice = sdk.Choice("EveryDataSetIngested", comment="One failed data set fails the execution")
    problem = {"error": "IngestionFailed", "cause": jsonata(f"$join($append([], {_WHAT_FAILED}), '; ')")}
    choice.add_choice(sdk.Condition(jsonata(f"$count({_FAILED}) > 0"), {"problem": problem}), failed)
    return choice


def definition() -> dict[str, Any]:
    """The Amazon States Language definition, with `${Name}` where CloudFormation puts the stack's names."""
    failed = execution_failed()
    failed_as_a_whole = whole_execution_failed(failed)
    states = sdk.chain(
        validate_input(failed_as_a_whole),
        complete_input(),
        _ingest_data_sets(failed_as_a_whole),
        _every_data_set_ingested(failed),
        announce_smoke_test(
            sdk.Succeed("Ingested", output={"outcomes": jsonata("$outcomes")}), failed_as_a_whole
        ),
    )
    graph = sdk.Graph(
        states,
        comment="Ingests data sets: Glue job, crawler, proof by Athena; failures are told through SNS",
        query_language="JSONata",
        timeout_seconds=TIMEOUT_SECONDS,
    )
    return cast("dict[str, Any]", graph.to_dict())
