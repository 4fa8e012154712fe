"""What is told of a state's data: AWS keeps the text of a value that was given, down to its blanks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from localcloud.step_functions.states.shapes import compact_json

_read = json.JSONDecoder().raw_decode
_BLANKS = " \t\n\r"


class Notes:
    """`members` is the inspectionData; `documents` are the JSON texts that the state is tried with."""

    def __init__(self, *documents: str) -> None:
        self.members: dict[str, Any] = {}
        self._texts: dict[str, str] = {}
        for document in documents:
            self._learn(document)

    def tell(self, name: str, value: Any) -> None:
        self.members[name] = self.text(value)

    def text(self, value: Any) -> str:
        """The value as JSON: what of it was given is as it was given, all else has no blanks."""
        compact = compact_json(value)
        if not self._texts or not isinstance(value, list | dict):
            return compact
        if compact in self._texts:
            return self._texts[compact]
        if isinstance(value, list):
            return f"[{','.join(map(self.text, value))}]"
        pairs = (f"{compact_json(key)}:{self.text(item)}" for key, item in value.items())
        return f"{{{','.join(pairs)}}}"

    def _learn(self, document: str) -> None:
        try:
            for text in _containers(document):
                compact = compact_json(json.loads(text))
                if compact != text:
                    self._texts.setdefault(compact, text)
        except RecursionError:
            return  # nested too deeply to say how its parts are spelled


def _containers(document: str) -> Iterator[str]:
    """The texts of all arrays and objects of a JSON document."""
    found: list[str] = []
    _scan(document, 0, found)
    yield from found


def _scan(text: str, begin: int, found: list[str]) -> int:
    """The place behind the value that begins at or after `begin`."""
    at = begin = _skip(text, begin)
    if text[at] not in "[{":
        return int(_read(text, at)[1])
    is_object = text[at] == "{"
    at = _skip(text, at + 1)
    while text[at] not in "]}":
        if is_object:
            at = _skip(text, _read(text, at)[1]) + 1  # behind the colon
        at = _skip(text, _scan(text, at, found))
        at = _skip(text, at + 1) if text[at] == "," else at
    found.append(text[begin : at + 1])
    return at + 1


def _skip(text: str, at: int) -> int:
    while text[at : at + 1] and text[at] in _BLANKS:
        at += 1
    return at
