"""Whatever is no JSON is one kind of error."""

from __future__ import annotations

from pathlib import Path

import pytest

from covidlake.base import json_text


@pytest.mark.parametrize(
    "text", ["", "{", "[" * 100_000, '{"a":' * 100_000, f"[{'9' * 10_000}]", b"\xff\xfe", "\0"]
)
def test_what_is_no_json_is_a_value_error(text: str | bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each kind has words of its own
        json_text.parse(text)


def test_a_file_is_read_as_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_bytes('{"ä": 1}'.encode())
    assert json_text.read(path) == {"ä": 1}
    path.write_bytes('{"ä": 1}'.encode("latin-1"))
    with pytest.raises(ValueError, match="utf-8"):
        json_text.read(path)
