"""The YAML of a parameter file, read without surprises: every value is the text that the file has.

YAML makes 83 of 0123, 195 of 3:15 and True of yes, and takes the last of two equal keys without a word.
"""

from __future__ import annotations

from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode


class Figure(str):
    """A number or a date without quotes, as it is written: a parameter may be one, a tag is text."""

    __slots__ = ()

    @property
    def meant(self) -> str:
        """The text that it stands for."""
        return str(self)


class Truth(Figure):
    """A truth value without quotes: CloudFormation's files want text."""

    __slots__ = ()

    @property
    def meant(self) -> str:
        return "true" if self.lower() in {"true", "yes", "on", "y"} else "false"


class _Loader(yaml.SafeLoader):
    """Scalars as text; no alias, no key twice."""

    def compose_node(self, parent: Node | None, index: int) -> Node | None:
        if self.check_event(yaml.events.AliasEvent):
            event: Any = self.peek_event()  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(
                None, None, "an alias: write the value itself", event.start_mark
            )
        return super().compose_node(parent, index)

    def construct_mapping(self, node: MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            problem = None if isinstance(key, ScalarNode) else "a name is one text, no list or mapping"
            if problem is None and key.value in seen:
                problem = f"key {key.value!r} is there twice: remove one"
            if problem:
                raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


for _kind in ("int", "float", "timestamp"):
    _Loader.add_constructor(f"tag:yaml.org,2002:{_kind}", lambda _, node: Figure(node.value))
_Loader.add_constructor("tag:yaml.org,2002:bool", lambda _, node: Truth(node.value))


def parse(text: str) -> Any:
    """The content; raises `ValueError` with the place and the problem in one line."""
    try:
        return yaml.load(text, _Loader)  # noqa: S506 - derived from SafeLoader
    except yaml.YAMLError as error:
        raise ValueError(_problem(error)) from error
    except RecursionError as error:
        raise ValueError("it is nested too deeply; correct the file") from error


def _problem(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    return f"{place}{problem}; correct the line"
