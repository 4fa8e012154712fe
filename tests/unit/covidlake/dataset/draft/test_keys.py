"""Which columns are taken for the key of a data set, and which for the version of its rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from covidlake.dataset.draft.draft import draft
from tests.unit.covidlake.dataset.draft.drafts import described, write


def test_a_key_that_is_not_unique_is_said(tmp_path: Path) -> None:
    (path,) = write(tmp_path, {"a.csv": "place,cases\nX,1\nX,2\n"})
    assert "no set of columns is unique" in " ".join(draft("places", [path], "").notes)


JULY = "date,fips,state,cases\n2021-07-{0},1,AL,{1}\n2021-07-{0},2,AK,{1}\n"
KEYS = {
    "a measure is none": ({"a.csv": "state,total_doses\nX,1\nX,2\nY,3\n"}, ("state",), ()),
    "a code is": ({"a.csv": "total,areaCode\n1,11\n2,12\n1,13\n"}, ("areaCode",), ()),
    "a percentage is none": ({"a.csv": "share,kind\n1%,X\n2%,X\n"}, ("kind",), ()),
    "a week is": ({"a.csv": "year,week,n\n2020,1,5\n2020,2,5\n2021,1,6\n"}, ("year", "week"), ()),
    "a year, though all have one": ({"a.csv": "year,code,n\n2020,A,5\n2020,B,5\n"}, ("year", "code"), ()),
    "each day in an object": (
        {"a.csv": JULY.format("01", 5), "b.csv": JULY.format("02", 5)},
        ("date", "fips"),
        (),
    ),
    "reported anew": ({"a.csv": JULY.format("01", 5), "b.csv": JULY.format("01", 6)}, ("date", "fips"), ()),
    "reported twice": (
        {"a.csv": JULY.format("01", 5) + JULY.format("01", 5).partition("\n")[2]},
        ("date", "fips"),
        (),
    ),
    "each country in an object": (
        {"a.csv": "day,country\n2021-07-01,FR\n2021-07-02,FR\n", "b.csv": "day,country\n2021-07-01,DE\n"},
        ("day", "country"),
        (),
    ),
    "a part that may be empty": (
        {"a.csv": "day,country,Admin2\n2021-07-01,US,\n2021-07-01,US,Cook\n2021-07-01,FR,Paris\n"},
        ("day", "country", "Admin2"),
        ("Admin2",),
    ),
    "an hour only where nothing else does": (
        {"a.csv": "day,seen,place\n2021-07-01,2021-07-01 5:06,\n2021-07-01,2021-07-01 5:07,X\n"},
        ("day", "place"),
        ("place",),
    ),
    "an hour rather than what may be empty": (
        {"a.csv": "seen,place,n\n2021-07-01 5:06,,1\n2021-07-01 5:07,X,1\n"},
        ("seen",),
        (),
    ),
    "an hour": ({"a.csv": "seen,n\n2021-07-01 5:06,1\n2021-07-01 5:07,1\n"}, ("seen",), ()),
    "a blank one": (
        {"a.json": '{"code": "A", "at": " "}\n{"code": "A", "at": "B"}'},
        ("code", "at"),
        ("at",),
    ),
    "an empty one that nothing needs": (
        {"a.csv": "day,name,fips\n2021-07-01,Alabama,01\n2021-07-01,Guam,\n2021-07-02,Guam,\n"},
        ("day", "name"),
        (),
    ),
    "a part that older objects lack": (
        {"a.csv": "day,n\n2021-07-01,1\n", "b.csv": "day,place,n\n2021-07-02,X,1\n2021-07-02,Y,1\n"},
        ("day", "place"),
        ("place",),
    ),
}


@pytest.mark.parametrize(("objects", "key", "nullable"), KEYS.values(), ids=KEYS)
def test_a_key_is_what_tells_the_rows_of_an_object_apart(
    tmp_path: Path, objects: dict[str, str], key: tuple[str, ...], nullable: tuple[str, ...]
) -> None:
    made = described(draft("places", write(tmp_path, objects), ""))
    assert made.key == key
    assert tuple(column.name for column in made.columns if column.nullable) == nullable


def test_a_key_of_many_columns_is_said_to_be_a_guess(tmp_path: Path) -> None:
    names = "abcdef"
    rows = [",".join("yes" if other == name else "no" for other in names) for name in names[1:]]
    content = "\n".join([",".join(names), ",".join(["no"] * 6), ",".join(["yes"] + ["no"] * 5), *rows])
    found = draft("places", write(tmp_path, {"a.csv": content}), "")
    assert "is a guess" in found.notes[0]


def test_a_date_that_may_be_empty_partitions_no_table(tmp_path: Path) -> None:
    made = described(draft("places", write(tmp_path, {"a.csv": "place,day\nX,2021-07-01\nX,\n"}), ""))
    assert (made.key, made.partition, made.column("day").nullable) == (("place", "day"), None, True)


def test_of_two_older_names_of_a_field_the_one_with_a_value_counts(tmp_path: Path) -> None:
    objects = {"a.csv": "Place Name,Place-Name\nX,\n", "b.csv": "Place_Name\nX\n"}
    made = described(draft("places", write(tmp_path, objects), ""))
    assert made.column("Place_Name").aliases == ("Place Name", "Place-Name")
    assert (made.key, made.column("Place_Name").nullable) == (("Place_Name",), False)


def test_rows_reported_anew_and_reported_twice_are_named(tmp_path: Path) -> None:
    again = JULY.format("01", 5).partition("\n")[2]
    objects = {"a.csv": JULY.format("01", 5) + again, "b.csv": JULY.format("01", 6)}
    notes = " ".join(draft("places", write(tmp_path, objects), "").notes)
    assert "exactly like another row of their object: 2 rows" in notes
    assert "with the key of a row in another object: 2 rows" in notes


@pytest.mark.parametrize(
    ("content", "key", "version"),
    [
        (
            "code,cases,updated_at\nA,1,2021-07-01 10:00:00\nA,2,2021-07-01 11:00:00\n",
            ("code",),
            "updated_at",
        ),
        (
            "code,cases,date_updated\nA,1,2021-07-01\nA,2,2021-07-02\nB,2,2021-07-02\n",
            ("code",),
            "date_updated",
        ),
        ("code,version\nA,1\nA,2\nB,2\n", ("code",), "version"),
        ("code,Last Update\nA,2021-07-01 10:00:00\nB,2021-07-01 11:00:00\n", ("code",), ""),
        # A series whose only date is that of its change: the newest row alone would lose all others.
        ("code,date_updated\nA,2021-07-01\nA,2021-07-02\nA,2021-07-03\n", ("date_updated", "code"), ""),
    ],
)
def test_what_tells_the_newer_row_is_the_version_where_rows_share_a_key(
    tmp_path: Path, content: str, key: tuple[str, ...], version: str
) -> None:
    found = draft("places", write(tmp_path, {"a.csv": content}), "")
    made = described(found)
    assert (made.key, made.version) == (key, version)
    name = content.partition("\n")[0].split(",")[-1]
    assert name in key or any(name in note and "version" in note for note in found.notes)
