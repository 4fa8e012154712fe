"""The second pipeline: tables of a database, customers, segments, and back to the database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from covidlake.dataset import tables
from covidlake.environment import environment_file
from covidlake.run.pipelines.pipeline import Asked, Made, Pipeline, Record

CUSTOMERS, SEGMENTS, WRITE_BACK = "customers", "customer_segments", "write_back"
MADE_BY = {"-join": CUSTOMERS, "-segment": SEGMENTS, "-write-back": WRITE_BACK}  # by the ends of jobs' names
ACCOUNTS = ("new", "changed", "unchanged", "deleted")
NOTHING = {"NOTHING_NEW": "nothing new", "NOTHING_TO_SEGMENT": "nothing to segment"}
# Athena asks the lake, SQL the database: the two answers are the same where the rows have arrived.
QUESTION = (
    "SELECT segment, segment_name, count(*) AS customers, "
    "CAST(avg(recency_days) AS decimal(18, 2)) AS mean_recency_days, "
    "CAST(avg(frequency) AS decimal(18, 2)) AS mean_frequency, "
    "CAST(avg(monetary) AS decimal(18, 2)) AS mean_monetary FROM {} GROUP BY 1, 2 ORDER BY 1"
)
SEGMENT_COLUMNS = ("segment", "name", "customers", "share", "recency (days)", "frequency", "monetary (USD)")


@dataclass(frozen=True)
class Request:
    """What an execution is asked for; no tables means all that the stack is set up for.

    `compare_keys` has the keys of all tables compared with the database's, so that deleted rows are found.
    `allow_removal` lets the run remove more rows than the tables allow.
    """

    tables: tuple[str, ...] = ()
    mode: str = "incremental"
    compare_keys: bool = False
    allow_removal: bool = False

    def content(self) -> dict[str, Any]:
        """The input of the execution."""
        optional: dict[str, Any] = {
            "tables": list(self.tables),
            "compare_keys": self.compare_keys,
            "allow_removal": self.allow_removal,
        }
        return {"mode": self.mode} | {key: value for key, value in optional.items() if value}


def request(asked: Asked, environment: str) -> Request:
    """Raises `DataSetError` for a table that the environment does not extract."""
    chosen = tables.chosen(asked.tables, environment_file.load(environment)) if asked.tables else []
    return Request(tuple(chosen), asked.mode, asked.compare_keys, asked.allow_removal)


def outcome_text(outcome: Record) -> str:
    """One line for a table or a step, with the counts that its run record gave the state machine."""
    name, state = outcome["dataset"], outcome["outcome"]
    holds = f"the table holds {outcome.get('table_rows', 0):,} rows"
    if name == WRITE_BACK:
        holds = f"the database holds {outcome.get('table_rows', 0):,} customers"
    if state in NOTHING and not any(outcome.get(f"rows_{one}") for one in ("new", "changed", "deleted")):
        return f"{name}: {NOTHING[state]}; {holds}"
    parts = [f"{outcome.get(f'rows_{one}', 0):,} {one}" for one in (*ACCOUNTS, "quarantined")]
    whole = f"{name}: {outcome.get('rows_read', 0):,} rows read: {', '.join(parts)}; {holds}"
    return "; ".join([whole, *_figures(outcome)])


def _figures(outcome: Record) -> Iterator[str]:
    """What the model says of itself."""
    if outcome.get("segments"):
        yield f"{len(outcome['segments'])} segments"
    if outcome.get("silhouette") is not None:
        yield f"silhouette {outcome['silhouette']:.3f}"
    if outcome.get("drift") is not None:
        yield f"{100 * outcome['drift']:.1f} % of the customers have another segment than before"


def segments(outcomes: list[dict[str, Any]]) -> tuple[Made, ...]:
    """The segments, and what the model says of itself; () where no outcome has any."""
    outcome = next((one for one in outcomes if one.get("dataset") == SEGMENTS and one.get("segments")), None)
    if outcome is None:
        return ()
    rows = tuple(tuple(_segment(one)) for one in outcome["segments"])
    figures = tuple((text,) for text in _figures(outcome))
    return (
        Made("Segments", SEGMENT_COLUMNS, rows, SEGMENT_COLUMNS[2:]),
        Made("The model", ("figure",), figures),
    )


def _segment(one: Mapping[str, Any]) -> Iterator[str]:
    yield str(one["number"])
    yield str(one["name"])
    yield f"{one['customers']:,}"
    yield f"{100 * float(one['share']):.1f} %"
    for key in ("mean_recency_days", "mean_frequency", "mean_monetary"):
        yield f"{float(one[key]):.2f}"


def _taken(run: Record) -> list[str]:
    """The tables that it extracts, or the one thing that the job makes."""
    if tables := run.get("Arguments", {}).get("--tables", ""):
        return [name for name in tables.split(",") if name]
    job = str(run.get("JobName", ""))
    return [made for end, made in MADE_BY.items() if job.endswith(end)]


def _rejected(table: str, name: str) -> str:
    return (
        f"SELECT '{name}' AS source_table, reason, count(*) AS rejected, max(run_id) AS run_id, "  # noqa: S608
        f'min(raw) AS example FROM "{table}" GROUP BY reason'
    )


PIPELINE = Pipeline(
    item="table",
    error="SegmentationFailed",
    names=lambda: tables.names(),
    listed=("tables", "Tables"),
    request=request,
    refused={
        "data_sets": "--dataset",
        "first": "--from",
        "last": "--to",
    },
    outcome_text=outcome_text,
    accounts=("new", "changed", "unchanged", "quarantined"),
    counts={
        "rows read": "rows_read",
        **{one: f"rows_{one}" for one in (*ACCOUNTS, "quarantined")},
        "rows now": "table_rows",
    },
    jobs=lambda outputs: [
        outputs[name] for name in ("ExtractJobName", "JoinJobName", "SegmentJobName", "WriteBackJobName")
    ],
    taken=_taken,
    functions=("prepare-database", "find-tables", "start-crawler", "check-crawler"),
    states_of_jobs=("RunExtract", "RunJoin", "RunSegment", "RunWriteBack"),
    rejected=_rejected,
    places=("since run", "example"),
    other_rows=frozenset({CUSTOMERS, SEGMENTS, WRITE_BACK}),
    made=segments,
    query=QUESTION.format(SEGMENTS),
)
