"""One comment on a pull request, kept up to date."""

from __future__ import annotations

from pathlib import Path

import pytest

from covidlake.base.errors import ReportError
from covidlake.github import comment as comments
from covidlake.github.comment import comment
from tests.github_api import GitHubApi

TOKEN, REPOSITORY, BOT = "a-token", "acme/lake", "github-actions[bot]"


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
