"""A key is held against every row of every object, and how sure it is is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from covidlake.dataset.draft import sample_objects
from covidlake.dataset.draft.draft import draft
from tests.unit.covidlake.dataset.draft.drafts import described, write


@pytest.fixture(autouse=True)
def few_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample_objects, "ROWS", 50)


def rows(*lines: str) -> str:
    """200 rows whose key is the place, and these."""
    return "place,kind,cases\n" + "".join(f"k{n},a,5\n" for n in range(200)) + "".join(lines)


def test_a_key_that_late_rows_share_takes_what_tells_them_apart(tmp_path: Path) -> None:
    (path,) = write(tmp_path, {"a.csv": rows("k150,b,7\n")})
    found = draft("places", [path], "")
    assert described(found).key == ("place", "kind")
    assert "unique in all 201 rows" in " ".join(found.notes)


def test_a_part_of_a_key_that_late_rows_lack_is_nullable(tmp_path: Path) -> None:
    (path,) = write(tmp_path, {"a.csv": rows("k150,,7\n", "k150,b,7\n")})
    made = described(draft("places", [path], ""))
    assert made.key == ("place", "kind")
    assert made.column("kind").nullable


def test_rows_that_nothing_tells_apart_are_counted(tmp_path: Path) -> None:
    (path,) = write(tmp_path, {"a.csv": rows("k150,a,7\n", "k150,a,8\n")})
    found = draft("places", [path], "")
    said = " ".join(found.notes)
    assert "2 of 202 rows" in said
    assert "is a guess" in said


def test_rows_that_repeat_another_exactly_do_not_count(tmp_path: Path) -> None:
    (path,) = write(tmp_path, {"a.csv": rows("k150,a,5\n")})
    found = draft("places", [path], "")
    assert described(found).key == ("place",)


@pytest.mark.parametrize("count", [1, 2])
def test_what_was_read_is_said(tmp_path: Path, count: int) -> None:
    paths = write(tmp_path, {f"{n}.csv": rows() for n in range(count)})
    said = " ".join(draft("places", paths, "").notes)
    assert f"read: all {200 * count} rows of {count} object" in said
    assert "the first 50 of each object" in said
    assert ("one object alone" in said) is (count == 1)
