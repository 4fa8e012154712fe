"""Sample objects in the forms that publishers choose."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from covidlake.base.errors import DataSetError
from covidlake.dataset.draft.draft import draft
from covidlake.dataset.draft.sample_objects import read
from tests.unit.covidlake.dataset.draft.drafts import described, write


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_recognised(tmp_path: Path, delimiter: str) -> None:
    rows = [["place", "share, in all", "note"], ["X", "0,5", 'a; b | c, "d"\te'], ["Y", "1,5", "a;b"]]
    path = tmp_path / "a.csv"
    with path.open("w", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    made = described(draft("places", [path], ""))
    assert made.source.delimiter == delimiter
    assert [column.name for column in made.columns] == rows[0]


@pytest.mark.parametrize("sign", ["\u2028", "\x0b", "\x0c", "\x1c", "\x85"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_where_they_end_for_the_job(tmp_path: Path, sign: str, end: str) -> None:
    lines = ["place,note", f"X,a{sign}b", "Y,c"]
    found = draft("places", write(tmp_path, {"a.csv": end.join(lines)}), "")
    assert (list(found.kinds), found.notes[0]) == (
        ["place", "note"],
        "the key is place: unique in all 2 rows",
    )


@pytest.mark.parametrize(
    ("content", "values", "note"),
    [
        ("place, cases\nX, 1\n", [{"place": "X", "cases": " 1"}], ""),
        ("place\nX\nplace\nY\n", [{"place": "X"}, {"place": "Y"}], "one column alone"),
        ("place,n\nX\nY,1\n", [{"place": "Y", "n": "1"}], "1 of 2 rows"),
        (f"place,n\nX,{'1' * 200_000}\nY,1\n", [{"place": "Y", "n": "1"}], "1 of 2 rows"),
        ('{"n": 1}\n' + '{"n":' * 100_000, [{"n": 1}], "not a JSON object"),
        ('{"n": 1}\n{"n": NaN}\n{"n": -Infinity}\n', [{"n": 1}], "2 of 3 lines are not a JSON object"),
        ('oops\n{"n": 1}\n{"n": 2}\n', [{"n": 1}, {"n": 2}], "1 of 3 lines are not a JSON object"),
        ('{"n": "NaN"}\n{"n": "x"}\n', [{"n": "NaN"}, {"n": "x"}], ""),
        ('{"n": 1}\n[2]\n{"n": 3} {}\n', [{"n": 1}], "not a JSON object"),
    ],
)
def test_what_is_no_row_is_passed_over_and_said(
    tmp_path: Path, content: str, values: list[dict[str, object]], note: str
) -> None:
    (path,) = write(tmp_path, {"a.txt": content})
    found = read(path)
    assert found.rows == values
    assert bool(found.notes) is bool(note)
    assert note in " ".join(found.notes)


@pytest.mark.parametrize("other", ["no-such-file", "."])
def test_a_path_that_is_no_file_is_named(tmp_path: Path, other: str) -> None:
    with pytest.raises(DataSetError, match="give a file that you may read"):
        draft("places", [tmp_path / other], "")


def test_objects_with_different_delimiters_are_not_of_one_data_set(tmp_path: Path) -> None:
    paths = write(tmp_path, {"a.csv": "place,cases\nX,1\n", "b.csv": "place;cases\nX;1\n"})
    with pytest.raises(DataSetError, match="delimiter is ';'"):
        draft("places", paths, "")


@pytest.mark.parametrize(
    ("content", "words"),
    [("", "is empty"), ("a,b\n", "only a header"), ('{"a": \n', "no line is a JSON object")],
)
def test_an_object_without_rows_is_named(tmp_path: Path, content: str, words: str) -> None:
    (path,) = write(tmp_path, {"odd.txt": content})
    with pytest.raises(DataSetError, match=words) as caught:
        draft("odd", [path], "")
    assert str(path) in str(caught.value)
