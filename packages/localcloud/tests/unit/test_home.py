"""The folder of one cloud: its lock, its run file, its state."""

from __future__ import annotations

import json
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


@pytest.mark.parametrize("junk", [b"junk", b"{}", b"[1]", b"\xff", b"[" * 10_000])
def test_junk_in_the_run_file_counts_only_while_somebody_holds_the_home(home: Home, junk: bytes) -> None:
    (home.path / "run.json").write_bytes(junk)
    assert home.run() is None
    with home.hold(), pytest.raises(LocalCloudError, match="does not say where the cloud runs"):
        home.run()


def test_a_folder_with_something_else_in_it_is_not_ours(tmp_path: Path) -> None:
    foreign = Home(tmp_path)
    foreign.require_own()
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(LocalCloudError, match="is no folder of a local cloud"):
        foreign.require_own()
    (tmp_path / "lock").touch()
    foreign.require_own()


def test_a_folder_in_which_another_process_is_just_starting_is_ours(home: Home) -> None:
    home.create()
    home.log.touch()
    home.require_own()


def test_a_state_that_is_damaged_or_gone_is_said(home: Home) -> None:
    home.check_state()
    home.state.mkdir()
    for name in ("sqs.json", "glue.json"):
        (home.state / name).write_text("{}")
    home.objects.mkdir()
    home.note_state()
    home.check_state()
    (home.state / "glue.json").write_text("{")
    with pytest.raises(LocalCloudError, match=r"glue\.json is damaged: .*: reset starts anew"):
        home.check_state()
    (home.state / "glue.json").unlink()
    with pytest.raises(LocalCloudError, match=r"glue\.json is missing: restore it, or reset starts anew"):
        home.check_state()
    home.note_state()
    home.objects.rmdir()
    with pytest.raises(LocalCloudError, match="s3 is missing"):
        home.check_state()
    home.forget_state()
    home.check_state()


def test_a_state_that_a_newer_release_wrote_is_said(home: Home) -> None:
    home.note_state()
    home.check_state()
    noted = json.loads((home.path / "state.list").read_text())
    (home.path / "state.list").write_text(json.dumps({**noted, "ministack": "99.0.0"}))
    with pytest.raises(LocalCloudError, match=r"was written by ministack 99\.0\.0, and .* is installed"):
        home.check_state()
