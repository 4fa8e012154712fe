"""What OpenX's JSON SerDe is told by its properties: names of keys, and lines that are no JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from localcloud.athena.sql.errors import QueryError, unsupported
from localcloud.athena.sql.tables import json_numbers
from localcloud.athena.sql.tables.text_rows import open_text
from localcloud.glue.catalog.types import Array, HiveType, Map, Struct

_MAPPING = "mapping."
_DOTS = "dots.in.keys"
_OF_OPENX = ("case.insensitive", "ignore.malformed.json", _DOTS)
_NUMBERED = re.compile(r"(.+)_\d+")
_ARRAY = "a line of JSON that is an array, whose parts are columns by their place"
_DECODER = json.JSONDecoder()


def check(parameters: Mapping[str, str], columns: list[tuple[str, HiveType]]) -> None:
    """Raise `QueryError` for a property that nothing here follows."""
    if parameters.get("case.insensitive", "true").lower() == "false":
        raise unsupported("case.insensitive = false of the JSON SerDe")
    mapped = {name.removeprefix(_MAPPING).lower() for name in parameters if name.startswith(_MAPPING)}
    for _, kind in columns:
        if inner := mapped & _names_within(kind):
            raise unsupported(f"mapping.{min(inner)} of the JSON SerDe, which names a field of a struct")
        dotted = sorted(name for name in _names_within(kind) if "_" in name)
        if dotted and _has_dots(parameters):
            raise unsupported(
                f"{_DOTS} of the JSON SerDe with the field {dotted[0]} of a struct",
                "use it with columns only",
            )


def is_of_openx(name: str) -> bool:
    """Whether a property is one of OpenX's SerDe, which Hive's has not."""
    return name in _OF_OPENX or name.startswith(_MAPPING)


def maps_names(parameters: Mapping[str, str]) -> bool:
    """Whether a column is read from a key of another name."""
    return any(name.startswith(_MAPPING) for name in parameters)


def _names_within(kind: HiveType) -> set[str]:
    match kind:
        case Array(element):
            return _names_within(element)
        case Map(_, value):
            return _names_within(value)
        case Struct(fields):
            inner = (_names_within(part) for _, part in fields)
            return {name.lower() for name, _ in fields}.union(*inner)
    return set()


def key_of(column: str, parameters: Mapping[str, str]) -> str:
    """The key of JSON, in lower case, that a column is read from."""
    given = {name.lower(): key for name, key in parameters.items() if name.startswith(_MAPPING)}
    return given.get(_MAPPING + column, column).lower()


def spelled(key: str, parameters: Mapping[str, str]) -> str:
    """A key of the data as it is compared with the one that a column is read from."""
    return (key.replace(".", "_") if _has_dots(parameters) else key).lower()


def _has_dots(parameters: Mapping[str, str]) -> bool:
    return parameters.get(_DOTS, "false").lower() == "true"


def skips_malformed(parameters: Mapping[str, str]) -> bool:
    """Whether a line that is no JSON object is a row of NULLs."""
    return parameters.get("ignore.malformed.json", "false").lower() == "true"


def check_lines(connection: Any, source: str) -> None:
    """Raise `QueryError` for a line that is an array, or that has a key twice: OpenX's keys have no case."""
    names = "list_transform(json_keys(json), lambda __key: lower(__key))"
    found = connection.execute(
        f"SELECT json_type(json) = 'ARRAY', {names} FROM {_lines(source)} "  # noqa: S608
        f"WHERE json_type(json) = 'ARRAY' OR len(list_distinct({names})) < len({names}) LIMIT 1"
    ).fetchone()
    if found and found[0]:
        raise unsupported(_ARRAY)
    if found:
        twice = next(name for name in found[1] if found[1].count(name) > 1)
        raise QueryError(
            f'HIVE_CURSOR_ERROR: Row is not a valid JSON Object - JSONException: Duplicate key "{twice}"'
        )


def differ_in_case(connection: Any, source: str) -> bool:
    """Whether lines spell a key in different ways."""
    keys = f"SELECT DISTINCT unnest(json_keys(json)) AS key FROM {_lines(source)}"  # noqa: S608
    found = connection.execute(f"SELECT count(DISTINCT lower(key)) < count(key) FROM ({keys})").fetchone()  # noqa: S608
    return bool(found[0])


def _lines(source: str) -> str:
    return f"read_ndjson_objects({source}, hive_partitioning=true, maximum_object_size=67108864)"


def may_differ_in_case(names: list[str]) -> bool:
    """Whether two keys may be one key without case: DuckDB numbers the second of them."""
    known = {name.lower() for name in names}
    return any((found := _NUMBERED.fullmatch(name)) and found[1].lower() in known for name in names)


def without_malformed(path: Path, target: Path) -> None:
    """Copy a file, with an empty object in the place of each line that is no object."""

    def kept(line: str) -> str:
        keys = _keys(line)
        return "{}" if keys is None or len({key.lower() for key in keys}) < len(keys) else line

    _copy(path, target, kept)


def in_lower_case(path: Path, target: Path) -> None:
    """Copy a file with the outer keys of each object in lower case; a line that is none stays."""
    _copy(path, target, lambda line: line if _keys(line) is None else _lowered(line))


def with_long_numbers(path: Path, target: Path) -> None:
    """Copy a file, with the fractions that a double does not hold as texts."""
    _copy(path, target, json_numbers.as_texts)


def _lowered(line: str) -> str:
    """An object with its keys in lower case and the values as they are written."""
    members, at = [], _behind_marks(line, line.index("{") + 1)
    while line[at] != "}":
        key, end = _DECODER.raw_decode(line, at)
        start = _behind_marks(line, end)
        _, end = _DECODER.raw_decode(line, start)
        members.append(f"{json.dumps(key.lower())}:{line[start:end]}")
        at = _behind_marks(line, end)
    return "{" + ",".join(members) + "}"


def _behind_marks(line: str, at: int) -> int:
    while line[at] in " \t\r,:":
        at += 1
    return at


def _copy(path: Path, target: Path, change: Callable[[str], str]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("w", encoding="utf-8") as file:
        file.writelines(change(line) + "\n" for line in open_text(path))


def _keys(line: str) -> list[str] | None:
    """The outer keys of an object, each as often as it is there; None for a line that is none."""
    try:
        found = json.loads(line, object_pairs_hook=tuple)
    except ValueError:
        return None
    if isinstance(found, list):
        raise unsupported(_ARRAY)
    return [key for key, _ in found] if isinstance(found, tuple) else None
