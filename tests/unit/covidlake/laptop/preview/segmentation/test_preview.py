"""What of a change reaches the second pipeline, and what does not."""

from __future__ import annotations

import ast
import shutil
from pathlib import Path

import pytest

from covidlake.base import project
from covidlake.laptop.preview import descriptions, model
from covidlake.laptop.preview.segmentation import preview
from covidlake.laptop.preview.segmentation.preview import Ref, Work


@pytest.fixture(scope="module")
def ours() -> Ref:
    return Ref.of(project.JOBS, descriptions.of(project.JOBS).segmentation, project.ENVIRONMENTS)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Copies of `jobs/` and `environments/` to be changed."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(project.JOBS, tmp_path / "jobs", ignore=ignored)
    shutil.copytree(project.ENVIRONMENTS, tmp_path / "environments", ignore=ignored)
    return tmp_path


def reached(ours: Ref, folder: Path, forced: bool = False) -> Work:
    jobs = folder / "jobs"
    return preview.work(
        ours, Ref.of(jobs, descriptions.of(jobs).segmentation, folder / "environments"), forced
    )


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))


def test_no_change_and_no_code_run_nothing(ours: Ref, folder: Path) -> None:
    for path in (folder / "jobs" / "segmentation").rglob("*.py"):
        path.write_text(ast.unparse(ast.parse(path.read_text())))
    edit(folder / "jobs/tables/sales_refunds.py", "Refunds of orders", "What was paid back")
    edit(
        folder / "environments/segmentation/dev.yaml", 'GlueTimeoutMinutes: "15"', 'GlueTimeoutMinutes: "20"'
    )
    edit(folder / "jobs/ingestion/read/rows.py", "import", "import os\nimport")
    found = reached(ours, folder)
    assert (found.asked, found.library, found.is_there) == ((), (), True)
    (one,) = reached(ours, folder, forced=True).asked
    assert one.names == ("segmentation/dev",)


@pytest.mark.parametrize(
    ("place", "before", "after", "why"),
    [
        ("jobs/segmentation/join/orders.py", '"cancelled"', '"gone"', ("library",)),
        ("jobs/ingestion/state/publish.py", "import", "import os\nimport", ("library",)),
        ("jobs/segmentation_join.py", "import sys", "import os, sys", ("library",)),
        ("jobs/tables/sales_refunds.py", "compare_keys_every=5", "compare_keys_every=6", ("tables",)),
        ("jobs/tables/sales_refunds.py", "Table(\n", "Table(1 / 0\n", ("its descriptions fail to load",)),
        ("environments/segmentation/prod.yaml", 'Segments: "auto"', 'Segments: "5"', ()),
    ],
)
def test_what_decides_is_named(
    ours: Ref, folder: Path, place: str, before: str, after: str, why: tuple[str, ...]
) -> None:
    edit(folder / place, before, after)
    found = reached(ours, folder)
    assert set(why) <= set(found.why)
    (one,) = found.asked
    assert one.names == ("segmentation/prod" if "prod" in place else "segmentation/dev",)


def test_descriptions_that_cannot_be_loaded_are_shown_as_that(ours: Ref, folder: Path) -> None:
    edit(folder / "jobs/tables/sales_refunds.py", "Table(\n", "Table(1 / 0\n")
    (found,) = reached(ours, folder).changes("role", folder, print)
    assert (found.status, found.fails_before) == (model.FAILED, "")
    assert found.fails_after


def test_a_ref_without_the_pipeline_is_compared_with_nothing(ours: Ref, folder: Path) -> None:
    shutil.rmtree(folder / "jobs" / "segmentation")
    assert reached(ours, folder).why == ("the pipeline is gone",)
    none = Ref(folder / "jobs", None, {})
    assert preview.work(none, ours).why == ("the pipeline is new",)
    assert not preview.work(none, none, forced=True).asked


def test_environments_with_which_nothing_runs_are_named(ours: Ref, folder: Path) -> None:
    environments = folder / "environments/segmentation"
    (environments / "prod.yaml").rename(environments / "live.yaml")
    edit(environments / "live.yaml", "Environment: prod", "Environment: live")
    found = reached(ours, folder)
    assert (found.asked, found.why) == ((), ())
    assert found.left_out == (
        "environment segmentation/live is new: nothing ran with it",
        "environment segmentation/prod is gone: nothing ran with it",
    )
