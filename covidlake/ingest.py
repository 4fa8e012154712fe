"""`covidlake ingest`: start the ingestion, follow it to its end, say how each data set went."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from covidlake import execution, stack
from covidlake._errors import IngestionError
from covidlake.artifacts import Report
from covidlake.execution import Execution, StateVisit

LIMIT_SECONDS = 4 * 3600.0
WORTH_TELLING_SECONDS = 0.01  # states that only choose or assign take less


def ingest(
    environment: str,
    report: Report,
    datasets: Sequence[str] = (),
    mode: str = "incremental",
    name: str | None = None,
) -> Execution:
    """Run one ingestion; no data sets means all that the environment is set up for.

    Raises `IngestionError` with data set, state and cause unless the execution succeeds.
    """
    machine = stack.find(environment).outputs["StateMachineArn"]
    request: dict[str, Any] = {"mode": mode} | ({"datasets": list(datasets)} if datasets else {})
    arn = execution.start(machine, name or default_name(), request)
    report(f"execution {arn.rsplit(':', 1)[-1]}")

    def show(visit: StateVisit) -> None:
        if visit.seconds >= WORTH_TELLING_SECONDS:
            report(f"{visit.seconds:7.2f} s  {visit.name}")

    ended = execution.follow(arn, show, LIMIT_SECONDS)
    if ended.status != "SUCCEEDED":
        raise IngestionError(failure_text(ended))
    return ended


def default_name() -> str:
    """A name that sorts by time and is new each second."""
    return f"ingest-{datetime.now(UTC):%Y-%m-%dT%H-%M-%S}"


def failure_text(ended: Execution) -> str:
    """One line: status, error and cause of an execution that did not succeed."""
    cause = " ".join(ended.cause.split()) or "no cause was given"
    return (
        f"execution {ended.arn.rsplit(':', 1)[-1]} {ended.status}: {ended.error or 'no error name'}: {cause}"
    )


def outcomes(ended: Execution) -> list[dict[str, Any]]:
    """What became of each data set; [] when the execution gave no output."""
    found: list[dict[str, Any]] = ended.output.get("outcomes", [])
    return found


def outcome_text(outcome: dict[str, Any]) -> str:
    """One line for a data set, with the counts that its run record gave the state machine."""
    if outcome["outcome"] == "NOTHING_NEW":
        return f"{outcome['dataset']}: nothing new; the table holds {outcome['table_rows']:,} rows"
    return (
        f"{outcome['dataset']}: {outcome['rows_read']:,} rows read = {outcome['rows_kept']:,} kept + "
        f"{outcome['rows_filtered_out']:,} filtered out + {outcome['rows_rejected']:,} rejected + "
        f"{outcome['rows_duplicate']:,} duplicate; {outcome['files_written']} files, "
        f"{outcome['bytes_written']:,} bytes; the table holds {outcome['table_rows']:,} rows"
    )
