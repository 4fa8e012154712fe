"""What `covidlake run` does for one pipeline alone: one module for each, named as its folder in infra/."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING

from covidlake.base.errors import EnvironmentFileError
from covidlake.environment.pipeline_environment import PipelineEnvironment

if TYPE_CHECKING:
    from covidlake.laptop.pipelines.own_part import OwnPart, Wanted

NOT_PIPELINES = {"__init__", "own_part"}


def names() -> list[str]:
    """The pipelines that `covidlake run` can take through a whole loop."""
    return sorted({path.stem for path in Path(__file__).parent.glob("*.py")} - NOT_PIPELINES)


def of(wanted: Wanted) -> OwnPart:
    """The part of what is wanted that is its pipeline's own, checked before anything is built.

    Raises `EnvironmentFileError` for a pipeline without a module here, and whatever is wrong with the wish.
    """
    name = PipelineEnvironment.parse(wanted.environment).pipeline
    if name not in names():
        raise EnvironmentFileError(
            f"environment {wanted.environment!r}: covidlake run takes {' and '.join(names())} through "
            "the whole loop: of others there are build, deploy, status; or add "
            f"covidlake/laptop/pipelines/{name}.py"
        )
    part: OwnPart = importlib.import_module(f"{__name__}.{name}").Part(wanted)
    return part
