"""Spark's class-data archive: what is said where it cannot be made."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from localcloud.glue.jobs import class_data


@pytest.mark.parametrize(
    ("stderr", "said"),
    [
        (b"trace\n\tat a.B\nError: no memory\n", "Error: no memory"),
        ("trace\n\tat a.B\nError: no memory\n", "Error: no memory"),
        (b"", "returned non-zero"),
        (None, "non-zero"),
    ],
)
def test_the_reason_is_the_last_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, stderr: str | bytes | None, said: str
) -> None:
    def fail(*_: Any) -> None:
        raise subprocess.CalledProcessError(1, "java", stderr=stderr)

    monkeypatch.setattr(class_data, "archive", lambda: "")
    monkeypatch.setattr(class_data, "_archive_files", lambda: (tmp_path / "a.jsa", tmp_path / "b.jsa"))
    monkeypatch.setattr(class_data, "_make", fail)
    with pytest.raises(class_data.ArchiveError) as caught:
        class_data.make_archive(lambda _: None)
    assert said in str(caught.value)
    assert "\tat" not in str(caught.value)
