"""Which browser the tests take, and what is said where there is none."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser import browsers, install
from tests.environment import ROOT


@pytest.fixture(autouse=True)
def nothing_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(browsers.CHOSEN, raising=False)
    monkeypatch.setattr(browsers, "PACKAGES", ())


def program(folder: Path, name: str) -> Path:
    path = folder / name
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_the_first_browser_of_the_machine_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    program(tmp_path, "google-chrome")
    first = program(tmp_path, "chromium")
    assert browsers.executable() == str(first)
    assert browsers.missing() == ""


def test_another_one_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = program(tmp_path, "other")
    monkeypatch.setenv(browsers.CHOSEN, str(other))
    assert browsers.executable() == str(other)
    assert browsers.missing() == ""


def test_without_a_browser_the_reason_names_what_was_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert browsers.missing().startswith("no browser (chromium, ")
    assert browsers.INSTALL in browsers.missing()


def test_without_the_packages_the_reason_names_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browsers, "PACKAGES", ("no_such_package",))
    assert browsers.missing() == f"no package no_such_package: {browsers.INSTALL}"


def test_a_named_one_that_is_not_there_is_an_error_and_no_reason_to_skip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = tmp_path / "lost"
    monkeypatch.setenv(browsers.CHOSEN, str(lost))
    assert browsers.wrong() == f"{browsers.CHOSEN}: no program {lost}"
    with pytest.raises(SystemExit, match="no program"):
        install.main()


def test_the_named_one_reaches_the_tests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lost = tmp_path / "lost"
    monkeypatch.setenv(browsers.CHOSEN, str(lost))
    command = [sys.executable, "-m", "pytest", "-q", "--collect-only", "-p", "no:cacheprovider", __file__]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert f"{browsers.CHOSEN}: no program {lost}" in done.stderr
