"""`covidlake issue`: one open issue for each problem, closed by the next success."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from covidlake.base.errors import ReportError
from covidlake.base.markdown import cut
from covidlake.github import actions
from covidlake.github.api import GitHub, is_own
from covidlake.report.job_report import JobReport, files

LIMIT_BYTES = 60_000  # of an issue's 65,536 characters
RESULTS = ("success", "failure", "cancelled", "skipped")
_CUT = "\n*Cut: the whole is in the summary of the run.*"


@dataclass(frozen=True)
class Finding:
    """What the reports say together; `appended`: an open issue gets a comment instead of a new text."""

    kind: str
    scope: str
    healthy: bool
    title: str
    markdown: str
    appended: bool

    @property
    def marker(self) -> str:
        return f"<!-- covidlake:{self.kind}:{self.scope} -->"

    @property
    def body(self) -> str:
        url = actions.run_url()
        foot = f"\n\n[The run that found it]({url})\n" if url else "\n"
        return f"{self.marker}\n{cut(self.markdown, LIMIT_BYTES, _CUT)}{foot}"


def issue(kind: str, places: Sequence[Path], environment: str = "", result: str = "") -> str:
    """Open, update or close the issue of a kind; returns one line that says what was done.

    `result` is how the job ended that should have reported: without its report, a failure is a finding of
    its own. Raises `ReportError` when a job that succeeded left no report, `GitHubError` when GitHub refuses.
    """
    reports = [report for report in _readable(places, result) if report.kind == kind]
    if not reports and result in {"cancelled", "skipped"}:
        return f"the job was {result} and left no report: no issue is changed"
    if not reports and result != "failure":
        raise ReportError(f"{', '.join(map(str, places))}: no {kind} report here, though the job succeeded")
    if any(report.undecided for report in reports) and all(
        report.undecided or report.healthy for report in reports
    ):
        waiting = ", ".join(report.environment for report in reports if report.undecided)
        return f"the {kind} in {waiting} still runs: no issue is changed, its end decides"
    return _settle(finding(kind, reports, environment, result))


def _readable(places: Sequence[Path], result: str) -> list[JobReport]:
    """The reports; one that a job broke off while it wrote it counts as missing."""
    broken_off = result not in {"", "success"}
    reports: list[JobReport] = []
    for file in files(list(places)):
        try:
            reports.append(JobReport.read(file))
        except ReportError:
            if not broken_off:
                raise
    return sorted(reports, key=lambda report: report.environment)


def finding(kind: str, reports: Sequence[JobReport], environment: str, result: str) -> Finding:
    """An ingestion has an issue for each environment, drift has one for all."""
    bad = [report for report in reports if not report.healthy and not report.undecided]
    unreported = result == "failure" and not bad
    scope = environment or "all"
    parts = [report.markdown for report in bad or reports]
    if unreported:
        parts.insert(0, "The workflow failed before it could report. See the log of the run.")
    names = ", ".join(report.environment for report in bad) or environment
    what = {"ingest": "Ingestion failed", "drift": "Drift"}[kind]
    return Finding(
        kind=kind,
        scope=scope,
        healthy=not bad and not unreported,
        title=f"{what} in {names}" if names else f"{what}: the search failed",
        markdown="\n\n".join(parts),
        appended=kind == "ingest",
    )


def _settle(found: Finding) -> str:
    github = GitHub.from_environment()
    existing = _open_issue(github, found)
    if existing is None and found.healthy:
        return "all is well and no issue is open"
    if existing is None:
        return _open(github, found)
    number = existing["number"]
    if found.healthy:
        github.post(f"issues/{number}/comments", {"body": f"It is well again.\n\n{found.body}"})
        github.patch(f"issues/{number}", {"state": "closed", "state_reason": "completed"})
        return f"issue #{number} closed"
    if found.appended:
        github.post(f"issues/{number}/comments", {"body": found.body})
        return f"issue #{number} commented on"
    if (existing["body"], existing["title"]) != (found.body, found.title):
        github.patch(f"issues/{number}", {"body": found.body, "title": found.title})
    return f"issue #{number} updated"


def _open_issue(github: GitHub, found: Finding) -> Mapping[str, Any] | None:
    """The oldest open issue with the marker that a workflow of ours wrote."""
    for one in github.all("issues", state="open", sort="created", direction="asc"):
        if is_own(one) and "pull_request" not in one and str(one["body"]).startswith(found.marker):
            return dict(one)
    return None


def _open(github: GitHub, found: Finding) -> str:
    content = {"title": found.title, "body": found.body, "labels": [f"covidlake-{found.kind}"]}
    made = github.post("issues", content)  # which makes a label that does not exist yet
    return f"issue #{made['number']} opened: {found.title}"
