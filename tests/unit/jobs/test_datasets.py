"""The data set descriptions: found by their files, readable without Spark."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import datasets
from covidlake.bundle import package
from ingestion.errors import InvalidDescriptionError, UnknownDataSetError


def test_every_description_loads() -> None:
    assert "uk_covid" in datasets.names()
    for name in datasets.names():
        dataset = datasets.load(name)
        assert dataset.description
        assert all(re.search(rf'FROM "?{name}\b', query.sql) for query in dataset.queries)


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownDataSetError, match=r"no data set `__init__`: the described .*uk_covid"):
        datasets.load("__init__")


def test_descriptions_are_found_in_the_shipped_archive_without_spark(tmp_path: Path) -> None:
    library = tmp_path / "library.zip"
    library.write_bytes(package.library()[1])
    script = (
        f"import sys; sys.path = [{str(library)!r}] + sys.path[1:]; sys.modules['pyspark'] = None;"
        "import datasets, ingestion.job, ingestion.planning;"
        "sys.stdout.write(f'{datasets.__file__} {datasets.names()} {ingestion.planning.__file__}')"
    )

    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert answer.stdout == (
        f"{library}/datasets/__init__.py {datasets.names()} {library}/ingestion/planning.py"
    )


def test_a_description_under_another_name_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "renamed.py").write_text("from datasets.uk_covid import DATASET\n")
    monkeypatch.setattr(datasets, "__path__", [*datasets.__path__, str(tmp_path)])

    with pytest.raises(InvalidDescriptionError, match=r"datasets/renamed.py: must assign .* `renamed`"):
        datasets.load("renamed")
