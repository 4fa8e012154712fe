"""The state machine as a whole: crawl, extract, join, segment, write back, each proved before the next."""

from __future__ import annotations

from typing import Any, cast

from infra.common import step_functions_sdk as sdk
from infra.common.states.announcement import announce_smoke_test
from infra.common.states.building_blocks import jsonata
from infra.common.states.failures import (
    FAILED_TOGETHER,
    execution_failed,
    tell_of_failures,
    whole_execution_failed,
)
from infra.common.states.outcomes import all_failed, collect_outcomes, every_data_set
from infra.common.states.tables import prove_tables
from infra.common.states.validation import validate_input
from infra.segmentation.states import done, find_tables, steps
from infra.segmentation.states.validation import complete_input, problems

# Every task has a time-out of its own; this one ends what none of them foresaw.
TIMEOUT_SECONDS = 86_400
_FIRST_LINE = "'Failed: ' & $states.input.dataset & '. What follows from it was not made.'"


def _ending(failed_as_a_whole: Any, failed: Any) -> Any:
    """From what became of each table and step to the end of the execution."""
    told = tell_of_failures(failed, FAILED_TOGETHER, _FIRST_LINE)
    succeeded = sdk.Succeed(
        "Segmented", output={"outcomes": jsonata("$outcomes"), "undescribed": jsonata("$undescribed")}
    )
    return sdk.chain(
        collect_outcomes(steps.COUNTS),
        every_data_set("EveryStepDone", "SegmentationFailed", told),
        announce_smoke_test(succeeded, failed_as_a_whole),
    )


def _made(outcomes: Any, failed_as_a_whole: Any) -> Any:
    """The three steps after the extraction."""
    remembered = done.write_done(outcomes, failed_as_a_whole)
    written = steps.made(steps.WRITE_BACK, remembered, outcomes, failed_as_a_whole, table=False)
    segmented = steps.made(steps.SEGMENT, written, outcomes, failed_as_a_whole)
    return steps.made(steps.JOIN, segmented, outcomes, failed_as_a_whole)


def definition() -> dict[str, Any]:
    """The Amazon States Language definition, with `${Name}` where CloudFormation puts the stack's names."""
    failed = execution_failed()
    failed_as_a_whole = whole_execution_failed(failed, "Publish why nothing was done")
    outcomes = _ending(failed_as_a_whole, failed)
    proved = steps.all_well(
        "TablesProved",
        "A table that is not proved is not joined",
        _made(outcomes, failed_as_a_whole),
        outcomes,
    )
    prove = prove_tables("", proved, failed_as_a_whole)
    new = done.nothing_new(outcomes, prove, failed_as_a_whole)
    extracted = steps.all_well("TablesExtracted", "A table that failed ends the execution", new, outcomes)
    nobody_looked = all_failed(
        "NoTableFound", "Nothing is known of any table, so each of them has failed", outcomes
    )
    found = find_tables.find_tables(steps.extract(extracted, failed_as_a_whole), outcomes, nobody_looked)
    graph = sdk.Graph(
        sdk.chain(validate_input(problems(), failed_as_a_whole), complete_input(), found),
        comment="Segments customers: crawl of the database, extraction, join, KMeans, back to the database; "
        "each table is proved by Athena, and failures go through SNS",
        query_language="JSONata",
        timeout_seconds=TIMEOUT_SECONDS,
    )
    return cast("dict[str, Any]", graph.to_dict())
