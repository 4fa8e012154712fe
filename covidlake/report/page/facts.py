"""What a report says, whatever its form: made of what was collected, and of nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from covidlake.base.text import count, shorten
from covidlake.report import ingestion_report
from covidlake.report.job_report import JobReport
from covidlake.report.page import accounting, costs, lake_records, timeline, trend
from covidlake.report.page.accounting import DataSet
from covidlake.report.page.charts import Drawing
from covidlake.report.page.collected import Collected, Gap
from covidlake.report.page.costs import Costs
from covidlake.report.page.cut import cut
from covidlake.report.page.timeline import Timeline
from covidlake.report.page.trend import Run
from covidlake.run import execution_history, pipelines
from covidlake.run.execution import RUNNING, Execution
from covidlake.run.pipelines.pipeline import Made

TEXT_LENGTH = 2_000  # characters of a cause or an input that a report shows
OK, WORK, BAD, STOPPED = "ok", "work", "bad", "stopped"
TONES = {"SUCCEEDED": OK, "NOTHING_NEW": OK, "ABORTED": STOPPED, **dict.fromkeys(RUNNING, WORK)}


@dataclass(frozen=True)
class Chart:
    """A chart of the data, and the data set that it is of."""

    dataset: str
    drawing: Drawing


@dataclass(frozen=True)
class Facts:
    """`summary` is the report of the job that ran it, with status, title and the Markdown of the outcomes."""

    collected: Collected
    summary: JobReport
    data_sets: tuple[DataSet, ...]
    timeline: Timeline
    costs: Costs
    runs: tuple[Run, ...]
    trend: tuple[Drawing, ...]
    charts: tuple[Chart, ...]
    made: tuple[Made, ...]
    crawl: tuple[tuple[str, str], ...]

    @property
    def status(self) -> str:
        return self.summary.status

    @property
    def tone(self) -> str:
        """How the status is shown: `ok`, `work`, `bad` or `stopped`."""
        return TONES.get(self.status, BAD)

    @property
    def sentence(self) -> str:
        """What happened, in one line, without the environment that the title begins with."""
        return cut(self.summary.title.partition(": ")[2], TEXT_LENGTH)

    @property
    def item(self) -> str:
        """What the execution's outcomes are about: data sets or tables."""
        return pipelines.of(self.collected.environment).item

    @property
    def rows_read(self) -> int:
        """Of all items, but for those that read again what others have read."""
        return sum(one.rows_read or 0 for one in self.data_sets if one.unaccounted is not None)

    @property
    def seconds(self) -> float:
        """From the start to the end, or until the facts were collected."""
        begin = datetime.fromisoformat(self.collected.execution["startDate"])
        return (datetime.fromisoformat(ended(self.collected)) - begin).total_seconds()

    @property
    def gaps(self) -> list[Gap]:
        return self.collected.gaps

    @property
    def error(self) -> str:
        return cut(self.collected.execution.get("error", ""), TEXT_LENGTH)

    @property
    def cause(self) -> str:
        return cut(self.collected.execution.get("cause", ""), TEXT_LENGTH)

    @property
    def request(self) -> str:
        """The input of the execution."""
        return cut(self.collected.execution.get("input", ""), TEXT_LENGTH)

    @property
    def console_url(self) -> str:
        return ingestion_report.console_url(self.collected.execution["executionArn"])


def ended(collected: Collected) -> str:
    """When the execution ended; of one that has not, when it was looked at."""
    return str(collected.execution.get("stopDate") or collected.collected_at)


def facts(collected: Collected) -> Facts:
    """What the collected values mean."""
    runs = trend.runs(collected)
    return Facts(
        collected,
        _summary(collected),
        tuple(accounting.data_sets(collected)),
        timeline.timeline(collected.events, collected.status, ended(collected)),
        costs.of(collected.cost),
        tuple(runs),
        tuple(trend.drawings(runs, collected)),
        (*map(_chart, collected.charts), *_segments(collected)),
        pipelines.of(collected.environment).made(collected.outcomes),
        tuple(_crawl(collected)),
    )


def _summary(collected: Collected) -> JobReport:
    described = collected.execution
    begin = datetime.fromisoformat(described["startDate"])
    seconds = (datetime.fromisoformat(ended(collected)) - begin).total_seconds()
    followed = Execution(
        described["executionArn"],
        collected.status,
        seconds,
        {},
        shorten(described.get("error", ""), TEXT_LENGTH),
        shorten(described.get("cause", ""), TEXT_LENGTH),
    )
    return ingestion_report.made_of(
        ingestion_report.Facts(
            collected.environment,
            followed,
            [_cut(one) for one in collected.outcomes],
            execution_history.outcomes(collected.events, collected.status),
            collected.definition or None,
            list(collected.job_runs),
        )
    )


def _cut(outcome: dict[str, Any]) -> dict[str, Any]:
    return {key: shorten(one, TEXT_LENGTH) if isinstance(one, str) else one for key, one in outcome.items()}


def _chart(one: dict[str, Any]) -> Chart:
    rows = tuple(tuple(row) for row in one["rows"])
    drawing = Drawing(
        one["title"],
        one["mark"],
        one["x"],
        tuple(one["y"]),
        one["series"],
        one["unit"],
        tuple(one["columns"]),
        rows,
    )
    return Chart(one["dataset"], drawing)


def _segments(collected: Collected) -> Iterator[Chart]:
    """The segments that a run record of this execution has, as the job that makes them counted them."""
    for record in lake_records.own(collected.records, collected.name):
        if found := record.get("segments"):
            # Two segments may have one name: only the number tells them apart.
            rows = tuple((f"{one['number']} {one['name']}", str(one["customers"])) for one in found)
            columns = ("segment", "customers")
            title = "Customers by segment"
            drawing = Drawing(title, "bar", "segment", ("customers",), "", "customers", columns, rows)
            yield Chart(str(record["dataset"]), drawing)


def _crawl(collected: Collected) -> list[tuple[str, str]]:
    """Whether this execution crawled, and how its crawler is."""
    visits = Counter(
        event["stateEnteredEventDetails"]["name"]
        for event in collected.events
        if "stateEnteredEventDetails" in event
    )
    started, checks = (
        sum(number for state, number in visits.items() if state.endswith(end))
        for end in ("StartCrawler", "CheckCrawler")
    )
    found = [
        ("in this execution", count(started, "crawl") if started else "none was needed, or none was reached")
    ]
    if checks:
        found.append(("looked at", count(checks, "time")))
    several = len(collected.crawlers) > 1
    for crawler in collected.crawlers:
        of = f"{crawler.get('Name', '?')}: " if several else ""
        found.append(
            (
                f"{of}crawler",
                f"{crawler.get('Name', '?')}, {crawler.get('State', '?')} when this was collected",
            )
        )
        if last := crawler.get("LastCrawl"):
            found.append(
                (
                    f"{of}its last crawl",
                    f"{last.get('Status', '?')}, begun {moment(last.get('StartTime', ''))}",
                )
            )
            if message := last.get("ErrorMessage"):
                found.append((f"{of}its error", cut(message, 500)))
    return found


def moment(text: str) -> str:
    """`2026-11-28 18:21:30 UTC`; a dash for what is not known."""
    try:
        return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M:%S} UTC"
    except ValueError:
        return "-"
