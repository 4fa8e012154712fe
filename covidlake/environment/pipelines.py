"""Which pipelines there are, and their templates: a folder of `infra/` with a module `template` is one."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from covidlake.base import project
from covidlake.base.errors import EnvironmentFileError
from covidlake.environment.pipeline_environment import fault_of

if TYPE_CHECKING:
    from infra.common.code_locations import CodeLocations
    from infra.common.pipeline import DescribedDataSet

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


def template(pipeline: str, code: CodeLocations, described: Sequence[DescribedDataSet] = ()) -> str:
    """The text of a pipeline's template; `infra.common.pipeline` says what its builder may ask for."""
    from infra.common.pipeline import template_json

    builder: Any = importlib.import_module(f"infra.{pipeline}.template").build_template
    known = {"code": code, "described": described}
    return template_json(builder(**{name: known[name] for name in inspect.signature(builder).parameters}))
