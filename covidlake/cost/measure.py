"""What AWS reports of the job runs, crawls and function calls of executions, each list read once for all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from covidlake import aws
from covidlake.base.text import one_line
from covidlake.cost import history
from covidlake.cost.history import Task, Used
from covidlake.cost.services import Crawl, Invocation

REPORT = re.compile(
    r"REPORT RequestId: (?P<id>\S+).*?Billed Duration: (?P<ms>[\d.]+) ms\s+Memory Size: (?P<mb>\d+) MB", re.S
)
MOST_PAGES = 50  # of one list: thousands of runs, crawls or calls
# As infra/ sets them.
MEGABYTES, USUAL_MEGABYTES = {"find-work": 1024.0}, 256.0
EARLIEST = timedelta(minutes=1)  # clocks of services differ
LOGGED_LATER = timedelta(seconds=1)


@dataclass(frozen=True)
class _Report:
    """A call as Lambda logs it: what it bills, and the function's memory."""

    request_id: str
    logged: datetime
    seconds: float
    megabytes: float


@dataclass
class Measured:
    """What was read so far; `unknown` says what could not be, once for each reason."""

    since: datetime
    until: datetime
    unknown: dict[str, None] = field(default_factory=dict)
    _runs: dict[str, dict[str, Mapping[str, Any]]] = field(default_factory=dict)
    _crawls: dict[str, list[Mapping[str, Any]] | None] = field(default_factory=dict)
    _reports: dict[str, list[_Report]] = field(default_factory=dict)

    def job_runs(self, used: Used) -> list[Mapping[str, Any]]:
        """The job runs that an execution started, as Glue reports them."""
        found: list[Mapping[str, Any]] = []
        for job, run_id, answered in used.job_runs():
            if job not in self._runs:
                self._runs[job] = {str(run["Id"]): run for run in self._read_runs(job)}
            if run := self._runs[job].get(run_id) or ("ExecutionTime" in answered and answered):
                found.append(run)
            else:
                self._unknown(
                    f"job run {run_id} of {job}", "neither Glue nor the history says how long it ran"
                )
        return found

    def crawls(self, used: Used) -> list[Crawl]:
        """The crawls of the crawlers that an execution asked to start, those that began while it ran."""
        found: list[Crawl] = []
        for crawler in used.crawlers():
            if crawler not in self._crawls:
                self._crawls[crawler] = self._read_crawls(crawler)
            listed = self._crawls[crawler]
            if listed is None:
                found.append(Crawl(crawler, _seconds_in_history(used)))
            else:
                found += [_crawl(crawler, one) for one in listed if _during(one, used)]
        return found

    def invocations(self, used: Used) -> list[Invocation]:
        """The calls of functions, by what Lambda's log bills, or else by the time that the history shows."""
        return [self._invocation(task) for task in used.of("lambda", "invoke") if history.function_of(task)]

    def _invocation(self, task: Task) -> Invocation:
        name = history.function_of(task)
        if name not in self._reports:
            self._reports[name] = list(self._read_reports(name))
        if report := _report_of(task, self._reports[name]):
            return Invocation(name, report.seconds, report.megabytes)
        return Invocation(name, task.seconds, memory_of(name), billed=False)

    def _read_runs(self, job: str) -> Iterator[Mapping[str, Any]]:
        what, pages = f"runs of job {job}", _pages(aws.client("glue").get_job_runs, JobName=job)
        try:
            yield from self._until_older(what, pages, "JobRuns", "StartedOn")
        except (ClientError, BotoCoreError) as error:
            self._unknown(what, _reason(error))

    def _read_crawls(self, crawler: str) -> list[Mapping[str, Any]] | None:
        """None where nobody may list them."""
        what, pages = f"crawls of {crawler}", _pages(aws.client("glue").list_crawls, CrawlerName=crawler)
        try:
            return list(self._until_older(what, pages, "Crawls", "StartTime"))
        except (ClientError, BotoCoreError) as error:
            self._unknown(what, f"{_reason(error)}; the time in the history stands for it")
            return None

    def _until_older(
        self, what: str, pages: Iterable[Mapping[str, Any]], key: str, begun: str
    ) -> Iterator[Mapping[str, Any]]:
        """The items of pages whose newest come first, down to the first that is too old."""
        for number, page in enumerate(pages, 1):
            for item in page[key]:
                if item[begun] < self.since - EARLIEST:
                    return
                yield item
            if number == MOST_PAGES:
                self._unknown(what, f"only the newest {MOST_PAGES} pages were read")
                return

    def _read_reports(self, function: str) -> Iterator[_Report]:
        pages = (
            aws.client("logs")
            .get_paginator("filter_log_events")
            .paginate(
                logGroupName=f"/aws/lambda/{function}",
                startTime=_milliseconds(self.since),
                endTime=_milliseconds(self.until) + 60_000,
                filterPattern='"REPORT RequestId"',
                PaginationConfig={"MaxItems": MOST_PAGES * 100},
            )
        )
        try:
            for page in pages:
                for event in page["events"]:
                    if match := REPORT.search(event["message"]):
                        at = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
                        yield _Report(match["id"], at, float(match["ms"]) / 1000, float(match["mb"]))
        except (ClientError, BotoCoreError) as error:
            self._unknown(f"log of function {function}", _reason(error))

    def _unknown(self, what: str, why: str) -> None:
        self.unknown[f"{what}: {why}"] = None


