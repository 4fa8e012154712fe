"""Which variables each state refers to, as DescribeStateMachine lists them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from localcloud.step_functions.definition.structure import JSONATA, places

_INNER = ("Branches", "ItemProcessor", "Iterator", "Result", "Comment")
_REFERENCE = re.compile(r"(?<![\w$.])\$([A-Za-z_][A-Za-z0-9_]*)(?!\w)(?!\s*\()")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_OWN = {"states"}
_TEMPLATES = {
    *("Parameters", "ResultSelector", "ItemSelector", "Assign", "Credentials"),
    *("ItemBatcher", "ItemReader", "ResultWriter"),
}


def variable_references(machine: dict[str, Any]) -> dict[str, list[str]]:
    """Names of variables without `$`, sorted, by the state that uses them."""
    found = {}
    for place in places(machine):
        own = {name: value for name, value in place.state.items() if name not in _INNER}
        found_texts = _texts(own) if place.language == JSONATA else _path_texts(own)
        texts = [text for text in found_texts if _is_expression(text, place.language)]
        names = {name for text in texts for name in _REFERENCE.findall(_QUOTED.sub("", text))} - _OWN
        if names:
            found[place.name] = sorted(names)
    return found


def _is_expression(text: str, language: str) -> bool:
    if language == JSONATA:
        return text.startswith("{%") and text.endswith("%}")
    return text.startswith(("$", "States."))


def _path_texts(state: dict[str, Any]) -> Iterator[str]:
    """In templates only `key.$` is an expression, in any other field every text may be one."""
    for name, value in state.items():
        yield from _marked(value) if name in _TEMPLATES else _texts(value)


def _marked(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _marked(item)
    for key, item in value.items() if isinstance(value, dict) else ():
        if key.endswith((".$", "Path")) and isinstance(item, str):
            yield item
        yield from _marked(item)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(item)
