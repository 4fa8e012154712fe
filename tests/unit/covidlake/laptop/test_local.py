"""The process is pointed at the cloud on the laptop, and back again."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Any, cast

import pytest

from covidlake import aws
from covidlake.base.errors import LocalCloudError, StackBusyError
from covidlake.laptop import local

SETTINGS = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_ACCESS_KEY_ID": "laptop"}


@pytest.fixture(autouse=True)
def executions(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Those that run in the cloud."""
    found: list[str] = []
    monkeypatch.setattr(local.stop, "running_anywhere", lambda: found)
    return found


class Cloud:
    """A handle that only says how it is reached."""

    def environment(self) -> dict[str, str]:
        return SETTINGS


def test_settings_of_the_user_are_put_aside_and_brought_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "mine")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "secret")
    monkeypatch.setenv("AWS_CA_BUNDLE", "ca.pem")
    before = dict(os.environ)
    forgotten: list[None] = []
    monkeypatch.setattr(aws, "forget", lambda: forgotten.append(None))
    with local.attached(cast(Any, Cloud())):
        assert {name: os.environ[name] for name in SETTINGS} == SETTINGS
        assert "AWS_PROFILE" not in os.environ
        assert "AWS_SESSION_TOKEN" not in os.environ
        assert os.environ["AWS_CA_BUNDLE"] == "ca.pem"
        assert os.environ["AWS_SHARED_CREDENTIALS_FILE"] == os.devnull
    assert dict(os.environ) == before
    assert len(forgotten) == 2


def test_an_error_inside_brings_them_back_too(monkeypatch: pytest.MonkeyPatch) -> None:
    before = dict(os.environ)
    with pytest.raises(ValueError, match="no"), local.attached(cast(Any, Cloud())):
        raise ValueError("no")
    assert dict(os.environ) == before


def test_without_a_running_cloud_the_hint_is_make_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "running", lambda: None)
    with pytest.raises(LocalCloudError, match="start it with: make up"):
        local.require_running()


@pytest.mark.parametrize(
    ("source", "whole", "kept"), [(None, True, True), (None, False, False), ("sample", True, False)]
)
def test_a_filled_bucket_stays_unless_a_source_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any, source: str | None, whole: bool, kept: bool
) -> None:
    asked: list[str] = []

    def folder_of(name: str, _progress: Any) -> Any:
        asked.append(name)
        return tmp_path

    monkeypatch.setattr(local.mirror, "is_whole", lambda _: whole)
    monkeypatch.setattr(local, "folder_of", folder_of)
    monkeypatch.setattr(local.mirror, "mirror", lambda *_: local.mirror.Mirrored(3, 2, 1))
    text = local.fill_source(source, lambda _: None)
    assert asked == ([] if kept else ["sample"])
    assert ("as it was" in text) is kept
    assert ("3 objects from sample, 2 sent, 1 removed" in text) is not kept


def test_no_object_is_replaced_while_an_execution_reads(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, executions: list[str]
) -> None:
    executions.append("ingest-today")
    monkeypatch.setattr(local, "folder_of", lambda *_: tmp_path)
    monkeypatch.setattr(local.mirror, "is_whole", lambda _: True)
    with pytest.raises(
        StackBusyError, match=r"execution ingest-today reads .* covidlake stop ENV ingest-today"
    ):
        local.fill_source("feedB", lambda _: None)
    assert "as it was" in local.fill_source(None, lambda _: None)


@pytest.mark.parametrize(("source", "said"), [("sample", False), ("public", True), ("folder", True)])
def test_what_a_source_leaves_out_is_said_but_for_the_samples_own_notice(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any, source: str, said: bool
) -> None:
    monkeypatch.setattr(local, "folder_of", lambda *_: tmp_path)
    monkeypatch.setattr(local.mirror, "mirror", lambda *_: local.mirror.Mirrored(3, 2, 1, ("README.txt",)))
    assert ("left out" in local.fill_source(source, lambda _: None)) is said


def test_a_kept_cloud_whose_folder_is_damaged_is_said_not_passed_over(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    home = tmp_path / ".localcloud"
    monkeypatch.setattr(local, "HOME", home)
    assert local.running() is None
    home.write_text("")
    with pytest.raises(LocalCloudError, match=r"run.json: Not a directory: move .*\.localcloud away"):
        local.running()
    home.unlink()
    home.mkdir()
    (home / "run.json").write_text("junk")
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(LocalCloudError, match="does not say where the cloud runs"):
            local.running()
