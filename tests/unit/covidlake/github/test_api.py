"""Calls to GitHub: paged, retried, refused in one line; and the four verbs that make them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from covidlake.base.errors import GateError, GitHubError, ReportError
from covidlake.github import comment as comments
from covidlake.github import gate
from covidlake.github import issue as issues
from covidlake.github.api import ATTEMPTS, GitHub
from covidlake.github.comment import comment
from covidlake.github.find_run import find_run
from covidlake.github.issue import issue
from covidlake.report.job_report import JobReport
from covidlake.run.execution import RUNNING
from tests.github_api import GitHubApi, RefusalError

TOKEN, REPOSITORY, BOT = "a-token", "acme/lake", "github-actions[bot]"


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHubApi]:
    with GitHubApi(REPOSITORY, TOKEN) as served:
        monkeypatch.setenv("GITHUB_API_URL", served.url)
        monkeypatch.setenv("GITHUB_REPOSITORY", REPOSITORY)
        monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
        monkeypatch.setenv("GITHUB_SERVER_URL", "https://github.com")
        monkeypatch.setenv("GITHUB_RUN_ID", "4711")
        yield served


def test_every_page_of_a_list_is_read(api: GitHubApi) -> None:
    for number in range(250):
        api.add_issue(f"issue {number}", "")
    assert len(list(GitHub.from_environment().all("issues"))) == 250


def test_a_server_error_is_retried(api: GitHubApi) -> None:
    api.refusals = [RefusalError(502, "bad gateway"), RefusalError(429, "slow down")]
    assert list(GitHub.from_environment().all("issues")) == []
    assert len(api.calls) == 3


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that would have been waited for GitHub's limits."""
    waited: list[float] = []
    monkeypatch.setattr("covidlake.github.api.time.sleep", waited.append)
    return waited


@pytest.mark.parametrize("status", [403, 429])
def test_a_limit_is_waited_for_as_long_as_github_asks(
    api: GitHubApi, waits: list[float], status: int
) -> None:
    api.refusals = [RefusalError(status, "You have exceeded a secondary rate limit", {"retry-after": "30"})]
    assert list(GitHub.from_environment().all("issues")) == []
    assert len(api.calls) == 2
    assert len(waits) == 1
    assert waits[0] >= 30


def test_a_limit_that_lasts_longer_than_a_job_can_wait_is_an_error(
    api: GitHubApi, waits: list[float]
) -> None:
    api.refusals = [RefusalError(403, "You have exceeded a secondary rate limit", {"retry-after": "3600"})]
    with pytest.raises(GitHubError, match="later"):
        GitHub.from_environment().get("issues/1")
    assert waits == []


def test_what_may_have_been_made_is_not_made_twice(api: GitHubApi) -> None:
    api.refusals = [RefusalError(502, "bad gateway")]
    with pytest.raises(GitHubError, match="502"):
        GitHub.from_environment().post("issues", {"title": "t", "body": "b"})
    assert api.calls == [f"POST /repos/{REPOSITORY}/issues"]


def test_the_missing_permission_is_named(api: GitHubApi) -> None:
    accepted = {"x-accepted-github-permissions": "issues=write"}
    api.refusals = [RefusalError(403, "Resource not accessible by integration", accepted)]
    with pytest.raises(GitHubError, match="issues: write"):
        GitHub.from_environment().post("issues", {"title": "t", "body": "b"})


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        (RefusalError(401, "Bad credentials"), "GITHUB_TOKEN"),
        (RefusalError(403, "Resource not accessible by integration"), "permissions"),
        (RefusalError(403, "API rate limit", {"x-ratelimit-remaining": "0"}), "later"),
        (RefusalError(404, "Not Found"), "no such thing"),
    ],
)
def test_a_refusal_names_the_cure(
    api: GitHubApi, waits: list[float], refusal: RefusalError, words: str
) -> None:
    api.refusals = [refusal] * ATTEMPTS
    with pytest.raises(GitHubError, match=words) as caught:
        GitHub.from_environment().get("issues/1")
    assert "\n" not in str(caught.value)
    assert TOKEN not in str(caught.value)


