"""A first draft of a description, from objects as publishers write them."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

import datasets as descriptions
from covidlake.base.errors import DataSetError
from covidlake.commands import dataset
from covidlake.dataset import descriptions as datasets
from covidlake.dataset.draft.draft import draft
from covidlake.dataset.draft.source_code import source_code
from tests.unit.covidlake.dataset.draft.drafts import described, write

REPORTS = {
    "01-22-2020.csv": "Province/State,Country/Region,Last Update,Confirmed\nAnhui,China,1/22/2020 17:00,1\n"
    "Hubei,China,1/22/2020 17:00,444\n",
    "03-01-2020.csv": "Province/State,Country/Region,Last Update,Confirmed,Latitude,Longitude\r\n"
    "Hubei,China,2020-03-01T10:13:19,66907,30.9,112.2\r\nAnhui,China,2020-02-29T13:03:05,990,31.8,117.2\r\n",
    "03-22-2020.csv": "\ufeffFIPS,Province_State,Country_Region,Last_Update,Lat,Long_,Confirmed,"
    "Incidence_Rate\n"
    "01001,Alabama,US,2020-03-22 23:45:00,32.5,-86.6,0,0.5\n,Hubei,China,3/8/20 5:31,30.9,112.2,67800,1.5\n",
    "11-09-2020.csv": "FIPS,Province_State,Country_Region,Last_Update,Lat,Long_,Confirmed,Incident_Rate\n"
    "01001,Alabama,US,2020-11-10 05:25:31,32.5,-86.6,2,1.5\n"
    ",Hubei,China,2020-11-10 05:25:31,30.9,112.2,68139,2\n",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where descriptions are written and found."""
    place = tmp_path / "datasets"
    place.mkdir()
    monkeypatch.setattr(datasets, "FOLDER", place)
    monkeypatch.setattr(descriptions, "__path__", [*descriptions.__path__, str(place)])
    return place


def test_reports_with_five_headers_become_one_description(tmp_path: Path) -> None:
    found = draft("daily_reports", write(tmp_path, REPORTS), "jhu/csv")
    made = described(found)
    assert made.source.prefix == "jhu/csv/"
    assert {column.name: column.aliases for column in made.columns if column.aliases} == {
        "Province_State": ("Province/State",),
        "Country_Region": ("Country/Region",),
        "Last_Update": ("Last Update",),
        "Lat": ("Latitude",),
        "Long_": ("Longitude",),
        "Incident_Rate": ("Incidence_Rate",),
    }
    assert {column.name: column.type for column in made.columns} == {
        "report_date": "date",
        "Province_State": "string",
        "Country_Region": "string",
        "Last_Update": "timestamp",
        "Confirmed": "bigint",
        "Lat": "double",
        "Long_": "double",
        "FIPS": "string",
        "Incident_Rate": "double",
    }
    assert made.column("Last_Update").formats == (
        "M/d/yyyy H:mm",
        "yyyy-MM-dd'T'HH:mm:ss",
        "yyyy-MM-dd H:mm:ss",
        "M/d/yy H:mm",
    )
    assert made.key == ("report_date", "Province_State")
    assert made.partition is not None
    assert any("leading zeros" in note for note in found.notes)


def test_json_lines_become_typed_columns(tmp_path: Path) -> None:
    rows = [
        {
            "code": code,
            "day": day,
            "n": n,
            "share": 0.5,
            "quoted": "17",
            "bands": [{"age": "0_to_4", "rate": 1.5}],
        }
        for n, (code, day) in enumerate([("A", "2022-12-01"), ("B", "2022-12-01"), ("A", "2022-12-02")])
    ]
    path = tmp_path / "part-0.json.gz"
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))
    made = described(draft("sample", [path], ""))
    types = [(column.name, column.type, column.text) for column in made.columns]
    assert types == [
        ("code", "string", False),
        ("day", "date", False),
        ("n", "bigint", False),
        ("share", "double", False),
        ("quoted", "bigint", True),
        ("bands", "array<struct<age:string,rate:double>>", False),
    ]
    assert (made.key, made.source.prefix) == (("day", "code"), "sample/")


def test_words_for_no_value_are_named_where_they_hide_a_type(tmp_path: Path) -> None:
    content = "place,code,cases,day\nX,NA,1,-\nY,DE,NA,2021-07-01\nN/A,FR,N/A,2021-07-02\n"
    found = draft("places", write(tmp_path, {"a.csv": content}), "")
    made = described(found)
    assert made.source.nulls == ("", "NA", "N/A", "-")
    assert (made.column("cases").type, made.column("day").type) == ("bigint", "date")
    assert any("place, code" in note for note in found.notes)


