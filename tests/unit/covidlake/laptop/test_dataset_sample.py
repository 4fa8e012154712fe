"""Objects of one's own, laid out like the bucket for a trial."""

from __future__ import annotations

from pathlib import Path

import pytest

from covidlake.base.errors import SourceError
from covidlake.laptop.dataset_sample import fill
from ingestion.description import Column, DataSet, NamedQuery, Source

DAY = r"(\d{4}-\d{2}-\d{2})"


def described(*patterns: str) -> DataSet:
    dates = tuple(Column(f"date_{n}", "date", from_name=pattern) for n, pattern in enumerate(patterns))
    questions = (NamedQuery("All", "SELECT 1"),)
    return DataSet("places", "", Source("a/b/"), (Column("place", "string"), *dates), ("place",), questions)


LAID_OUT = {
    "other names": ((), ["x/a.json", "y/b.json"], ["a.json", "b.json"]),
    "one name": ((), ["x/a.json", "y/a.json", "y/b.json"], ["b.json", "x/a.json", "y/a.json"]),
    "folders of one name": ((), ["x/z/a.json", "y/z/a.json"], ["x/z/a.json", "y/z/a.json"]),
    "one file twice": ((), ["x/a.json", "x/../x/a.json"], ["a.json"]),
    "a hidden folder": ((), [".x/a.json", "y/a.json"], ["x/a.json", "y/a.json"]),
    "a date in the folder": ((DAY,), ["2021-07-01/a.json", "x/b.json"], ["2021-07-01/a.json", "b.json"]),
    "a date in the name": (
        (DAY,),
        ["2021-07-01/2021-07-02.json", "y/2021-07-02.json"],
        ["x/2021-07-02.json", "y/2021-07-02.json"],
    ),
}


@pytest.mark.parametrize(("patterns", "paths", "expected"), LAID_OUT.values(), ids=LAID_OUT)
def test_every_object_has_a_place_of_its_own(
    tmp_path: Path, patterns: tuple[str, ...], paths: list[str], expected: list[str]
) -> None:
    given = [tmp_path / "given" / path for path in paths]
    for path in given:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(str(path.resolve()))
    fill(tmp_path / "source", described(*patterns), given)
    below = tmp_path / "source" / "a" / "b"
    laid = [path for path in below.rglob("*") if path.is_file()]
    assert sorted(path.relative_to(below).as_posix() for path in laid) == expected
    assert {path.read_text() for path in laid} == {str(path.resolve()) for path in given}


def test_a_path_that_is_no_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"a\.json: no such file; give objects of a/b/"):
        fill(tmp_path / "source", described(), [tmp_path / "a.json"])


def test_a_misspelt_file_is_answered_with_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "reports.json").write_text("{}")
    with pytest.raises(SourceError, match=r"report\.json: no such file, did you mean reports\.json\?; give"):
        fill(tmp_path / "source", described(), [tmp_path / "report.json"])


def test_a_folder_is_no_object(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is a folder; give the files in it"):
        fill(tmp_path / "source", described(), [tmp_path])


@pytest.mark.parametrize("name", ["a\nb.json", "caf\udce9.json", "a\x1bb.json", ".a.json"])
def test_a_name_that_no_object_can_have_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("{}")
    with pytest.raises(SourceError, match="rename it"):
        fill(tmp_path / "source", described(), [tmp_path / name])
    assert not (tmp_path / "source").exists()
