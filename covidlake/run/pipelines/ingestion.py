"""The main pipeline: it ingests data sets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from covidlake.dataset import descriptions
from covidlake.environment import environment_file
from covidlake.run.pipelines.pipeline import Asked, Pipeline, Record

# What the rows that were read are the sum of.
ACCOUNTS = ("new", "restated", "unchanged", "duplicate", "quarantined", "filtered_out")


@dataclass(frozen=True)
class Request:
    """What an ingestion is asked for; no data sets means all that the environment is set up for.

    `first` and `last` are days, YYYY-MM-DD, both within; `first` may be `latest`. `allow_removal` lets the
    run remove more rows than the data sets allow.
    """

    datasets: tuple[str, ...] = ()
    mode: str = "incremental"
    first: str = ""
    last: str = ""
    allow_removal: bool = False

    def content(self) -> dict[str, Any]:
        """The input of the execution."""
        optional: dict[str, Any] = {
            "datasets": list(self.datasets),
            "from": self.first,
            "to": self.last,
            "allow_removal": self.allow_removal,
        }
        return {"mode": self.mode} | {key: value for key, value in optional.items() if value}


def request(asked: Asked, environment: str) -> Request:
    """Raises `DataSetError` for a data set that the environment does not ingest."""
    loaded = environment_file.load(environment)
    chosen = descriptions.chosen(asked.data_sets, loaded) if asked.data_sets else []
    return Request(tuple(chosen), asked.mode, asked.first, asked.last, asked.allow_removal)


def outcome_text(outcome: Record) -> str:
    """One line for a data set, with the counts that its run record gave the state machine."""
    if outcome["outcome"] == "NOTHING_NEW":
        return f"{outcome['dataset']}: nothing new; the table holds {outcome['table_rows']:,} rows"
    parts = [(name.replace("_", " "), outcome[f"rows_{name}"]) for name in ACCOUNTS]
    accounts = " + ".join(f"{count:,} {name}" for name, count in parts)
    return (
        f"{outcome['dataset']}: {outcome['rows_read']:,} rows read = {accounts}; "
        f"{outcome['rows_removed']:,} rows removed; "
        f"{outcome['files_written']} files, {outcome['bytes_written']:,} bytes; "
        f"the table holds {outcome['table_rows']:,} rows"
    )


def _taken(run: Record) -> list[str]:
    return [name for name in run.get("Arguments", {}).get("--datasets", "").split(",") if name]


def _rejected(table: str, data_set: str) -> str:
    return (
        f"SELECT '{data_set}' AS data_set, reason, count(*) AS rejected, source_object, "  # noqa: S608
        f"min(line) AS line, max(run_id) AS run_id, "
        f"min_by(raw, line) AS example "
        f'FROM "{table}" GROUP BY reason, source_object'
    )


PIPELINE = Pipeline(
    item="data set",
    error="IngestionFailed",
    names=lambda: descriptions.names(),
    listed=("datasets", "DataSets"),
    request=request,
    refused={"tables": "--table", "compare_keys": "--compare-keys"},
    outcome_text=outcome_text,
    accounts=ACCOUNTS,
    counts={
        "rows read": "rows_read",
        **{name.replace("_", " "): f"rows_{name}" for name in ACCOUNTS},
        "removed": "rows_removed",
        "in quarantine": "quarantine_rows",
    },
    jobs=lambda outputs: [outputs["JobName"]],
    taken=_taken,
    functions=("find-work", "start-crawler", "check-crawler"),
    states_of_jobs=("RunJob",),
    rejected=_rejected,
    places=("source object", "line", "since run", "example"),
)
