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
from covidlake import _commands_dataset, datasets
from covidlake._errors import DataSetError
from covidlake.column_types import kind_of
from covidlake.dataset_draft import draft
from covidlake.dataset_file import source_code
from ingestion.dataset import DataSet

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


def write(folder: Path, objects: dict[str, str]) -> list[Path]:
    for name, content in objects.items():
        (folder / name).write_bytes(content.encode())
    return [folder / name for name in objects]


def described(found: object) -> DataSet:
    space: dict[str, DataSet] = {}
    exec(source_code(found), space)  # type: ignore[arg-type]  # noqa: S102
    return space["DATASET"]


def test_reports_with_five_headers_become_one_description(tmp_path: Path) -> None:
    found = draft("daily_reports", write(tmp_path, REPORTS), "jhu/csv")
    made = described(found)
    assert made.source.prefix == "jhu/csv/"
    assert {column.name: column.formerly for column in made.columns if column.formerly} == {
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


def test_a_key_that_is_not_unique_is_said(tmp_path: Path) -> None:
    (path,) = write(tmp_path, {"a.csv": "place,cases\nX,1\nX,1\n"})
    assert "no set of columns is unique" in " ".join(draft("places", [path], "").notes)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["20200306", "20211231"], "date"),
        (["007", "12"], "bigint"),
        (["1.5", "", "2"], "double"),
        ([True, False], "boolean"),
        ([1, 2.5], "double"),
        ([[], []], "array<string>"),
        ([1, "a"], "string"),
        ([], "string"),
    ],
)
def test_the_narrowest_type_is_taken(values: list[object], kind: str) -> None:
    expected = "string" if values == ["007", "12"] else kind
    assert kind_of(values, "csv").type == expected


def test_new_writes_what_check_accepts_and_replaces_nothing_unasked(folder: Path, tmp_path: Path) -> None:
    app = typer.Typer()
    _commands_dataset.register(app)
    objects = [str(path) for path in write(tmp_path, REPORTS)]
    runner = CliRunner()
    made = runner.invoke(app, ["dataset", "new", "daily_reports", *objects])
    assert made.exit_code == 0, made.output
    checked = runner.invoke(app, ["dataset", "check", "daily_reports"])
    assert checked.exit_code == 0, checked.output
    again = runner.invoke(app, ["dataset", "new", "daily_reports", *objects])
    assert isinstance(again.exception, DataSetError)
    assert "--force" in str(again.exception)


@pytest.mark.parametrize(
    ("content", "words"),
    [("", "holds no line"), ("a,b\n", "header alone"), ('{"a": \n', "no line is a JSON object")],
)
def test_an_object_without_rows_is_named(tmp_path: Path, content: str, words: str) -> None:
    (path,) = write(tmp_path, {"odd.txt": content})
    with pytest.raises(DataSetError, match=words) as caught:
        draft("odd", [path], "")
    assert str(path) in str(caught.value)


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
            settings = ["--config", str(Path(__file__).parents[3] / "pyproject.toml"), "--no-cache"]
            found = subprocess.run(
                [sys.executable, "-m", "ruff", *command, *settings, str(file)], capture_output=True, text=True
            )
            assert not found.returncode, f"{found.stdout}{found.stderr}\n{file.read_text()}"


def test_older_names_with_quotes_are_kept_however_many(tmp_path: Path) -> None:
    made = draft("reports", write(tmp_path, {"a.csv": REPORTS["01-22-2020.csv"]}), "")
    older = [f'a "quoted" and =(long) older name {number}' for number in range(6)]
    made.formerly["Confirmed"] = older
    assert described(made).column("Confirmed").formerly == tuple(older)
