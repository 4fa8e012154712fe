"""Read an environment's file and check it against the template before anything is called."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from covidlake.base import project
from covidlake.base.errors import EnvironmentFileError
from covidlake.base.nearest import instead
from covidlake.environment import parameter_yaml, schedule, tags
from covidlake.environment.pipeline_environment import PipelineEnvironment

PROMOTE_TAG = tags.PROMOTE
SCHEDULE = "ScheduleExpression"
KEYS = {"template-file-path", "parameters", "tags"}
# The parameters that deploy sets from the bundle.
BUNDLE_DIGEST, BUNDLE_COMMIT = "BundleDigest", "BundleCommit"
SET_BY_DEPLOY = {BUNDLE_DIGEST, BUNDLE_COMMIT}
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


@dataclass(frozen=True)
class Environment:
    """One deployment file: every parameter of the stack and its tags, as text.

    `name` is what the command line calls it: `dev`, or `tiny/dev` for another pipeline's.
    """

    name: str
    path: Path
    parameters: dict[str, str]
    tags: dict[str, str]
    template_path: str = ""

    @property
    def of(self) -> PipelineEnvironment:
        return PipelineEnvironment.parse(self.name)

    @property
    def promoted(self) -> bool:
        """Whether a merge deploys it; the main pipeline always is."""
        return self.of.is_main or self.tags.get(PROMOTE_TAG) == "true"


def names(folder: Path = project.ENVIRONMENTS) -> list[str]:
    """The main pipeline's environments, then those of each other pipeline."""
    main = sorted(path.stem for path in folder.glob("*.yaml"))
    return main + sorted(f"{path.parent.name}/{path.stem}" for path in folder.glob("*/*.yaml"))


def promoted(environment: str, folder: Path = project.ENVIRONMENTS) -> list[str]:
    """An environment of the main pipeline, then that of each other pipeline that is promoted there too.

    Raises `EnvironmentFileError` for a name of another pipeline's environment, and for a malformed file.
    """
    if not PipelineEnvironment.parse(environment).is_main:
        raise EnvironmentFileError(
            f"environment {environment!r}: the promoted pipelines are those of an environment: "
            f"name it without a pipeline: {PipelineEnvironment.parse(environment).environment}"
        )
    others = [name for name in names(folder) if name.endswith(f"/{environment}")]
    return [environment, *(name for name in others if load(name, folder).promoted)]


