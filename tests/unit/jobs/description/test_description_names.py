"""What an author of a description imports: one line, and for one release the names of before."""

from __future__ import annotations

import ast
import sys
import types
from pathlib import Path

import pytest

import datasets
from ingestion import description
from ingestion.description import Column, DataSet, NamedQuery

FILES = sorted(Path(datasets.__file__).parent.glob("*.py"))
# As this TABLE_VERSION makes it of OLD. A ledger holds it: another one would rebuild the table.
FINGERPRINT = "e28252037ca618d03aecf7273dc9028b19e9324af9e8f81970b6b2421d14d9ae"
OLD = """
from ingestion.dataset import CSV, Column, DataSet, Question, Source
from ingestion.rules import required

DATASET = DataSet(
    name="old",
    description="As the last release wrote it",
    source=Source("old/csv/", format=CSV),
    columns=(Column("place", "string", formerly=("Place",), may_be_empty=True), Column("cases", "bigint")),
    key=("place",),
    expectations=(required("cases"),),
    questions=(Question("All", "SELECT * FROM old"),),
)
"""


def test_the_names_for_authors_are_sorted_and_all_there_are() -> None:
    exported = {
        name
        for name, value in vars(description).items()
        if not (name.startswith("_") or isinstance(value, types.ModuleType))
    }
    assert exported == set(description.__all__)
    constants = [name for name in description.__all__ if name.isupper()]
    classes = [name for name in description.__all__ if name[0].isupper() and not name.isupper()]
    functions = [name for name in description.__all__ if name.islower()]
    assert description.__all__ == [*sorted(constants), *sorted(classes), *sorted(functions)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_shipped_description_needs_one_import(path: Path) -> None:
    imported = [
        node.module
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("ingestion")
    ]
    assert set(imported) <= {"ingestion.description", "ingestion.errors"}
    assert imported.count("ingestion.description") <= 1


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_an_old_and_its_new_name_together_are_refused() -> None:
    from ingestion import dataset

    with pytest.raises(TypeError, match=r"^formerly is the old name of aliases: give aliases alone$"):
        dataset.Column("place", "string", formerly=("area",), aliases=("x",))


def test_a_description_of_the_last_release_loads_and_says_what_to_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "old.py").write_text(OLD)
    monkeypatch.setattr(datasets, "__path__", [*datasets.__path__, str(tmp_path)])
    monkeypatch.delitem(sys.modules, "datasets.old", raising=False)

    with pytest.warns(FutureWarning, match=r"import from ingestion\.description, .*NamedQuery") as caught:
        loaded = datasets.load("old")

    assert {Path(warning.filename).name for warning in caught} == {"old.py"}
    assert loaded.queries == (NamedQuery("All", "SELECT * FROM old"),)
    assert loaded.column("place") == Column("place", "string", aliases=("Place",), nullable=True)
    assert type(loaded) is DataSet
    assert loaded.fingerprint(()) == FINGERPRINT
    del sys.modules["datasets.old"]


@pytest.mark.parametrize("name", ["Nothing", "table_name"])
def test_the_old_modules_have_the_names_for_authors_alone(name: str) -> None:
    import ingestion.rules

    with pytest.raises(AttributeError, match=f"no attribute '{name}'"):
        getattr(ingestion.rules, name)
