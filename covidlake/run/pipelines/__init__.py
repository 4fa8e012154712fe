"""What the verbs need to know of a pipeline: one module for each, named as its folder in infra/.

A pipeline without a module is deployed, planned and watched like any other; the verbs that start or explain
an execution refuse it.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING

from covidlake.base.errors import EnvironmentFileError
from covidlake.environment.pipeline_environment import PipelineEnvironment

if TYPE_CHECKING:
    from covidlake.run.pipelines.pipeline import Pipeline

NOT_PIPELINES = {"__init__", "pipeline"}


def names() -> list[str]:
    """The pipelines with a module here."""
    return sorted({path.stem for path in Path(__file__).parent.glob("*.py")} - NOT_PIPELINES)


def of(environment: str) -> Pipeline:
    """The pipeline of an environment. Raises `EnvironmentFileError` for one without a module here."""
    name = PipelineEnvironment.parse(environment).pipeline
    if name not in names():
        raise EnvironmentFileError(
            f"environment {environment!r}: only {' and '.join(names())} ingest: there is no "
            f"covidlake/run/pipelines/{name}.py: start the state machine that covidlake status shows with: "
            "aws stepfunctions start-execution"
        )
    found: Pipeline = importlib.import_module(f"{__name__}.{name}").PIPELINE
    return found