@pytest.mark.parametrize(
    ("header", "columns", "words"),
    [
        (",place,cases", ["place", "cases"], "no name"),
        ("place,cases,cases", ["place"], "is left out"),
        ("place,Cases,cases", ["place", "Cases"], "left out"),
        ("place,Last Update,Last_Update", ["place", "Last Update"], "left out"),
        ("place,\u65e5\u672c,\u6771\u4eac", ["place", "\u65e5\u672c"], "left out"),
        ("date,month,cases", ["date", "month", "cases"], "never empty"),
    ],
)
def test_names_that_the_table_cannot_have_are_left_out(
    tmp_path: Path, header: str, columns: list[str], words: str
) -> None:
    rows = "2021-07-01,7,5\n2021-07-02,7,6\n"
    found = draft("places", write(tmp_path, {"a.csv": f"{header}\n{rows}"}), "")
    assert [column.name for column in described(found).columns] == columns
    assert words in " ".join(found.notes)


def test_fields_of_json_that_the_job_cannot_name_are_left_out(tmp_path: Path) -> None:
    content = json.dumps({"place": "X", "": 1, "a`b": 2, "_corrupt": 3})
    made = described(draft("places", write(tmp_path, {"a.json": content}), ""))
    assert [column.name for column in made.columns] == ["place"]


def test_older_names_may_differ_by_case_alone(tmp_path: Path) -> None:
    objects = {"a.json": '{"place": "X", "n": 1}', "b.json": '{"Place": "X", "n": 2}'}
    found = draft("places", write(tmp_path, objects), "")
    made = described(found)
    assert {column.name: column.aliases for column in made.columns} == {"Place": ("place",), "n": ()}
    assert found.notes[0] == "place is taken for the older name of Place"


def test_a_date_in_names_does_not_take_the_name_of_a_field(tmp_path: Path) -> None:
    (path,) = write(tmp_path, {"20210701.csv": "report_date,place\nfirst,X\n"})
    made = described(draft("places", [path], ""))
    assert [column.name for column in made.columns] == ["object_date", "report_date", "place"]


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [("s3://bucket/x/", "x/"), ("s3a://bucket/x/y", "x/y/"), ("/x", "x/"), ("x/y/", "x/y/"), ("", "places/")],
)
def test_a_prefix_is_the_key_of_a_folder(tmp_path: Path, prefix: str, expected: str) -> None:
    paths = write(tmp_path, {"a.csv": "place\nX\n"})
    assert draft("places", paths, prefix).prefix == expected


@pytest.mark.parametrize("prefix", ["s3://bucket", "/", "https://host/x/", "../x", "x//y"])
def test_a_prefix_that_is_no_folder_is_refused(tmp_path: Path, prefix: str) -> None:
    paths = write(tmp_path, {"a.csv": "place\nX\n"})
    with pytest.raises(DataSetError, match=r"^--prefix .*: names no folder of a bucket: give [^\n]*$"):
        draft("places", paths, prefix)


@pytest.mark.parametrize("name", ["Bad-Name", "class", "../x", "_x", "x\n"])
def test_a_name_that_is_none_is_refused_before_all(folder: Path, name: str) -> None:
    app = typer.Typer()
    dataset.register(app)
    made = CliRunner().invoke(app, ["dataset", "new", "--", name, "no-such-file"])
    assert isinstance(made.exception, DataSetError)
    assert "cannot be the name of a data set" in str(made.exception)
    assert not list(folder.parent.rglob("*.py"))


UNREADABLE = {
    "not a complete gzip": ("a.csv.gz", gzip.compress(b"place\nX\n" * 99, mtime=0)[:-9]),
    "is no gzip": ("b.csv.gz", b"place\nX\n"),
    "let it end in .gz": ("c.csv", gzip.compress(b"place\nX\n", mtime=0)),
    "is UTF-16": ("d.csv", "place\nX\n".encode("utf-16")),
    "byte 6 is not UTF-8": ("e.csv", "place\nÉ\n".encode("latin-1")),
    "is empty": ("f.csv", b""),
    "is a JSON array": ("g.json", b'[\n{"a": 1}\n]'),
    "as many values": ("h.csv", b"place,cases\nX\n"),
    "line 1 has names": ("i.csv", b",,\n1,2,3\n"),
}


@pytest.mark.parametrize(("words", "name", "content"), [(words, *one) for words, one in UNREADABLE.items()])
def test_an_object_that_cannot_be_read_leaves_no_description(
    folder: Path, tmp_path: Path, words: str, name: str, content: bytes
) -> None:
    app = typer.Typer()
    dataset.register(app)
    (tmp_path / name).write_bytes(content)
    made = CliRunner().invoke(app, ["dataset", "new", "places", str(tmp_path / name)])
    assert isinstance(made.exception, DataSetError)
    message = str(made.exception)
    assert message.startswith(f"{tmp_path / name}: ")
    assert words in message
    assert "\n" not in message
    assert made.exception.exit_code == 3
    assert not list(folder.iterdir())


