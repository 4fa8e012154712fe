"""A draft is written whole, or nothing changes."""

from __future__ import annotations

from pathlib import Path

import pytest

import datasets as descriptions_package
from covidlake.base.errors import DataSetError
from covidlake.dataset import descriptions
from covidlake.dataset.draft.write import write
from tests.unit.covidlake.dataset.draft.drafts import write as write_objects

ROWS = "date,place,cases\n2022-12-01,a,1\n2022-12-02,a,2\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "datasets"
    place.mkdir()
    monkeypatch.setattr(descriptions, "FOLDER", place)
    monkeypatch.setattr(descriptions_package, "__path__", [*descriptions_package.__path__, str(place)])
    return place


def test_the_notes_say_what_was_guessed(folder: Path, tmp_path: Path) -> None:
    notes = write("places_of_a_test", write_objects(tmp_path, {"a.csv": ROWS}), "", False)
    assert any("the key is" in note for note in notes)
    assert descriptions.load("places_of_a_test").source.prefix == "places_of_a_test/"


def test_an_existing_description_is_kept_unless_forced(folder: Path, tmp_path: Path) -> None:
    objects = write_objects(tmp_path, {"a.csv": ROWS})
    (folder / "places_kept.py").write_text("before")
    with pytest.raises(DataSetError, match="exists: replace it with --force"):
        write("places_kept", objects, "", False)
    assert (folder / "places_kept.py").read_text() == "before"
    write("places_kept", objects, "", True)
    assert "DataSet(" in (folder / "places_kept.py").read_text()


def test_nothing_is_left_where_a_check_fails(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: object) -> None:
        raise DataSetError("no")

    monkeypatch.setattr(descriptions, "check_statements", refuse)
    with pytest.raises(DataSetError):
        write("places_refused", write_objects(tmp_path, {"a.csv": ROWS}), "", False)
    assert list(folder.glob("*.py")) == []
