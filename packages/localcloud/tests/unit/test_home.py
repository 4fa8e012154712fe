"""The folder of one cloud: its lock, its run file, its state."""

from __future__ import annotations

from pathlib import Path

import pytest

from localcloud.errors import LocalCloudError
from localcloud.home import Home, Run, ephemeral

RUN = Run(pid=1, port=4567, region="us-east-2", wait_scale=1.0, started_at="2026-01-01T00:00:00+00:00")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made.create()
    return made


def test_a_home_has_one_server(home: Home) -> None:
    assert not home.is_held()
    with home.hold():
        assert home.is_held()
        with pytest.raises(LocalCloudError, match="already runs"), home.hold():
            pytest.fail("two servers hold one home")
    assert not home.is_held()


def test_the_run_file_counts_only_while_its_server_lives(home: Home) -> None:
    with home.hold():
        assert home.run() is None
        home.announce(RUN)
        assert home.run() == RUN
    assert home.run() is None
    assert home.last_port() == 4567


def test_a_home_is_private(home: Home) -> None:
    assert home.path.stat().st_mode & 0o077 == 0


def test_sweeping_keeps_the_state_and_forgetting_removes_it(home: Home) -> None:
    for folder in (home.temporary, home.state, home.objects):
        (folder / "deep").mkdir(parents=True)
    home.sweep()
    assert not home.temporary.exists()
    assert home.state.exists()
    home.forget_state()
    assert not home.state.exists()
    assert not home.objects.exists()


def test_a_home_that_is_held_is_not_taken_for_a_left_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    held, left = Home(tmp_path / "localcloud-held"), Home(tmp_path / "localcloud-left")
    stranger = tmp_path / "localcloud-notes"
    stranger.mkdir()
    with left.hold():
        assert left.path.exists()
    with held.hold():
        made = ephemeral()
    assert held.path.exists()
    assert stranger.exists()
    assert not left.path.exists()
    assert made.path.parent == tmp_path.resolve()