def test_a_description_that_cannot_be_loaded_is_taken_back(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = typer.Typer()
    dataset.register(app)
    (path,) = write(tmp_path, {"a.csv": "place\nX\n"})
    (folder / "places.py").write_text("before")

    def interrupted(_: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(datasets, "load", interrupted)
    CliRunner().invoke(app, ["dataset", "new", "places", str(path), "--force"])
    assert (folder / "places.py").read_text() == "before"


def test_new_writes_what_check_accepts_and_replaces_nothing_unasked(folder: Path, tmp_path: Path) -> None:
    app = typer.Typer()
    dataset.register(app)
    objects = [str(path) for path in write(tmp_path, REPORTS)]
    runner = CliRunner()
    made = runner.invoke(app, ["dataset", "new", "daily_reports", *objects])
    assert made.exit_code == 0, made.output
    checked = runner.invoke(app, ["dataset", "check", "daily_reports"])
    assert checked.exit_code == 0, checked.output
    again = runner.invoke(app, ["dataset", "new", "daily_reports", *objects])
    assert isinstance(again.exception, DataSetError)
    assert "--force" in str(again.exception)


@pytest.mark.parametrize("name", ["daily_reports", "reports_of_" + "a_very_long_name_" * 3 + "indeed"])
def test_a_draft_is_as_the_linters_want_it(tmp_path: Path, name: str) -> None:
    head = 'observed,Quoted ""name"" of a place that is long,place'
    styles = ["2020-03-{:02d}T10:00:00", "2020-03-{:02d}T10:00:00.000", "2020-03-{:02d} 10:00:00"]
    styles += ["2020-03-{:02d} 10:00", "3/{:02d}/2020 10:00:00", "3/{:02d}/2020 10:00", "3/{:02d}/20 10:00"]
    rows = [f"{style.format(12 + number)},x{number},{number}" for number, style in enumerate(styles)]
    nested = json.dumps({"id": "a", "bands": [{f"a_long_name_{n}": 1, "other": "x"} for n in range(9)]})
    for number, content in enumerate(("\n".join([head, *rows]), REPORTS["01-22-2020.csv"], nested)):
        made = draft(name, write(tmp_path, {f"{number}.txt": content}), "a/prefix/of/objects")
        file = tmp_path / "drafted.py"
        file.write_text(source_code(made))
        for command in (["check", "--quiet"], ["format", "--check"]):
            settings = ["--config", str(Path(__file__).parents[5] / "pyproject.toml"), "--no-cache"]
            found = subprocess.run(
                [sys.executable, "-m", "ruff", *command, *settings, str(file)], capture_output=True, text=True
            )
            assert not found.returncode, f"{found.stdout}{found.stderr}\n{file.read_text()}"


def test_older_names_with_quotes_are_kept_however_many(tmp_path: Path) -> None:
    made = draft("reports", write(tmp_path, {"a.csv": REPORTS["01-22-2020.csv"]}), "")
    older = [f'a "quoted" and =(long) older name {number}' for number in range(6)]
    made.aliases["Confirmed"] = older
    assert described(made).column("Confirmed").aliases == tuple(older)


def test_objects_of_two_formats_are_not_one_data_set(tmp_path: Path) -> None:
    paths = write(tmp_path, {"a.csv": "place\nX\n", "b.json": '{"place": "Y"}'})
    with pytest.raises(DataSetError, match=r"b\.json: is json, but .*a\.csv is csv: .*of one data set"):
        draft("places", paths, "")


def test_a_field_without_a_similar_successor_is_noted(tmp_path: Path) -> None:
    paths = write(tmp_path, {"1.csv": "place,zebra\nX,1\n", "2.csv": "place,cases\nX,1\n"})
    found = draft("places", paths, "")
    assert "zebra is in older objects only: if it was renamed, name it under `aliases`" in found.notes
    assert found.aliases == {}


def test_outer_blanks_are_kept_in_texts_and_said(tmp_path: Path) -> None:
    content = "place,kind,cases,day\n X ,a, 1,2021-07-01 \nX,b,2 ,2021-07-02\nY,c,3,2021-07-03\n"
    found = draft("places", write(tmp_path, {"a.csv": content}), "")
    kinds = {column.name: column.type for column in described(found).columns}
    assert kinds == {"place": "string", "kind": "string", "cases": "bigint", "day": "date"}
    assert "texts of place have outer blanks, which the table keeps: add trim=True to the Source" in " ".join(
        found.notes
    )
    assert not any("blanks" in note for note in draft("places", write(tmp_path, REPORTS), "").notes)


def test_texts_that_differ_in_outer_blanks_are_two_keys_as_for_the_job(tmp_path: Path) -> None:
    content = "place,cases\nX,1\nX ,2\n"
    found = draft("places", write(tmp_path, {"a.csv": content}), "")
    assert any("the key is place: unique in all 2 rows" in note for note in found.notes)


@pytest.mark.parametrize("content", ['{"": 1}\n', "{}\n{}\n", '{"": {}}\n{}\n'])
def test_objects_of_which_nothing_can_become_a_column_are_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(DataSetError, match="no field that can become a column"):
        draft("places", write(tmp_path, {"a.json": content}), "")
