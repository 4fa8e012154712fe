"""One issue for each problem, closed by the next success."""

from __future__ import annotations

from pathlib import Path

import pytest

from covidlake.base.errors import ReportError
from covidlake.github import issue as issues
from covidlake.github.issue import issue
from covidlake.report.job_report import JobReport
from covidlake.run.execution import RUNNING
from tests.github_api import GitHubApi


def report(environment: str = "dev", healthy: bool = False, kind: str = "ingest") -> JobReport:
    return JobReport(kind, environment, healthy, "FAILED", "it failed", f"**why** in {environment}")


def written(folder: Path, *reports: JobReport) -> list[Path]:
    for old in folder.glob("*.json"):
        old.unlink()
    for one in reports:
        one.write(folder / f"{one.environment}.json")
    return [folder]


def test_a_failure_opens_one_issue_and_a_success_closes_it(api: GitHubApi, tmp_path: Path) -> None:
    assert "no issue is open" in issue("ingest", written(tmp_path, report(healthy=True)), "dev", "success")
    assert "opened" in issue("ingest", written(tmp_path, report()), "dev", "failure")
    assert "commented" in issue("ingest", written(tmp_path, report()), "dev", "failure")
    (made,) = api.issues()
    assert made["title"] == "Ingestion failed in dev"
    assert "**why** in dev" in made["body"]
    assert "actions/runs/4711" in made["body"]
    assert [label["name"] for label in made["labels"]] == ["covidlake-ingest"]
    assert "closed" in issue("ingest", written(tmp_path, report(healthy=True)), "dev", "success")
    assert api.issues()[0]["state"] == "closed"
    assert "opened" in issue("ingest", written(tmp_path, report()), "dev", "failure")
    assert len(api.issues()) == 2


def test_each_environment_has_its_own_ingestion_issue(api: GitHubApi, tmp_path: Path) -> None:
    issue("ingest", written(tmp_path, report("dev")), "dev")
    issue("ingest", written(tmp_path, report("prod")), "prod")
    assert [one["title"] for one in api.issues()] == ["Ingestion failed in dev", "Ingestion failed in prod"]


def test_drift_has_one_issue_whose_text_is_kept_up_to_date(api: GitHubApi, tmp_path: Path) -> None:
    issue("drift", written(tmp_path, report("dev", kind="drift"), report("prod", True, "drift")))
    issue("drift", written(tmp_path, report("dev", kind="drift"), report("prod", kind="drift")))
    (made,) = api.issues()
    assert made["title"] == "Drift in dev, prod"
    assert "**why** in prod" in made["body"]
    assert api.comments(made["number"]) == []
    assert "closed" in issue("drift", written(tmp_path, report("dev", True, "drift")))


def test_a_job_that_could_not_report_is_a_finding(api: GitHubApi, tmp_path: Path) -> None:
    assert "opened" in issue("ingest", [tmp_path / "nothing"], "dev", "failure")
    assert "before it could report" in api.issues()[0]["body"]
    assert "no issue is changed" in issue("ingest", [tmp_path / "nothing"], "dev", "cancelled")
    with pytest.raises(ReportError, match="though the job succeeded"):
        issue("ingest", [tmp_path / "nothing"], "dev", "success")
    assert api.issues()[0]["state"] == "open"


def test_a_report_that_a_job_broke_off_counts_as_missing(api: GitHubApi, tmp_path: Path) -> None:
    (tmp_path / "dev.json").write_text('{"kind": "ing')
    assert "no issue is changed" in issue("ingest", [tmp_path], "dev", "cancelled")
    assert api.issues() == []
    assert "opened" in issue("ingest", [tmp_path], "dev", "failure")
    assert "before it could report" in api.issues()[0]["body"]
    with pytest.raises(ReportError, match=r"dev\.json"):
        issue("ingest", [tmp_path], "dev", "success")


@pytest.mark.parametrize("status", sorted(RUNNING))
@pytest.mark.parametrize("result", ["success", "failure"])
def test_what_has_not_ended_opens_and_closes_nothing(
    api: GitHubApi, tmp_path: Path, status: str, result: str
) -> None:
    """The next success, or failure, decides."""
    going_on = JobReport("ingest", "dev", False, status, "it still runs", "text")
    assert "still runs" in issue("ingest", written(tmp_path, going_on), "dev", result)
    assert api.issues() == []
    issue("ingest", written(tmp_path, report()), "dev", "failure")
    assert "still runs" in issue("ingest", written(tmp_path, going_on), "dev", result)
    (made,) = api.issues()
    assert (made["state"], api.comments(made["number"])) == ("open", [])
    assert "closed" in issue("ingest", written(tmp_path, report(healthy=True)), "dev", "success")


def test_good_reports_beside_a_failed_job_are_not_all_well(api: GitHubApi, tmp_path: Path) -> None:
    issue("drift", written(tmp_path, report("dev", True, "drift")), "", "failure")
    (made,) = api.issues()
    assert "before it could report" in made["body"]


def test_an_issue_of_somebody_else_is_never_closed(api: GitHubApi, tmp_path: Path) -> None:
    found = issues.finding("ingest", [report()], "dev", "")
    api.add_issue("Ingestion failed in dev", found.body)
    assert "no issue is open" in issue("ingest", written(tmp_path, report(healthy=True)), "dev")
    assert api.issues()[0]["state"] == "open"
