"""What of a change reaches a data set: code and descriptions do, comments and layout do not."""

from __future__ import annotations

import ast
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from covidlake.base import project
from covidlake.base.errors import DataSetError, ProjectError
from covidlake.laptop.preview import descriptions, fingerprint, refs


@pytest.fixture
def jobs(tmp_path: Path) -> Path:
    """A copy of `jobs/` to be changed."""
    folder = tmp_path / "jobs"
    shutil.copytree(project.JOBS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


LAYOUT: dict[str, Callable[[str], str]] = {
    "a comment": lambda text: f"# nothing\n{text}",
    "blank lines": lambda text: text.replace("\n\n\n", "\n\n\n\n\n"),
    "another docstring": lambda text: text.replace('"""', '"""Otherwise said. ', 1),
    "formatted anew": lambda text: ast.unparse(ast.parse(text)),
}


@pytest.mark.parametrize("change", LAYOUT)
def test_what_is_no_code_reaches_nothing(jobs: Path, change: str) -> None:
    for path in (jobs / "ingestion").rglob("*.py"):
        path.write_text(LAYOUT[change](path.read_text()))
    assert fingerprint.library(project.JOBS, jobs) == ()


@pytest.mark.parametrize("place", ["ingest.py", "ingestion/read/rows.py", "ingestion/errors.py"])
def test_code_of_the_library_is_named(jobs: Path, place: str) -> None:
    path = jobs / place
    path.write_text(f"{path.read_text()}\nNEW = 1\n")
    assert fingerprint.library(project.JOBS, jobs) == (place,)


def test_a_file_that_is_new_or_gone_or_cannot_be_parsed_is_named(jobs: Path) -> None:
    (jobs / "ingestion" / "new.py").write_text("def (")
    (jobs / "ingestion" / "rules.py").unlink()
    assert fingerprint.library(project.JOBS, jobs) == ("ingestion/new.py", "ingestion/rules.py")


def test_a_description_reaches_its_own_data_set_and_its_text_none(jobs: Path) -> None:
    path = jobs / "datasets" / "country_codes.py"
    text = path.read_text()
    path.write_text(text.replace("ISO codes and coordinates of countries", "Countries"))
    then = descriptions.of(project.JOBS).data_sets
    now = descriptions.of(jobs).data_sets
    assert {name: fingerprint.why(then[name], one, ()) for name, one in now.items()} == dict.fromkeys(
        then, ()
    )
    path.write_text(text.replace("LIMIT 10", "LIMIT 5").replace('"longitude", -180', '"longitude", -80'))
    (jobs / "datasets" / "owid_vaccinations.py").write_text("1 / 0")
    now = descriptions.of(jobs).data_sets
    found = {name: why for name, one in now.items() if (why := fingerprint.why(then[name], one, ()))}
    assert found["country_codes"] == ("description", "queries")
    assert "its description fails to load" in found["owid_vaccinations"]
    assert len(found) == 2
    assert now["owid_vaccinations"].problem == "ZeroDivisionError: division by zero"


def test_a_description_that_ends_the_program_is_an_error_in_one_line(jobs: Path) -> None:
    (jobs / "datasets" / "owid_vaccinations.py").write_text("import os; os._exit(0)")
    with pytest.raises(DataSetError, match="end the program"):
        descriptions.of(jobs)


def test_a_data_set_under_another_name_is_known_by_its_columns(jobs: Path) -> None:
    path = jobs / "datasets" / "country_codes.py"
    path.with_name("nations.py").write_text(path.read_text().replace("country_codes", "nations"))
    path.unlink()
    then, now = descriptions.of(project.JOBS), descriptions.of(jobs)
    assert descriptions.renamed(then, now) == {"nations": "country_codes"}


def test_the_jobs_of_a_commit_are_laid_out_without_its_hooks(tmp_path: Path) -> None:
    root = tmp_path / "repository"
    (root / "jobs").mkdir(parents=True)
    (root / "jobs" / "one.py").write_text("1")

    def git(*words: str) -> str:
        command = ["git", "-C", str(root), "-c", "user.name=t", "-c", "user.email=t@example.org", *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    git("init", "--quiet", "--initial-branch", "main")
    git("add", "--all")
    git("commit", "--quiet", "--message", "one")
    first = git("rev-parse", "HEAD")
    git("checkout", "--quiet", "-b", "side")
    (root / "jobs" / "one.py").write_text("2")
    git("commit", "--quiet", "--all", "--message", "two")
    git("branch", "--force", "main", first)
    assert refs.commit_of("main", root) == first
    laid = refs.lay_out(first, tmp_path / "out", root)
    assert (laid / "one.py").read_text() == "1"
    assert refs.described(root) == git("rev-parse", "HEAD")[:12]
    (root / "jobs" / "one.py").write_text("3")
    assert refs.described(root).endswith("with changes")
    for name in ("nobody", "--output=x", "a\nb"):
        with pytest.raises(ProjectError, match="no such commit"):
            refs.commit_of(name, root)
