"""Two runs at once prepare one source after the other."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from covidlake.base import project
from covidlake.laptop import source


def test_two_runs_at_once_make_the_sample_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project, "BUILD", tmp_path)
    made, found, said = [], [], list[str]()

    def slowly(destination: Path) -> None:
        made.append(destination)
        (destination / "data").mkdir(parents=True)
        for number in range(5):
            (destination / "data" / f"{number}.json").write_text("{}")
            time.sleep(0.05)

    monkeypatch.setattr(source, "make_sample", slowly)
    runs = [
        threading.Thread(target=lambda: found.append(source.folder_of("sample", said.append))) for _ in "123"
    ]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert (len(made), len(found), len(set(found))) == (1, 3, 1)
    assert len(list(found[0].rglob("*.json"))) == 5
    assert any("waiting" in line for line in said)


def test_a_sample_that_was_broken_off_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project, "BUILD", tmp_path)

    def interrupted(destination: Path) -> None:
        (destination / "data").mkdir(parents=True)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(source, "make_sample", interrupted)
        with pytest.raises(KeyboardInterrupt):
            source.folder_of("sample", lambda _: None)
    monkeypatch.setattr(source, "make_sample", lambda where: (where / "data").mkdir(parents=True))
    assert source.folder_of("sample", lambda _: None).is_dir()
