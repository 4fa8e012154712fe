"""What plug-ins keep between two runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from localcloud.plugin import state


@pytest.fixture
def keeper(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    held: dict[str, Any] = {"runs": [1]}
    monkeypatch.setattr(state, "_keepers", {})
    state.keep("plugin", lambda: dict(held), held.update, held.clear)
    return held


def test_the_state_of_a_plug_in_is_kept_between_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keeper: dict[str, Any]
) -> None:
    monkeypatch.setenv("PERSIST_STATE", "1")
    monkeypatch.setenv("STATE_DIR", str(tmp_path / "state"))
    state.save()
    state.reset()
    assert keeper == {}
    state.restore()
    assert keeper == {"runs": [1]}


@pytest.mark.parametrize("content", ["{", "[1, 2]", "7", ""])
def test_the_state_of_a_plug_in_that_it_cannot_use_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keeper: dict[str, Any], content: str
) -> None:
    monkeypatch.setenv("PERSIST_STATE", "1")
    monkeypatch.setenv("STATE_DIR", str(tmp_path))
    (tmp_path / "localcloud-plugin.json").write_text(content)
    with pytest.raises(
        state.UnusableStateError, match=r"localcloud-plugin\.json cannot be used .*reset starts anew"
    ):
        state.restore()
    assert keeper == {"runs": [1]}


def test_an_ephemeral_cloud_saves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keeper: dict[str, Any]
) -> None:
    monkeypatch.setenv("PERSIST_STATE", "0")
    monkeypatch.setenv("STATE_DIR", str(tmp_path))
    state.save()
    assert list(tmp_path.iterdir()) == []
