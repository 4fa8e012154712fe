"""`covidlake dataset diff` with real runs: of one work tree in which each data set has a fate of its own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from covidlake.base import project
from covidlake.laptop.preview import gate, model, preview
from covidlake.laptop.preview.model import DataSetChange, Preview

CHOSEN = ("country_codes", "pfizer_renamed", "enigma_us_states", "owid_vaccinations", "fresh")
RENAMED = """
from dataclasses import replace

from datasets._vaccine_allocations import allocations

GIVEN = allocations("pfizer", "Pfizer-BioNTech")
NAME = "pfizer_renamed"
QUERIES = tuple(replace(one, sql=one.sql.replace(GIVEN.name, NAME)) for one in GIVEN.queries)
DATASET = replace(GIVEN, name=NAME, queries=QUERIES, charts=())
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Preview:
    """A changed rule and type; one renamed, one gone, one new, one broken; and the library refactored."""
    jobs = tmp_path_factory.mktemp("head") / "jobs"
    shutil.copytree(project.JOBS, jobs, ignore=shutil.ignore_patterns("__pycache__"))
    described = jobs / "datasets"

    def edit(path: Path, *changes: tuple[str, str]) -> None:
        text = path.read_text()
        for before, after in changes:
            assert before in text
            text = text.replace(before, after)
        path.write_text(text)

    edit(described / "country_codes.py", ('"latitude", -90, 90', '"latitude", -91, 90'), ("bigint", "int"))
    fresh = (described / "country_codes.py").read_text().replace("country_codes", "fresh")
    (described / "fresh.py").write_text(fresh.replace("static-datasets/csv/countrycode/", "fresh/csv/"))
    (described / "cdc_pfizer_vaccine_distribution.py").unlink()
    (described / "pfizer_renamed.py").write_text(RENAMED)
    (described / "enigma_us_states.py").unlink()
    (described / "owid_vaccinations.py").write_text("raise RuntimeError('no description here')\n")
    edit(jobs / "ingestion" / "planning.py", ("read_day", "day_read"), ("rules_changed", "described_anew"))
    said: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(project, "JOBS", jobs)
        return preview.diff("HEAD", CHOSEN, "sample", said.append)


def of(found: Preview, name: str) -> DataSetChange:
    (change,) = (one for one in found.data_sets if one.name == name)
    return change


def test_each_data_set_is_shown_as_what_it_is(found: Preview) -> None:
    assert {one.name: one.status for one in found.data_sets} == {
        "country_codes": model.CHANGED,
        "pfizer_renamed": model.RENAMED,
        "enigma_us_states": model.GONE,
        "owid_vaccinations": model.FAILED,
        "fresh": model.NEW,
    }
    assert of(found, "pfizer_renamed").before_name == "cdc_pfizer_vaccine_distribution"
    assert "no description here" in of(found, "owid_vaccinations").fails_after
    assert found.library == ("ingestion/planning.py",)


def test_what_changed_is_found_and_the_upgrade_agrees(found: Preview) -> None:
    change = of(found, "country_codes")
    (table,) = change.tables
    assert {one.name: one.kind for one in table.columns if one.kind} == {"numeric_code": "type"}
    assert (table.added, table.gone, table.changed) == (0, 0, 0)
    assert table.before
    assert table.before.rows
    assert change.disagreements == ()
    assert change.upgrade
    assert change.upgrade.status == "LOADED"
    (query,) = change.queries
    assert query.before
    assert query.before.rows
    assert not query.before.problem
    assert not query.differ


def test_a_renamed_data_set_has_the_same_rows_under_its_new_name(found: Preview) -> None:
    table = of(found, "pfizer_renamed").tables[0]
    assert (table.before_name, table.name) == ("cdc_pfizer_vaccine_distribution", "pfizer_renamed")
    assert table.before
    assert table.before.rows
    assert (table.added, table.gone, table.changed) == (0, 0, 0)


def test_the_gate_names_all_of_it(found: Preview) -> None:
    kinds = {(one.data_set, one.kind) for one in gate.judge(found)}
    assert kinds == {
        ("country_codes", "type"),
        ("country_codes", "rule"),
        ("pfizer_renamed", "data set renamed"),
        ("enigma_us_states", "data set gone"),
        ("owid_vaccinations", "fails"),
    }
