"""Sample objects in the forms that publishers choose."""

from __future__ import annotations

import csv
import re
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
        ("place, cases\nX, 1\n", [{"place": "X", "cases": "1"}], ""),
        ("place\nX\nplace\nY\n", [{"place": "X"}, {"place": "Y"}], "one column alone"),
        ("place,n\nX\nY,1\n", [{"place": "Y", "n": "1"}], "1 of 2 rows"),
        (f"place,n\nX,{'1' * 200_000}\nY,1\n", [{"place": "Y", "n": "1"}], "1 of 2 rows"),
        ('{"n": 1}\n' + '{"n":' * 100_000, [{"n": 1}], "not a JSON object"),
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


NO_HEADER = {
    "numbers": (
        "1,Germany,5\n2,France,6\n",
        r"line 1 \(1, Germany, 5\) looks like a row.*put a line of names",
    ),
    "a date": ("2021-07-01,X\n2021-07-02,Y\n", "looks like a row"),
    "a fraction": ("X,0.5\nY,1.5\n", "looks like a row"),
    "a comment": ("# made today\nplace,cases\nX,1\nY,2\n", r"line 1 .*is no header.*'place,cases'"),
    "a title": ("Report of July\n\nplace;cases\nX;1\nY;2\n", r"line 1 .*is no header"),
    "a title with a comma": (
        "Report, July\nplace,cases,n\nX,1,2\nY,2,3\n",
        "no row has|line 1 .*is no header",
    ),
    "most rows": ("a,b\n1,2\nx,2,3\ny,2,3\n", "2 of 3 rows|is no header"),
    "one JSON over lines": ('{\n "a": 1\n}\n', r"JSON over several lines.*jq -c \."),
    "a JSON array": ('[{"a": 1}]\n', r"JSON array.*jq -c '\.\[\]'"),
    "a JSON text": ('"a"\n"b"\n"c"\n', "JSON Lines of texts|one column"),
}


@pytest.mark.parametrize(("content", "said"), NO_HEADER.values(), ids=NO_HEADER)
def test_an_object_without_a_header_in_its_first_line_is_refused_or_said(
    tmp_path: Path, content: str, said: str
) -> None:
    (path,) = write(tmp_path, {"a.csv": content})
    try:
        notes = " ".join(read(path).notes)
    except DataSetError as error:
        notes = str(error)
    assert re.search(said, notes)


SAID = {
    "a word that stands below": ("US,a\nFR,b\nUS,c\n", "US, the name of a column, is a value of it too"),
    "one column": ("place\nX\nY\n", "one column alone"),
    "a name twice": ("place,n,n\nX,1,2\n", "n is the name of 2 columns and is left out"),
    "a text over two lines": ('place,note\nX,"a\nb"\nY,c\nZ,d\nV,w\n', "2 of 5 rows"),
    "a text without an end": ('place,note\nX,a\nY,"c\n', "1 of 2 rows"),
    "rows in one object": ('{"count": 2, "rows": [{"a": 1}, {"a": 2}]}\n', r"jq -c '\.rows\[\]'"),
}


@pytest.mark.parametrize(("content", "said"), SAID.values(), ids=SAID)
def test_what_may_be_meant_otherwise_is_said(tmp_path: Path, content: str, said: str) -> None:
    (path,) = write(tmp_path, {"a.csv": content})
    assert re.search(said, " ".join(read(path).notes))


@pytest.mark.parametrize(
    "content",
    [
        "Country,2019,2020\nX,1,2\nY,3,4\n",
        "place,1/22/20,1/23/20\nX,1,2\n",
        "#date,cases\n2021-07-01,5\n",
        "2019,2020\n1,2\n",
    ],
)
def test_names_that_look_like_values_are_names(tmp_path: Path, content: str) -> None:
    (path,) = write(tmp_path, {"a.csv": content})
    assert list(read(path).fields) == content.partition("\n")[0].split(",")


def test_a_field_that_is_named_twice_is_in_no_description(tmp_path: Path) -> None:
    (path,) = write(tmp_path, {"a.csv": "place,n,n\nX,1,2\nY,3,4\n"})
    assert [column.name for column in described(draft("places", [path], "")).columns] == ["place"]
