"""What goes into every bundle beside code: checked before a bundle is made, and by lint."""

from __future__ import annotations

from covidlake.base import project
from covidlake.base.errors import EnvironmentFileError
from covidlake.dataset import descriptions
from covidlake.environment import drift_ignore, environment_file, environment_names, pipelines
from covidlake.environment.environment_file import Environment

MAIN_TEMPLATE = "build/template.json"  # against which cfn-lint checks the main pipeline's files


def check_sources() -> list[Environment]:
    """The parameter files, all of them good; raises `EnvironmentFileError` or `DataSetError` otherwise.

    Whether they fit their templates is not known here.
    """
    environments = [environment_file.load(name) for name in environment_file.names()]
    environment_names.check_files(environment.path for environment in environments)
    known = pipelines.names()
    for environment in environments:
        pipeline = environment.of.pipeline
        if pipeline not in known:
            raise EnvironmentFileError(
                f"{project.relative(environment.path)}: there is no pipeline {pipeline}: "
                f"add infra/{pipeline}/template.py, or delete the file"
            )
        drift_ignore.read(environment.path)
    descriptions.check(environments)
    for environment in environments:
        _check_template_path(environment)
    return environments


def _check_template_path(environment: Environment) -> None:
    """`environment_file` knows those of other pipelines; older bundles may have another for the main one."""
    if environment.of.is_main and environment.template_path != MAIN_TEMPLATE:
        raise EnvironmentFileError(
            f"{project.relative(environment.path)}: template-file-path = {environment.template_path!r}: "
            f"give {MAIN_TEMPLATE}"
        )
