"""Whether a command runs in a workflow."""

from __future__ import annotations

import pytest

from covidlake.base import workflow


@pytest.mark.parametrize(("value", "active"), [("true", True), ("", False), ("false", False)])
def test_github_says_whether_it_is_a_workflow(
    monkeypatch: pytest.MonkeyPatch, value: str, active: bool
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", value)
    assert workflow.active() is active


def test_elsewhere_nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    assert not workflow.active()