@dataclass(frozen=True)
class Given:
    """The same from facts that somebody has collected before: nothing is called.

    A job run that is not among them is taken from the history; crawls and calls have the time that it shows.
    """

    runs: Mapping[str, Mapping[str, Any]]
    unknown: Mapping[str, None] = field(default_factory=dict)

    def job_runs(self, used: Used) -> list[Mapping[str, Any]]:
        found = (self.runs.get(run_id) or answered for _, run_id, answered in used.job_runs())
        return [run for run in found if "ExecutionTime" in run]

    def crawls(self, used: Used) -> list[Crawl]:
        return [Crawl(name, _seconds_in_history(used)) for name in used.crawlers()]

    def invocations(self, used: Used) -> list[Invocation]:
        return [
            Invocation(
                history.function_of(task), task.seconds, memory_of(history.function_of(task)), billed=False
            )
            for task in used.of("lambda", "invoke")
            if history.function_of(task)
        ]


def memory_of(function: str) -> float:
    """The megabytes that a function is assumed to have where its log does not say so."""
    return next((size for end, size in MEGABYTES.items() if function.endswith(end)), USUAL_MEGABYTES)


def _pages(call: Any, **asked: str) -> Iterator[Mapping[str, Any]]:
    """The pages of a list, also of one that boto3 has no paginator for."""
    token: dict[str, str] = {}
    while True:
        page: Mapping[str, Any] = call(**asked, **token)
        yield page
        if not page.get("NextToken"):
            return
        token = {"NextToken": page["NextToken"]}


def _crawl(crawler: str, one: Mapping[str, Any]) -> Crawl:
    ended = one.get("EndTime") or one["StartTime"]
    return Crawl(crawler, (ended - one["StartTime"]).total_seconds(), one.get("DPUHour"))


def _report_of(task: Task, reports: Iterable[_Report]) -> _Report | None:
    """By the id of the call, or else the only one that was logged while the call lasted."""
    listed = list(reports)
    by_id = [one for one in listed if one.request_id == history.request_id(task)]
    end = (task.ended or task.begun) + LOGGED_LATER
    while_it_ran = [one for one in listed if task.begun - LOGGED_LATER <= one.logged <= end]
    found = by_id or while_it_ran
    return found[0] if len(found) == 1 else None


def _during(one: Mapping[str, Any], used: Used) -> bool:
    return bool(used.first and used.last and used.first - EARLIEST <= one["StartTime"] <= used.last)


def _seconds_in_history(used: Used) -> float:
    """From the first call of a function of the crawler to the last: what a crawl took at most."""
    calls = [one for one in used.of("lambda", "invoke") if history.function_of(one).endswith("-crawler")]
    ends = [one.ended for one in calls if one.ended]
    return (max(ends) - calls[0].begun).total_seconds() if ends else 0.0


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _reason(error: ClientError | BotoCoreError) -> str:
    if isinstance(error, ClientError):
        return f"{error.response['Error']['Code']} of {error.operation_name}"
    return one_line(error)
