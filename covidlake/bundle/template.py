"""`covidlake build`: write the CloudFormation templates with their local paths."""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from covidlake.base import project
from covidlake.bundle import function_code
from covidlake.bundle.manifest import template_name
from covidlake.environment import pipelines

FUNCTIONS = "functions"  # the folder beside the template


@dataclass(frozen=True)
class Built:
    path: Path
    resources: int
    size: int
    pipeline: str = project.MAIN_PIPELINE


def path_of(pipeline: str, folder: Path = project.BUILD) -> Path:
    """Where `covidlake build` writes the template of a pipeline: what its parameter files name."""
    return folder / template_name(pipeline)


def build(destination: Path = project.TEMPLATE) -> Built:
    """Build the main pipeline's template; the same sources give the same bytes."""
    return build_all(destination)[0]


def build_all(destination: Path = project.TEMPLATE) -> list[Built]:
    """Build the templates of all pipelines, the main one first.

    Their functions and scripts are local paths for `aws cloudformation package`; the library, which that
    leaves alone, is written beside them under the key by which they name it.
    """
    from covidlake.bundle.package import library

    folder = destination.parent
    key, content = library()
    artifact = folder / key
    _replace(artifact, content)
    _gather(folder)
    built = []
    for pipeline in pipelines.names():
        path = destination if pipeline == project.MAIN_PIPELINE else path_of(pipeline, folder)
        text = local_template(pipeline, key)
        _replace(path, text.encode())
        built.append(Built(path, len(json.loads(text)["Resources"]), len(text), pipeline))
    _remove_older(folder, artifact, {one.path for one in built})
    return built


def local_template(pipeline: str, library_key: str | None = None) -> str:
    """The text of a pipeline's template, with paths that lead to the repository from where it is written."""
    from covidlake.bundle.package import lambda_folders, script_files
    from covidlake.dataset import descriptions, tables
    from infra.common.code_locations import CodeLocations

    root = "../" * (template_name(pipeline).count("/") + 1)
    code = CodeLocations.local(
        root.rstrip("/"),
        library_key,
        [path.name for path in lambda_folders()],
        [path.name for path in script_files()],
        {
            path.name: f"{root[len('../') :]}{FUNCTIONS}/{path.name}"
            for path in lambda_folders()
            if function_code.gathers(path)
        },
    )
    return pipelines.template(pipeline, code, descriptions.described(), tables.described())


def _gather(folder: Path) -> None:
    """Each function whose code lies in several folders, in one, for `aws cloudformation package`."""
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        fresh = Path(scratch) / "fresh"
        fresh.mkdir()
        for source in filter(function_code.gathers, function_code.folders()):
            for name, content in function_code.files(source):
                path = fresh / source.name / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
        with contextlib.suppress(FileNotFoundError):
            (folder / FUNCTIONS).rename(Path(scratch) / "older")
        with contextlib.suppress(OSError):
            fresh.rename(folder / FUNCTIONS)  # or another build was faster, with the same sources


def _remove_older(folder: Path, library: Path, templates: set[Path]) -> None:
    for older in library.parent.parent.iterdir():
        if older != library.parent:
            shutil.rmtree(older, ignore_errors=True)
    for older in folder.glob("templates/*.json"):
        if older not in templates:
            older.unlink(missing_ok=True)


def _replace(path: Path, content: bytes) -> None:
    """Each file whole, old or new: another build may go on in the same folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as scratch:
        draft = Path(scratch) / path.name
        draft.write_bytes(content)
        draft.replace(path)