def test_a_token_is_never_sent_in_plain_text(monkeypatch: pytest.MonkeyPatch, api: GitHubApi) -> None:
    monkeypatch.setenv("GITHUB_API_URL", "http://github.example.org")
    with pytest.raises(GitHubError, match="use https"):
        GitHub.from_environment()


def test_without_a_token_nothing_is_asked(monkeypatch: pytest.MonkeyPatch, api: GitHubApi) -> None:
    monkeypatch.delenv("GITHUB_TOKEN")
    with pytest.raises(GitHubError, match="GITHUB_TOKEN is not set"):
        GitHub.from_environment()


def test_a_github_that_does_not_answer_is_one_line(monkeypatch: pytest.MonkeyPatch, api: GitHubApi) -> None:
    monkeypatch.setattr("covidlake.github.api._RETRY", False)
    with pytest.raises(GitHubError, match="cannot be reached"):
        GitHub(REPOSITORY, TOKEN, "http://127.0.0.1:9").get("issues/1")


@pytest.fixture
def previews(tmp_path: Path) -> Path:
    for name in ("prod", "dev", "staging"):
        (tmp_path / f"{name}.md").write_text(f"<!-- covidlake-plan:{name} -->\n### Plan for {name}\n")
    return tmp_path


def test_one_comment_is_made_then_kept(api: GitHubApi, previews: Path) -> None:
    api.add_pull_request(7)
    assert comment(7, [previews]) == "created"
    (made,) = api.comments(7)
    places = [made["body"].index(f"Plan for {name}") for name in ("dev", "staging", "prod")]
    assert places == sorted(places)
    assert made["body"].count("<!--") == 1
    assert comment(7, [previews]) == "unchanged"
    (previews / "dev.md").write_text("### Plan for dev: another one\n")
    assert comment(7, [previews]) == "updated"
    (kept,) = api.comments(7)
    assert kept["id"] == made["id"]
    assert "another one" in kept["body"]


def test_the_comment_of_somebody_else_is_not_touched(api: GitHubApi, previews: Path) -> None:
    api.add_pull_request(7)
    api.add_comment(7, "<!-- covidlake:plan -->\nlooks like ours")
    assert comment(7, [previews]) == "created"
    assert len(api.comments(7)) == 2
    assert api.comments(7)[0]["body"].endswith("looks like ours")


def test_a_second_comment_of_ours_is_removed(api: GitHubApi, previews: Path) -> None:
    api.add_pull_request(7)
    for _ in range(2):
        api.add_comment(7, "<!-- covidlake:plan -->\nold", login=BOT)
    assert comment(7, [previews]) == "updated"
    assert len(api.comments(7)) == 1


def test_a_long_comment_is_cut_between_parts_and_keeps_every_section(api: GitHubApi, tmp_path: Path) -> None:
    api.add_pull_request(7)
    detail = "<details><summary>one</summary>\n\n<pre>\n" + "é" * 900 + "\n</pre>\n\n</details>"
    for name in ("dev", "prod"):
        (tmp_path / f"{name}.md").write_text(f"### {name}\n\n" + "\n\n".join([detail] * 60))
    (tmp_path / "staging.md").write_text("### staging\n\nno change")
    comment(7, [tmp_path])
    (made,) = api.comments(7)
    body = made["body"]
    assert 50_000 < len(body) <= 65_536
    assert body.count("<details>") == body.count("</details>") > 0
    assert all(f"### {name}" in body for name in ("dev", "staging", "prod"))
    assert "no change" in body
    assert body.count("Cut here") == 2
    assert "https://github.com/acme/lake/actions/runs/4711" in body


def test_a_comment_about_nothing_is_an_error(api: GitHubApi, tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="no Markdown file"):
        comment(7, [tmp_path])
    assert comments.ORDER[0] == "dev"


def report(environment: str = "dev", healthy: bool = False, kind: str = "ingest") -> JobReport:
    return JobReport(kind, environment, healthy, "FAILED", "it failed", f"**why** in {environment}")


def told(folder: Path, *reports: JobReport) -> list[Path]:
    for old in folder.glob("*.json"):
        old.unlink()
    for one in reports:
        one.write(folder / f"{one.environment}.json")
    return [folder]


