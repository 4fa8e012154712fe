"""Which pipelines there are, and their templates: a folder of `infra/` with a module `template` is one."""

from __future__ import annotations

import importlib
import inspect
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from covidlake.base import project
from covidlake.base.errors import EnvironmentFileError
from covidlake.environment.pipeline_environment import fault_of

if TYPE_CHECKING:
    from infra.common.code_locations import CodeLocations
    from infra.common.pipeline import DescribedDataSet, DescribedTable

NO_PIPELINES = {"bootstrap", "common"}


def names(folder: Path | None = None) -> list[str]:
    """The pipelines, the main one first.

    Raises `EnvironmentFileError` for a folder whose name no pipeline may have.
    """
    found = {path.parent.name for path in (folder or project.INFRA).glob("*/template.py")} - NO_PIPELINES
    others = sorted(found - {project.MAIN_PIPELINE})
    for name in others:
        if fault := fault_of(name):
            raise EnvironmentFileError(f"infra/{name}: {name!r} {fault}: rename the folder")
    return [project.MAIN_PIPELINE, *others]


def template(
    pipeline: str,
    code: CodeLocations,
    described: Sequence[DescribedDataSet] = (),
    tables: Sequence[DescribedTable] = (),
) -> str:
    """The text of a pipeline's template; `infra.common.pipeline` says what its builder may ask for.

    Raises `EnvironmentFileError` with the file and line for whatever is wrong with the module.
    """
    from troposphere import Template

    from infra.common.pipeline import template_json

    try:
        builder: Any = importlib.import_module(f"infra.{pipeline}.template").build_template
        known = {"code": code, "described": described, "tables": tables}
        asked = inspect.signature(builder).parameters
        if unknown := [name for name in asked if name not in known]:
            raise TypeError(f"it asks for {', '.join(unknown)}, and may ask for {', '.join(known)}")
        built = builder(**{name: known[name] for name in asked})
        if not isinstance(built, Template):
            raise TypeError(f"it returned {type(built).__name__}, not a troposphere.Template")
        return template_json(built)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # SystemExit too: a module that ends the process has built nothing
        reason, hint = " ".join(str(error).split()), getattr(error, "hint", "correct the template")
        raise EnvironmentFileError(
            f"{_place(pipeline, error)}: {type(error).__name__}: {reason}: {hint}"
        ) from error


def _place(pipeline: str, error: BaseException) -> str:
    """The file of the pipeline, and the line in it, that raised."""
    frames = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    if isinstance(error, SyntaxError) and error.filename:
        frames.append((error.filename, error.lineno))
    folder = project.INFRA / pipeline
    for filename, line in reversed(frames):
        if Path(filename).parent.is_relative_to(folder):
            return f"{project.relative(Path(filename))}, line {line}"
    return project.relative(folder / "template.py")
