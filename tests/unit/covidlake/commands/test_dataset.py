"""What the commands about descriptions print, and that one wrong description hides no other."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

import datasets as descriptions
from covidlake.base.errors import DataSetError
from covidlake.commands import dataset
from covidlake.dataset import descriptions as datasets
from covidlake.laptop import dataset_sample
from covidlake.run.pipelines import ingestion
from covidlake.run.query import Answer

GOOD = (datasets.FOLDER / "uk_covid.py").read_text()


@pytest.fixture
def app() -> typer.Typer:
    made = typer.Typer()
    dataset.register(made)
    return made


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A second place where descriptions are found."""
    monkeypatch.setattr(descriptions, "__path__", [*descriptions.__path__, str(tmp_path)])
    return tmp_path


def test_every_description_is_checked_also_after_a_wrong_one(app: typer.Typer, folder: Path) -> None:
    (folder / "a_wrong.py").write_text("nowhere\n")
    (folder / "b_wrong.py").write_text("raise SystemExit(0)\n")
    done = CliRunner().invoke(app, ["dataset", "check"])
    assert "uk_covid: 32 columns" in done.stdout
    assert "a_wrong.py, line 1: NameError" in " ".join(done.stderr.split())
    assert isinstance(done.exception, DataSetError)
    assert "b_wrong.py, line 1: it raises SystemExit" in str(done.exception)


def test_data_sets_of_the_same_objects_are_said(app: typer.Typer, folder: Path) -> None:
    twin = GOOD.replace("uk_covid", "a_twin").replace('prefix="a_twin/json/"', 'prefix="uk_covid/json/"')
    (folder / "a_twin.py").write_text(twin)
    done = CliRunner().invoke(app, ["dataset", "check", "a_twin"])
    assert done.exit_code == 0
    assert "a_twin: is made of the same objects as uk_covid" in done.stdout


def test_a_table_of_which_only_some_rows_are_shown_says_so(
    app: typer.Typer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(rows: int) -> Answer:
        return Answer(["n"], [[str(n)] for n in range(rows)], 0, "")

    tables = {"few": answer(2), "many": answer(dataset_sample.ROWS)}
    outcome = dataset_sample.Outcome({}, tables, answer(0))
    monkeypatch.setattr(dataset_sample, "sample", lambda *_: outcome)
    monkeypatch.setattr(ingestion, "outcome_text", lambda _: "counts")
    lines = CliRunner().invoke(app, ["dataset", "sample", "uk_covid", "a.json"]).stdout.splitlines()
    assert [line.strip() for line in lines if line.startswith(("few", "many"))] == [
        "few",
        "many: 10 rows of it",
    ]


def test_an_object_that_is_given_twice_is_read_once(
    app: typer.Typer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datasets, "FOLDER", folder)
    monkeypatch.chdir(folder)
    (folder / "a.csv").write_text("place,n\nX,1\n")
    done = CliRunner().invoke(app, ["dataset", "new", "places_given_twice", "a.csv", "./a.csv"])
    assert done.exit_code == 0
    assert "read: all 1 row of 1 object" in done.stdout
    assert "one row alone shows nothing" in done.stdout
