"""The state machine as a whole: validate, find work, run jobs, crawl, verify, end with the outcomes."""

from __future__ import annotations

from typing import Any, cast

from infra.common import step_functions_sdk as sdk
from infra.common.states.announcement import announce_smoke_test
from infra.common.states.building_blocks import jsonata
from infra.common.states.failures import execution_failed, tell_of_failures, whole_execution_failed
from infra.common.states.outcomes import collect_outcomes, every_data_set
from infra.common.states.tables import prove_tables
from infra.common.states.validation import validate_input
from infra.ingestion.states import find_work, job_run
from infra.ingestion.states.validation import complete_input, problems

# Every task has a time-out of its own; this one ends what none of them foresaw.
TIMEOUT_SECONDS = 86_400


def _ingest(outcomes: Any, failed_as_a_whole: Any) -> Any:
    """From the search for work to the outcomes, leaving out whatever is not needed."""
    prove = prove_tables("", outcomes, failed_as_a_whole)
    runs = sdk.chain(job_run.run_jobs(failed_as_a_whole), job_run.RECORDS.read(failed_as_a_whole), prove)
    nobody_looked = find_work.every_data_set_failed(outcomes)
    return sdk.chain(find_work.find_work(nobody_looked), find_work.work_found(runs, prove))


def definition() -> dict[str, Any]:
    """The Amazon States Language definition, with `${Name}` where CloudFormation puts the stack's names."""
    failed = execution_failed()
    failed_as_a_whole = whole_execution_failed(failed)
    outcomes = sdk.chain(
        collect_outcomes(job_run.COUNTS),
        every_data_set("EveryDataSetIngested", "IngestionFailed", tell_of_failures(failed)),
        announce_smoke_test(
            sdk.Succeed("Ingested", output={"outcomes": jsonata("$outcomes")}), failed_as_a_whole
        ),
    )
    states = sdk.chain(
        validate_input(problems(), failed_as_a_whole), complete_input(), _ingest(outcomes, failed_as_a_whole)
    )
    graph = sdk.Graph(
        states,
        comment="Ingests data sets: find work, Glue job, crawler, proof by Athena; failures go through SNS",
        query_language="JSONata",
        timeout_seconds=TIMEOUT_SECONDS,
    )
    return cast("dict[str, Any]", graph.to_dict())