def load(name: str, folder: Path = project.ENVIRONMENTS) -> Environment:
    """Read the file of an environment.

    Raises `EnvironmentFileError` for a missing file, malformed YAML, or anything that is not a
    CloudFormation deployment file with text, number or true/false values.
    """
    path = PipelineEnvironment.parse(name).path(folder)
    shown = project.relative(path)
    if not is_there(path):
        hint = instead(PipelineEnvironment.meant(name), names(folder))
        raise EnvironmentFileError(f"{shown}: no such environment; {hint}")
    try:
        content = parameter_yaml.parse(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise EnvironmentFileError(f"{shown}: malformed YAML: {error}") from error
    if not isinstance(content, dict):
        raise EnvironmentFileError(f"{shown}: it must be a mapping with the keys {', '.join(sorted(KEYS))}")
    if unknown := sorted(map(str, set(content) - KEYS)):
        raise EnvironmentFileError(f"{shown}: unknown key {unknown[0]}: use only {', '.join(sorted(KEYS))}")
    parameters = _texts(content.get("parameters"), f"{shown}: parameters")
    given_tags = _texts(content.get("tags"), f"{shown}: tags", parameter_yaml.Figure)
    template_path = _text(content.get("template-file-path", ""), f"{shown}: template-file-path")
    return Environment(name, path, parameters, given_tags, template_path)


def is_there(path: Path) -> bool:
    """Whether the file is there; no file has a name that the system refuses."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _texts(
    mapping: Any, where: str, unquoted: type[parameter_yaml.Figure] = parameter_yaml.Truth
) -> dict[str, str]:
    """Names and values; `unquoted` is what must stand in quotes."""
    if mapping is None:
        return {}
    if not isinstance(mapping, dict):
        raise EnvironmentFileError(f"{where}: it must be a mapping of names to values")
    return {str(key): _text(value, f"{where}.{key}", unquoted) for key, value in mapping.items()}


def _text(value: Any, where: str, unquoted: type[parameter_yaml.Figure] = parameter_yaml.Truth) -> str:
    if isinstance(value, unquoted):
        raise EnvironmentFileError(f'{where} is {value} without quotes: write "{value.meant}"')
    if isinstance(value, str):
        return value
    given = "empty" if value is None else f"a {type(value).__name__}"
    raise EnvironmentFileError(f'{where} is {given}: give one value; an empty text is "", a list is "a,b"')


def check(environment: Environment, template: dict[str, Any]) -> None:
    """Raise `EnvironmentFileError` for the first parameter that does not fit the template, with a hint."""
    if problems := find_problems(environment, template):
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise EnvironmentFileError(problems[0] + more)


def find_problems(environment: Environment, template: dict[str, Any]) -> list[str]:
    """One line for each parameter that is unknown, missing, mistyped or not allowed."""
    shown = project.relative(environment.path)
    declared: dict[str, dict[str, Any]] = template.get("Parameters", {})
    problems = [
        f"{shown}: parameter {name} is set by covidlake deploy: remove it"
        for name in environment.parameters
        if name in SET_BY_DEPLOY
    ]
    problems += [
        f"{shown}: parameter {name} is unknown to the template: {_instead(name, set(declared))}"
        for name in sorted(set(environment.parameters) - {*declared, *SET_BY_DEPLOY})
    ]
    own = environment.of.environment
    given = environment.parameters.get("Environment", own)
    if given != own:
        problems.append(f"{shown}: parameter Environment = {given!r}: give the file's name, {own}")
    tagged = environment.tags.get("Environment", own)
    if tagged not in (own, project.bootstrap_of(own)):
        problems.append(f"{shown}: tag Environment = {tagged!r}: give the file's name, {own}")
    problems += [f"{shown}: {problem}" for problem in tags.problems(environment.tags)]
    problems += [*_template_path_problems(environment, shown), *_promotion_problems(environment, shown)]
    expression = environment.parameters.get(SCHEDULE, "")
    if SCHEDULE in declared and expression and (fault := schedule.fault_of(expression)):
        problems.append(f"{shown}: parameter {SCHEDULE} = {expression!r}: {fault}")
    for name, declaration in declared.items():
        if name in SET_BY_DEPLOY:
            continue
        if name not in environment.parameters:
            problems.append(
                f"{shown}: parameter {name} is missing: add it ({declaration.get('Description', '')})"
            )
        elif fault := _fault(environment.parameters[name], declaration):
            problems.append(f"{shown}: parameter {name} = {environment.parameters[name]!r}: {fault}")
    return problems


def _instead(name: str, declared: set[str]) -> str:
    if not (own := declared - SET_BY_DEPLOY):
        return "remove it, the template has none"
    return f"remove it, or correct it; {instead(name, own)}"


def _template_path_problems(environment: Environment, shown: str) -> list[str]:
    """cfn-lint checks a file against the template that it names: it must be its own pipeline's."""
    expected = f"build/templates/{environment.of.pipeline}.json"
    if environment.of.is_main or environment.template_path == expected:
        return []
    return [f"{shown}: template-file-path = {environment.template_path!r}: give {expected}"]


def _promotion_problems(environment: Environment, shown: str) -> list[str]:
    given = environment.tags.get(PROMOTE_TAG)
    if given is None:
        return []
    if environment.of.is_main:
        return [f"{shown}: tag {PROMOTE_TAG}: the main pipeline is always promoted: remove it"]
    main = environment.path.parent.parent / environment.path.name
    if given == "true" and not main.is_file():
        return [
            f"{shown}: tag {PROMOTE_TAG}: nothing promotes it, because {project.relative(main)} is missing: "
            "add that file, or remove the tag"
        ]
    return []


def _fault(value: str, declaration: dict[str, Any]) -> str | None:
    """What is wrong with a value, as CloudFormation would judge it; None when nothing is."""
    allowed = [str(item) for item in declaration.get("AllowedValues", [])]
    if declaration["Type"] == "Number":
        return _number_fault(value, declaration, allowed)
    is_list = declaration["Type"] == "CommaDelimitedList"
    items = [item.strip() for item in value.split(",")] if is_list else [value]
    return next(filter(None, (_text_fault(item, declaration, allowed) for item in items)), None)


def _number_fault(value: str, declaration: dict[str, Any], allowed: list[str]) -> str | None:
    if not NUMBER.fullmatch(value):
        return "give a number"
    number = float(value)
    if allowed and number not in [float(item) for item in allowed]:
        return f"allowed are {', '.join(allowed)}"
    if _is_whole(declaration) and not number.is_integer():
        return "give a whole number"
    if "MinValue" in declaration and number < float(declaration["MinValue"]):
        return f"the least allowed is {declaration['MinValue']}"
    if "MaxValue" in declaration and number > float(declaration["MaxValue"]):
        return f"the most allowed is {declaration['MaxValue']}"
    return None


def _is_whole(declaration: dict[str, Any]) -> bool:
    """Whether a number counts things: its bounds and default are whole numbers."""
    figures = [declaration[key] for key in ("Default", "MinValue", "MaxValue") if key in declaration]
    return bool(figures) and all(float(figure).is_integer() for figure in figures)


def _text_fault(value: str, declaration: dict[str, Any], allowed: list[str]) -> str | None:
    if allowed and value not in allowed:
        return f"allowed are {', '.join(allowed)}"
    if len(value) < int(declaration.get("MinLength", 0)):
        return f"give at least {declaration['MinLength']} characters"
    if "MaxLength" in declaration and len(value) > int(declaration["MaxLength"]):
        return f"give at most {declaration['MaxLength']} characters"
    pattern = declaration.get("AllowedPattern")
    if pattern and not re.fullmatch(pattern, value):
        return f"{declaration.get('ConstraintDescription', 'it must match')} (pattern {pattern})"
    return None
