"""The state machine as a whole: validate, ingest each data set, end with the outcomes."""

from __future__ import annotations

from typing import Any, cast

from infra.common import step_functions_sdk as sdk
from infra.common.states.building_blocks import catch, jsonata, text
from infra.common.states.crawl import crawl
from infra.common.states.failures import execution_failed, notify_data_set_failed, notify_execution_failed
from infra.ingestion.states.job_run import begin_data_set, crawl_needed, read_run_record, run_job
from infra.ingestion.states.validation import validate_input
from infra.ingestion.states.verification import verification

# Every task has a time-out of its own; this one ends what none of them foresaw.
TIMEOUT_SECONDS = 86_400
# One data set's job runs while the crawl of another is waited for.
MAX_CONCURRENCY = 2

_FAILED = "$filter($outcomes, function($each) { $each.outcome = 'FAILED' })"
_SENTENCE = "$each.dataset & ' in ' & $each.state & ': ' & $each.error & ': ' & $each.cause"
_WHAT_FAILED = f"$map({_FAILED}, function($each) {{ {_SENTENCE} }})"


def _data_set() -> sdk.Pass:
    """The states of one data set, from its last to its first."""
    on_failure = notify_data_set_failed()
    start_crawler = crawl(verification(on_failure), on_failure)
    record = read_run_record(crawl_needed(start_crawler), on_failure)
    return begin_data_set(run_job(record, on_failure))


def _finish(failed: sdk.Fail) -> sdk.Choice:
    """Succeed with the outcomes, or fail with those that failed."""
    choice = sdk.Choice("EveryDataSetIngested", comment="One failed data set fails the execution")
    problem = {"error": "IngestionFailed", "cause": jsonata(f"$join($append([], {_WHAT_FAILED}), '; ')")}
    choice.add_choice(sdk.Condition(jsonata(f"$count({_FAILED}) > 0"), {"problem": problem}), failed)
    choice.default_choice(sdk.Succeed("Ingested", output={"outcomes": jsonata("$outcomes")}))
    return choice


def _ingest_data_sets(failed: sdk.Fail, on_failure: sdk.Task) -> sdk.Map:
    """A failing data set ends inside the Map: what is caught here is a fault of the Map or an expression."""
    state_id = "IngestDataSets"
    logs = text("CloudWatch Logs group ${StateMachineLogGroup}")
    ingest = sdk.Map(
        state_id,
        comment="Each data set by itself: one that fails does not stop the others",
        items=jsonata("$datasets"),
        max_concurrency=MAX_CONCURRENCY,
        assign={"outcomes": jsonata("$states.result")},
        catch=[catch(state_id, on_failure, "problem", logs)],
    )
    ingest.attach_iterator(_data_set())
    ingest.next(_finish(failed))
    return ingest


def definition() -> dict[str, Any]:
    """The Amazon States Language definition, with `${Name}` where CloudFormation puts the stack's names."""
    failed = execution_failed()
    on_failure = notify_execution_failed(failed)
    graph = sdk.Graph(
        validate_input(on_failure, _ingest_data_sets(failed, on_failure)),
        comment="Ingests data sets: Glue job, crawler, proof by Athena; failures are told through SNS",
        query_language="JSONata",
        timeout_seconds=TIMEOUT_SECONDS,
    )
    return cast("dict[str, Any]", graph.to_dict())
