"""`covidlake environments diff`: where the parameter files of two environments differ."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from covidlake.base import project
from covidlake.environment import environment_file, pipelines

HIDDEN = "(secret)"


@dataclass(frozen=True)
class Value:
    """A parameter's or tag's value in one file; `is_default` when the template would give the same."""

    text: str
    is_default: bool = False

    def __str__(self) -> str:
        return f"{self.text!r} (default)" if self.is_default else repr(self.text)


@dataclass(frozen=True)
class Difference:
    """One parameter or tag that is not the same in both files; None where a file lacks it."""

    kind: Literal["parameter", "tag"]
    name: str
    first: Value | None
    second: Value | None

    def to_json(self) -> dict[str, Any]:
        sides = {"first": self.first, "second": self.second}
        shown = {
            side: value and {"value": value.text, "default": value.is_default}
            for side, value in sides.items()
        }
        return {"kind": self.kind, "name": self.name, **shown}


def diff(first: str, second: str, folder: Path = project.ENVIRONMENTS) -> list[Difference]:
    """What differs between two environments, parameters before tags, each by name.

    The values of NoEcho parameters are not shown. Raises `EnvironmentFileError` for an unknown environment.
    """
    one, other = environment_file.load(first, folder), environment_file.load(second, folder)
    declared = _declared_parameters(one.of.pipeline) | _declared_parameters(other.of.pipeline)
    parameters = [
        Difference("parameter", name, *(_value(side.parameters, name, declared) for side in (one, other)))
        for name in _differing(one.parameters, other.parameters)
    ]
    tags = [
        Difference("tag", name, *(_value(side.tags, name, {}) for side in (one, other)))
        for name in _differing(one.tags, other.tags)
    ]
    return parameters + tags


def _declared_parameters(pipeline: str) -> dict[str, Any]:
    from infra.common.code_locations import CodeLocations

    template = json.loads(pipelines.template(pipeline, CodeLocations.local()))
    declared: dict[str, Any] = template.get("Parameters", {})
    return declared


def _differing(one: dict[str, str], other: dict[str, str]) -> list[str]:
    return sorted(name for name in set(one) | set(other) if one.get(name) != other.get(name))


def _value(given: dict[str, str], name: str, declared: dict[str, Any]) -> Value | None:
    if name not in given:
        return None
    declaration = declared.get(name, {})
    if str(declaration.get("NoEcho", "")).lower() == "true":
        return Value(HIDDEN)
    default = declaration.get("Default")
    return Value(given[name], default is not None and _as_text(default) == given[name])


def _as_text(default: Any) -> str:
    return str(default).lower() if isinstance(default, bool) else str(default)
