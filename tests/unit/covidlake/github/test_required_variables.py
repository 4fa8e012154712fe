"""A job without its variables says so, and what may be the reason."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from covidlake.base.errors import GitHubError
from covidlake.github.required_variables import require


@pytest.fixture(autouse=True)
def variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_EVENT_PATH", raising=False)
    monkeypatch.setenv("AWS_REGION", "us-east-2")
    monkeypatch.setenv("AWS_OPS_ROLE_ARN", "")
    monkeypatch.delenv("AWS_DRIFT_ROLE_ARN", raising=False)


def test_what_is_set_is_enough() -> None:
    require(["AWS_REGION"])


def test_every_empty_one_is_named_and_none_that_is_set() -> None:
    with pytest.raises(GitHubError, match="no variable AWS_OPS_ROLE_ARN, AWS_DRIFT_ROLE_ARN for") as raised:
        require(["AWS_OPS_ROLE_ARN", "AWS_REGION", "AWS_DRIFT_ROLE_ARN"])
    assert "AWS_REGION" not in str(raised.value)
    assert "covidlake bootstrap" in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ({"repository": {"private": True}}, True),
        ({"repository": {"private": False}}, False),
        ({"schedule": "37 */6 * * *"}, True),  # which does not say
        ([], True),
    ],
)
def test_the_plan_may_be_the_reason_unless_the_repository_is_public(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, event: object, said: bool
) -> None:
    path = tmp_path / "event.json"
    path.write_text(json.dumps(event))
    monkeypatch.setenv("GITHUB_EVENT_PATH", str(path))
    with pytest.raises(GitHubError) as raised:
        require(["AWS_OPS_ROLE_ARN"])
    assert ("Free plan has no environments" in str(raised.value)) is said
