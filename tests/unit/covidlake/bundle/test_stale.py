from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from covidlake.base import project
from covidlake.base.errors import EnvironmentFileError
from covidlake.bundle import package
from covidlake.bundle.stale import stale_files
from covidlake.environment import pipelines


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> package.Bundle:
    """A bundle of a copy of what is packaged, which a test may change."""
    for place in ("ENVIRONMENTS", "JOBS", "LAMBDAS"):
        folder: Path = getattr(project, place)
        shutil.copytree(folder, tmp_path / folder.name, ignore=shutil.ignore_patterns("__pycache__"))
        monkeypatch.setattr(project, place, tmp_path / folder.name)
    monkeypatch.setattr(project, "ROOT", tmp_path)
    monkeypatch.setattr(package, "check_sources", list)
    return package.package(tmp_path / "bundle")


def test_a_fresh_bundle_is_not_stale(bundle: package.Bundle) -> None:
    assert stale_files(bundle) == []


@pytest.mark.parametrize(
    "name",
    [
        "environments/dev.yaml",
        "jobs/ingest.py",
        "jobs/ingestion/errors.py",
        "lambdas/start_crawler/handler.py",
    ],
)
def test_what_was_edited_since_is_named(bundle: package.Bundle, name: str) -> None:
    path = project.ROOT / name
    path.write_text(path.read_text() + "# edited\n")
    assert stale_files(bundle) == [name]


def test_new_and_deleted_files_are_named(bundle: package.Bundle) -> None:
    (project.ENVIRONMENTS / "dev.yaml").rename(project.ENVIRONMENTS / "devel.yaml")
    (project.JOBS / "ingestion" / "more.py").touch()
    assert stale_files(bundle) == [
        "environments/dev.yaml",
        "environments/devel.yaml",
        "jobs/ingestion/more.py",
    ]


def test_a_template_that_would_be_another_is_named(
    bundle: package.Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = pipelines.template
    monkeypatch.setattr(pipelines, "template", lambda *given: made(*given).replace("Resources", "Resource5"))
    assert stale_files(bundle) == ["template.json", "templates/segmentation.json"]


def test_files_of_which_no_bundle_can_be_made_are_said(
    bundle: package.Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> str:
        raise EnvironmentFileError("infra/ingestion/template.py, line 3: SyntaxError: correct the template")

    monkeypatch.setattr(pipelines, "template", fail)
    assert stale_files(bundle) == ["infra/ingestion/template.py, line 3: SyntaxError: correct the template"]


def test_a_function_without_its_handler_is_said(bundle: package.Bundle) -> None:
    (project.LAMBDAS / "start_crawler" / "handler.py").unlink()
    (said,) = stale_files(bundle)
    assert "there is no folder of lambdas/ with a handler.py named start_crawler" in said
    with pytest.raises(EnvironmentFileError, match=r"infra/ingestion/template\.py, line \d+"):
        package.content()


def test_a_bundle_that_is_damaged_is_stale(bundle: package.Bundle) -> None:
    for name in bundle.artifacts():
        if name.endswith("/library.zip"):
            (bundle.folder / name).write_bytes(b"no archive")
    (bundle.folder / "environments" / "dev.yaml").unlink()
    found = stale_files(bundle)
    assert {"environments/dev.yaml", "jobs/datasets/uk_covid.py", "jobs/library.zip"} <= set(found)