def test_a_failure_opens_one_issue_and_a_success_closes_it(api: GitHubApi, tmp_path: Path) -> None:
    assert "no issue is open" in issue("ingest", told(tmp_path, report(healthy=True)), "dev", "success")
    assert "opened" in issue("ingest", told(tmp_path, report()), "dev", "failure")
    assert "commented" in issue("ingest", told(tmp_path, report()), "dev", "failure")
    (made,) = api.issues()
    assert made["title"] == "Ingestion failed in dev"
    assert "**why** in dev" in made["body"]
    assert "actions/runs/4711" in made["body"]
    assert [label["name"] for label in made["labels"]] == ["covidlake-ingest"]
    assert "closed" in issue("ingest", told(tmp_path, report(healthy=True)), "dev", "success")
    assert api.issues()[0]["state"] == "closed"
    assert "opened" in issue("ingest", told(tmp_path, report()), "dev", "failure")
    assert len(api.issues()) == 2


def test_each_environment_has_its_own_ingestion_issue(api: GitHubApi, tmp_path: Path) -> None:
    issue("ingest", told(tmp_path, report("dev")), "dev")
    issue("ingest", told(tmp_path, report("prod")), "prod")
    assert [one["title"] for one in api.issues()] == ["Ingestion failed in dev", "Ingestion failed in prod"]


def test_drift_has_one_issue_whose_text_is_kept_up_to_date(api: GitHubApi, tmp_path: Path) -> None:
    issue("drift", told(tmp_path, report("dev", kind="drift"), report("prod", True, "drift")))
    issue("drift", told(tmp_path, report("dev", kind="drift"), report("prod", kind="drift")))
    (made,) = api.issues()
    assert made["title"] == "Drift in dev, prod"
    assert "**why** in prod" in made["body"]
    assert api.comments(made["number"]) == []
    assert "closed" in issue("drift", told(tmp_path, report("dev", True, "drift")))


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
    assert "still runs" in issue("ingest", told(tmp_path, going_on), "dev", result)
    assert api.issues() == []
    issue("ingest", told(tmp_path, report()), "dev", "failure")
    assert "still runs" in issue("ingest", told(tmp_path, going_on), "dev", result)
    (made,) = api.issues()
    assert (made["state"], api.comments(made["number"])) == ("open", [])
    assert "closed" in issue("ingest", told(tmp_path, report(healthy=True)), "dev", "success")


def test_good_reports_beside_a_failed_job_are_not_all_well(api: GitHubApi, tmp_path: Path) -> None:
    issue("drift", told(tmp_path, report("dev", True, "drift")), "", "failure")
    (made,) = api.issues()
    assert "before it could report" in made["body"]


def test_an_issue_of_somebody_else_is_never_closed(api: GitHubApi, tmp_path: Path) -> None:
    found = issues.finding("ingest", [report()], "dev", "")
    api.add_issue("Ingestion failed in dev", found.body)
    assert "no issue is open" in issue("ingest", told(tmp_path, report(healthy=True)), "dev")
    assert api.issues()[0]["state"] == "open"


@pytest.mark.parametrize("content", ["", "[]", '{"kind": "ingest"}', json.dumps({"healthy": "no"})])
def test_a_report_that_is_none_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "report.json").write_text(content)
    with pytest.raises(ReportError, match=r"report\.json"):
        JobReport.read(tmp_path / "report.json")


COMMIT = "a" * 40


def test_the_newest_run_of_a_commit_is_found(api: GitHubApi) -> None:
    api.add_run(1, COMMIT, ["bundle"])
    api.add_run(2, "b" * 40, ["bundle", "other"])
    assert find_run(COMMIT[:8]) == "1"
    assert find_run() == "2"
    assert find_run(run="1") == "1"


def test_a_newer_run_without_a_bundle_does_not_hide_an_older_one(api: GitHubApi) -> None:
    api.add_run(1, COMMIT, ["bundle"])
    api.add_run(2, COMMIT, [])
    api.add_run(3, "b" * 40, [])
    assert find_run() == "1"
    assert find_run(COMMIT) == "1"
    with pytest.raises(GitHubError, match=r"run 3 .* made no bundle"):
        find_run("b" * 40)
    with pytest.raises(GitHubError, match=r"run 2 .* made no bundle"):
        find_run(run="2")


