"""`covidlake dataset diff` of the second pipeline, with real runs. `make prove` tries it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from covidlake.base import project
from covidlake.laptop.preview import gate, model, preview
from covidlake.laptop.preview.model import DataSetChange
from covidlake.laptop.preview.segmentation.runs import RESULT


@dataclass(frozen=True)
class Case:
    """An edit of the work tree; the status and the findings that the preview must have then."""

    place: str
    before: str
    after: str
    status: str
    kinds: frozenset[str]


CASES = {
    "fewer segments": Case(
        "environments/segmentation/dev.yaml",
        'Segments: "auto"',
        'Segments: "3"',
        model.CHANGED,
        frozenset({"segment gone", "customers move"}),
    ),
    "a refactoring": Case(
        "jobs/segmentation/join/orders.py",
        'day = F.to_date("ordered_at").alias("day")',
        'ordered = F.col("ordered_at")\n    day = F.to_date(ordered).alias("day")',
        model.IDENTICAL,
        frozenset(),
    ),
    "customers lost": Case(
        "jobs/segmentation/join/customers.py",
        'rows = _people(people, members).join(spent, ID, "left")',
        'rows = _people(people, members).where("country <> \'DE\'").join(spent, ID, "left")',
        model.CHANGED,
        frozenset({"rows gone", "customers gone"}),
    ),
    "a job that fails": Case(
        "jobs/segmentation/join/customers.py",
        "    newest = ",
        '    raise ValueError("not today")\n    newest = ',
        model.FAILED,
        frozenset({"fails"}),
    ),
}


@pytest.fixture
def edited(tmp_path: Path) -> Callable[[Case], None]:
    """Makes a copy of the work tree's jobs and environments, and edits it."""

    def edit(case: Case) -> None:
        for name in ("jobs", "environments"):
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(project.ROOT / name, tmp_path / name, ignore=ignored)
        path = tmp_path / case.place
        assert case.before in path.read_text()
        path.write_text(path.read_text().replace(case.before, case.after))

    return edit


def previewed(folder: Path) -> DataSetChange:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(project, "JOBS", folder / "jobs")
        patch.setattr(project, "ENVIRONMENTS", folder / "environments")
        found = preview.diff("HEAD", ["segmentation"], "sample", print)
    (change,) = found.data_sets
    assert change.name == "segmentation/dev"
    return change


@pytest.mark.prove
@pytest.mark.timeout(2700)
@pytest.mark.parametrize("name", CASES)
def test_the_preview_shows_what_becomes_of_the_customers(
    edited: Callable[[Case], None], tmp_path: Path, name: str
) -> None:
    case = CASES[name]
    edited(case)
    change = previewed(tmp_path)
    found = {one.kind for one in gate.judge(model.Preview("a", "b", "sample", (change,)))}
    assert change.status == case.status, change
    assert case.kinds <= found if case.kinds else not found
    if case.status == model.FAILED:
        assert "not today" in change.fails_after
        return
    assert change.upgrade
    assert (change.upgrade.status, change.disagreements) == ("LOADED", ())
    _check_tables(change)
    if name == "fewer segments":
        _check_fewer(change)


def _check_tables(change: DataSetChange) -> None:
    """The database's table says what the lake's does."""
    tables = {one.name: one for one in change.tables}
    lake, database = tables["customer_segments"], tables[RESULT]
    assert (lake.added, lake.gone, lake.changed) == (database.added, database.gone, database.changed)
    assert lake.after
    assert lake.after.rows > 300
    assert change.read_before == change.read_after > 4000


def _check_fewer(change: DataSetChange) -> None:
    assert "Segments auto → 3" in change.why
    assert change.segments
    assert sum(one.after is not None for one in change.segments.segments) == 3
    assert (change.segments.added, change.segments.gone) == (0, 0)
    assert {one.name for one in change.tables if not one.identical} == {"customer_segments", RESULT}
