"""The first line of a CSV is its header: what speaks against that is refused or said."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from covidlake.base.errors import DataSetError
from covidlake.dataset.draft.draft import draft
from covidlake.dataset.draft.sample_objects import read
from tests.unit.covidlake.dataset.draft.drafts import described, write

NO_HEADER = {
    "numbers": (
        "1,Germany,5\n2,France,6\n",
        r"line 1 \(1, Germany, 5\) looks like a row.*put a line of names",
    ),
    "numbers after blanks": ("1, 5\n2, 6\n", "looks like a row"),
    "a date": ("2021-07-01,X\n2021-07-02,Y\n", "looks like a row"),
    "a fraction": ("X,0.5\nY,1.5\n", "looks like a row"),
    "a line for Excel": ("sep=;\nplace;cases\nX;1\n", r"line 1 \(sep=;\) is for Excel: remove it"),
    "a comment": ("# made today\nplace,cases\nX,1\nY,2\n", r"line 1 .*is no header.*'place,cases'"),
    "a title": ("Report of July\n\nplace;cases\nX;1\nY;2\n", r"line 1 .*is no header"),
    "a text": (
        "# Covid Lake\n\nA lake of data.\n\n## Run\nIt runs.\n",
        r"line 1 \(# Covid Lake\) is the title",
    ),
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