@pytest.mark.parametrize(
    "fault",
    [
        {"event": "pull_request"},
        {"head_branch": "feature"},
        {"head_repository": {"full_name": "stranger/lake"}},
        {"path": ".github/workflows/other.yml"},
    ],
)
def test_what_was_not_merged_is_not_deployed(api: GitHubApi, fault: dict[str, Any]) -> None:
    api.add_run(1, COMMIT, ["bundle"], **fault)
    with pytest.raises(GitHubError, match="merge"):
        find_run(COMMIT)
    with pytest.raises(GitHubError, match="only what was merged"):
        find_run(run="1")


def test_an_expired_bundle_names_the_other_way(api: GitHubApi) -> None:
    api.add_run(1, COMMIT, ["bundle"])
    api.expire(1)
    with pytest.raises(GitHubError, match="covidlake rollback"):
        find_run(COMMIT)


@pytest.mark.parametrize("commit", ["main", "abc", "g" * 40])
def test_a_commit_is_named_by_its_digits(api: GitHubApi, commit: str) -> None:
    with pytest.raises(GitHubError, match="hexadecimal"):
        find_run(commit)
    assert api.calls == []


MUST = {"always": ["build"], "pull_request": ["preview"], "fork": ["compare"]}


def event(monkeypatch: pytest.MonkeyPatch, folder: Path, name: str, head: Any = None) -> None:
    path = folder / "event.json"
    path.write_text(json.dumps({"pull_request": {"head": head}}))
    monkeypatch.setenv("GITHUB_EVENT_NAME", name)
    monkeypatch.setenv("GITHUB_EVENT_PATH", str(path))
    monkeypatch.setenv("GITHUB_REPOSITORY", REPOSITORY)


@pytest.mark.parametrize(
    ("name", "head", "kind"),
    [
        ("push", None, "push"),
        ("pull_request", {"repo": {"full_name": REPOSITORY}}, "pull_request"),
        ("pull_request", {"repo": {"full_name": "stranger/lake"}}, "fork"),
        ("pull_request", {"repo": None}, "fork"),
    ],
)
def test_a_fork_is_told_from_a_branch(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, head: Any, kind: str
) -> None:
    event(monkeypatch, tmp_path, name, head)
    assert gate.event_kind() == kind


@pytest.mark.parametrize(
    ("kind", "results", "red"),
    [
        ("push", ("success", "skipped", "skipped", "skipped"), []),
        ("pull_request", ("success", "success", "skipped", "success"), []),
        ("fork", ("success", "skipped", "success", "skipped"), []),
        ("pull_request", ("success", "skipped", "skipped", "skipped"), ["preview"]),
        ("push", ("failure", "skipped", "skipped", "skipped"), ["build"]),
        ("push", ("skipped", "skipped", "skipped", "skipped"), ["build"]),
        ("fork", ("success", "skipped", "cancelled", "skipped"), ["compare"]),
        ("push", ("success", "skipped", "skipped", "failure"), ["comment"]),
    ],
)
def test_what_an_event_needs_must_have_succeeded(kind: str, results: tuple[str, ...], red: list[str]) -> None:
    given = dict(zip(("build", "preview", "compare", "comment"), results, strict=True))
    verdicts = gate.judge(given, kind, MUST, ["comment"])
    assert [one.job for one in verdicts if one.problem] == red
    if red:
        with pytest.raises(GateError, match=red[0]):
            gate.check(verdicts)
    else:
        gate.check(verdicts)


@pytest.mark.parametrize("results", [{"build": "success"}, {"other": "success"}])
def test_no_job_is_forgotten(results: dict[str, str]) -> None:
    with pytest.raises(GateError, match="name it in both"):
        gate.judge(results, "push", {"always": ["build", "preview"]}, [])


@pytest.mark.parametrize("text", ["", "[]", '{"build": 1}', '{"build": {}}'])
def test_needs_must_be_what_github_gives(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("NEEDS", text)
    with pytest.raises(GateError, match="toJSON"):
        gate.needs()
