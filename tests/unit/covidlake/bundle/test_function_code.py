"""What a function's package holds: its folder, and what it says that it carries."""

from __future__ import annotations

from pathlib import Path

import pytest

from covidlake.base import project
from covidlake.base.errors import BundleError
from covidlake.bundle import function_code


@pytest.fixture
def lambdas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A function and a library, in a project of their own."""
    for name in ("jobs/lib/deep", "lambdas/find"):
        (tmp_path / name).mkdir(parents=True)
    for name in (
        "jobs/lib/__init__.py",
        "jobs/lib/deep/a.py",
        "jobs/lib/spark.py",
        "lambdas/find/handler.py",
    ):
        (tmp_path / name).write_text(f"# {name}\n")
    monkeypatch.setattr(project, "JOBS", tmp_path / "jobs")
    monkeypatch.setattr(project, "LAMBDAS", tmp_path / "lambdas")
    return tmp_path / "lambdas"


def test_a_function_is_its_folder(lambdas: Path) -> None:
    assert function_code.folders() == [lambdas / "find"]
    assert function_code.files(lambdas / "find") == [("handler.py", b"# lambdas/find/handler.py\n")]
    assert not function_code.gathers(lambdas / "find")


def test_it_carries_the_files_and_folders_that_it_names_and_no_other(lambdas: Path) -> None:
    (lambdas / "find" / "carries.txt").write_text("lib/__init__.py\nlib/deep\n")
    names = [name for name, _ in function_code.files(lambdas / "find")]
    assert names == ["handler.py", "lib/__init__.py", "lib/deep/a.py"]
    assert function_code.gathers(lambdas / "find")


@pytest.mark.parametrize("line", ["lib/gone.py", "", "  "])
def test_what_is_not_there_is_refused_by_name(lambdas: Path, line: str) -> None:
    (lambdas / "find" / "carries.txt").write_text(f"lib/deep\n{line}\n")
    with pytest.raises(BundleError, match=r"carries\.txt: jobs/"):
        function_code.files(lambdas / "find")
