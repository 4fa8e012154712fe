"""An environment of a pipeline, as the command line names it: `dev`, or `tiny/dev` for the one of infra/tiny.

The main pipeline's environments have short names. Each other pipeline has a folder of its own in
`environments/`, and a stack of its own beside the main one: `covid-lake-dev-tiny`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from covidlake.base import project
from covidlake.base.errors import EnvironmentFileError

PIPELINE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
PIPELINE_LENGTH = 20  # its stack's name is the beginning of many others


@dataclass(frozen=True)
class PipelineEnvironment:
    """Which pipeline, in which environment: from it follow the file, the stack and the roles."""

    environment: str
    pipeline: str = project.MAIN_PIPELINE

    @classmethod
    def parse(cls, name: str) -> Self:
        """Read `dev` or `tiny/dev`; raises `EnvironmentFileError` for what can be neither."""
        pipeline, slash, environment = name.rpartition("/")
        if not environment:
            cure = (
                "ends with a slash: write PIPELINE/dev for the dev of another pipeline"
                if slash
                else "is empty: give a file's name in environments/ without .yaml"
            )
            raise EnvironmentFileError(f"environment {name!r} {cure}")
        if not slash:
            return cls(name)
        if fault := fault_of(pipeline):
            raise EnvironmentFileError(f"environment {name!r}: pipeline {pipeline!r} {fault}")
        if project.bootstrap_of(environment) == project.PREVIEW:
            raise EnvironmentFileError(
                f"environment {name!r}: pull requests have a throw-away stack of the main pipeline only: "
                f"give pipeline {pipeline} an environment of its own"
            )
        return cls(environment, pipeline)

    @staticmethod
    def meant(name: str) -> str:
        """The name in what may be the path of its file."""
        return name.removeprefix("environments/").removesuffix(".yaml")

    @property
    def name(self) -> str:
        return self.environment if self.is_main else f"{self.pipeline}/{self.environment}"

    @property
    def is_main(self) -> bool:
        return self.pipeline == project.MAIN_PIPELINE

    @property
    def stack_name(self) -> str:
        return project.stack_name(self.name)

    @property
    def bootstrap(self) -> str:
        """The environment whose bootstrap made the roles."""
        return project.bootstrap_of(self.name)

    @property
    def file_stem(self) -> str:
        """What files about it are called where they lie in one folder: `dev`, `dev-tiny`."""
        return self.environment if self.is_main else f"{self.environment}-{self.pipeline}"

    def path(self, folder: Path | None = None) -> Path:
        """Its parameter file in the folder of all of them."""
        return (folder or project.ENVIRONMENTS) / f"{self.name}.yaml"


def fault_of(pipeline: str) -> str | None:
    """What is wrong with a name of a pipeline that has a short name for none of its environments."""
    if pipeline == project.MAIN_PIPELINE:
        return "is the main one: name its environment alone"
    if not PIPELINE.fullmatch(pipeline) or len(pipeline) > PIPELINE_LENGTH:
        return f"is not 1 to {PIPELINE_LENGTH} lower-case letters, digits, single underscores, first a letter"
    return None
