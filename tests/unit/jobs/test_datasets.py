"""The data set descriptions: found by their files, readable without Spark, free of contradictions."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

import datasets
from ingestion.dataset import Column, Partition, Question, Source
from ingestion.errors import InvalidDescriptionError, UnknownDataSetError
from ingestion.rules import Complete, Expectation, Unique

JOBS = Path(datasets.__file__).parents[1]
UK_COVID = datasets.load("uk_covid")


def test_every_description_loads() -> None:
    assert "uk_covid" in datasets.names()
    for name in datasets.names():
        dataset = datasets.load(name)
        assert dataset.description
        assert all(f"FROM {dataset.name}" in question.sql for question in dataset.questions)


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownDataSetError, match=r"no data set `__init__`: the described .*uk_covid"):
        datasets.load("__init__")


def test_descriptions_are_found_in_the_shipped_archive_without_spark(tmp_path: Path) -> None:
    library = tmp_path / "library.zip"
    with zipfile.ZipFile(library, "w") as archive:
        for path in [*JOBS.glob("ingestion/*.py"), *JOBS.glob("datasets/*.py")]:
            archive.write(path, path.relative_to(JOBS))
    script = (
        f"import sys; sys.path = [{str(library)!r}] + sys.path[1:]; sys.modules['pyspark'] = None;"
        "import datasets, ingestion.job; sys.stdout.write(f'{datasets.__file__} {datasets.names()}')"
    )

    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert answer.stdout == f"{library}/datasets/__init__.py {datasets.names()}"


def test_a_description_under_another_name_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "renamed.py").write_text("from datasets.uk_covid import DATASET\n")
    monkeypatch.setattr(datasets, "__path__", [*datasets.__path__, str(tmp_path)])

    with pytest.raises(InvalidDescriptionError, match=r"datasets/renamed.py: must assign .* `renamed`"):
        datasets.load("renamed")


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"name": "UK-Covid"}, "lower-case letters"),
        ({"source": Source("uk_covid/json")}, "must end with a slash"),
        ({"columns": (*UK_COVID.columns, Column("AREANAME", "string"))}, r"\['areaname'\] occur twice"),
        ({"key": ("areaCode", "day")}, r"key \['day'\] is not among the columns"),
        ({"subset": ("country",)}, r"subset \['country'\] is not among the columns"),
        ({"partition": Partition("month", "areaName", "yyyy-MM")}, "must be a date of the key"),
        ({"key": ("areaCode",)}, "must be a date of the key"),
        ({"version": "edition"}, r"version \['edition'\] is not among the columns"),
        ({"rules": (Complete("jurisdiction", "date"),)}, r"`complete_date`: \['jurisdiction'\] is not among"),
        ({"rules": (Complete("areacode", "date", severity="reject"),)}, "severity `reject` is none of"),
        ({"expectations": (Expectation("a", "true"), Expectation("a", "true"))}, r"\['a'\] occur twice"),
        (
            {"rules": (Unique(("date",)), Unique(("date",)))},
            r"\['unique_date'\] occur twice: give each a name of its own by `called`",
        ),
        ({"source": Source("uk_covid/csv/", "csv")}, "text cannot hold a array"),
        ({"source": Source("uk_covid/json/", vanished="hide")}, "neither `remove` nor `keep`"),
        ({"max_rejected": 20}, "a share from 0 to 1"),
    ],
)
def test_a_contradiction_is_named(changes: dict[str, object], problem: str) -> None:
    with pytest.raises(InvalidDescriptionError, match=problem):
        replace(UK_COVID, **changes)  # type: ignore[arg-type]


def test_a_fingerprint_changes_with_what_the_table_holds_and_not_with_prose() -> None:
    fingerprint = UK_COVID.fingerprint(("wales", "england"))

    assert fingerprint == UK_COVID.fingerprint(("england", "wales"))
    assert fingerprint == replace(
        UK_COVID, description="other", questions=(Question("t", "FROM"),)
    ).fingerprint(("wales", "england"))
    assert fingerprint != UK_COVID.fingerprint(("wales",))
    stricter = replace(UK_COVID, expectations=(Expectation("too_many", "hospitalcases < 10"),))
    assert fingerprint != stricter.fingerprint(("wales", "england"))
