"""JSON of Trino's: a text in DuckDB, read and written by Python."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from localcloud.athena.sql.trino import types
from localcloud.athena.sql.trino.context import Context, Typed
from localcloud.athena.sql.trino.types import Type, duckdb_field

STEP = re.compile(
    r"""\.(?P<name>[\w$-]+)|\["(?P<quoted>(?:[^"\\]|\\.)*)"\]|\['(?P<single>[^']*)'\]|\[(?P<index>\d+)\]|(?P<any>\[\*\]|\.\*)"""
)


def load(text: str) -> Any:
    """A document; numbers with a point as `Decimal`, so that they are written as they were read."""
    return json.loads(text, parse_float=Decimal)


def dump(value: Any) -> str:
    """A document as Trino writes it: no space, text as it is."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dict):
        return (
            "{"
            + ",".join(f"{json.dumps(key, ensure_ascii=False)}:{dump(item)}" for key, item in value.items())
            + "}"
        )
    if isinstance(value, list):
        return "[" + ",".join(map(dump, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def parse(text: str) -> str:
    """json_parse: the document in its canonical form, the keys of objects in order."""
    try:
        return dump(_sorted(load(text)))
    except ValueError:
        raise ValueError(f"INVALID_FUNCTION_ARGUMENT: Cannot convert value to JSON: '{text}'") from None


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value


def steps(path: str) -> list[str | int] | None:
    """The names and indexes of a path such as `$.a[0]["b c"]`; None: not one that is done here."""
    path = re.sub(r"^\s*(lax|strict)\s+", "", path.strip())
    if not path.startswith("$"):
        return None
    found: list[str | int] = []
    at = 1
    while at < len(path):
        step = STEP.match(path, at)
        if step is None or step["any"]:
            return None
        found.append(
            int(step["index"]) if step["index"] else step["name"] or step["single"] or step["quoted"] or ""
        )
        at = step.end()
    return found


def follow(text: str, path: str) -> tuple[bool, Any]:
    """What a path leads to in a document, and whether it leads anywhere."""
    wanted = steps(path)
    if wanted is None:
        raise ValueError(f"INVALID_FUNCTION_ARGUMENT: Invalid JSON path: '{path}'")
    try:
        value = load(text)
    except ValueError:
        return False, None
    for step in wanted:
        if isinstance(step, int) and isinstance(value, list) and step < len(value):
            value = value[step]
        elif isinstance(value, dict) and str(step) in value:
            value = value[str(step)]
        else:
            return False, None
    return True, value


def extract(text: str, path: str) -> str | None:
    found, value = follow(text, path)
    return dump(value) if found else None


def extract_scalar(text: str, path: str) -> str | None:
    found, value = follow(text, path)
    if not found or value is None or isinstance(value, dict | list):
        return None
    return value if isinstance(value, str) else dump(value)


def size(text: str, path: str) -> int | None:
    found, value = follow(text, path)
    return (len(value) if isinstance(value, dict | list) else 0) if found else None


def cast(value: Typed, target: Type, context: Context, *, safe: bool) -> str:
    """CAST to JSON and from it."""
    if target == types.JSON:
        write = writer(value.kind)
        return context.python(lambda item: write(item), [value], types.JSON, key="to json")
    read = reader(target)

    def run(text: str) -> Any:
        try:
            return read(load(text))
        except (ValueError, ArithmeticError, TypeError):
            if safe:
                return None
            raise ValueError(f"INVALID_CAST_ARGUMENT: Cannot cast to {target}. {text}") from None

    return context.python(run, [value], target, key=("from json", safe))


def writer(kind: Type) -> Callable[[Any], str]:
    """Writes values of a type as JSON; what is no text, number or boolean becomes a text."""
    match kind.name:
        case "json":
            return _null(lambda item: item)
        case "array":
            inner = writer(kind.element)
            return _null(lambda items: "[" + ",".join(map(inner, items)) + "]")
        case "map":
            item = writer(kind.parts[1])
            return _null(
                lambda pairs: _object((_key(key), item(value)) for key, value in sorted(pairs.items()))
            )
        case "row":
            names = [(name, duckdb_field(name, at)) for at, name in enumerate(kind.fields)]
            inner_writers = [writer(part) for part in kind.parts]
            return _null(
                lambda fields: _object(
                    (name, write(item))
                    for (name, _), write, item in zip(names, inner_writers, fields.values(), strict=True)
                )
            )
    return _null(_scalar)


def _null(write: Callable[[Any], str]) -> Callable[[Any], str]:
    return lambda value: "null" if value is None else write(value)


def _object(pairs: Any) -> str:
    return "{" + ",".join(f"{json.dumps(key, ensure_ascii=False)}:{value}" for key, value in pairs) + "}"


def _key(value: Any) -> str:
    return value if isinstance(value, str) else dump(value)


def _scalar(value: Any) -> str:
    if isinstance(value, datetime.datetime):
        return json.dumps(value.strftime("%Y-%m-%d %H:%M:%S.") + f"{value.microsecond // 1000:03d}")
    if isinstance(value, datetime.date):
        return json.dumps(value.isoformat())
    return dump(value)


def reader(kind: Type) -> Callable[[Any], Any]:
    """Makes values of a type from a document that was read."""
    match kind.name:
        case "array":
            inner = reader(kind.element)
            return _none(lambda items: [inner(item) for item in _is(items, list)])
        case "map":
            key, item = reader(kind.parts[0]), reader(kind.parts[1])
            return _none(lambda pairs: {key(name): item(value) for name, value in _is(pairs, dict).items()})
        case "row":
            return _none(_row_reader(kind))
    return _none(lambda value: _plain(value, kind))


def _none(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else read(value)


def _is(value: Any, wanted: type) -> Any:
    if not isinstance(value, wanted):
        raise TypeError(value)
    return value


def _row_reader(kind: Type) -> Callable[[Any], Any]:
    readers = [reader(part) for part in kind.parts]
    names = [duckdb_field(name, at) for at, name in enumerate(kind.fields)]

    def read(value: Any) -> dict[str, Any]:
        if isinstance(value, list):
            return {name: one(item) for name, one, item in zip(names, readers, value, strict=True)}
        lowered = {key.lower(): item for key, item in _is(value, dict).items()}
        return {name: one(lowered.get(name)) for name, one in zip(names, readers, strict=True)}

    return read


def _plain(value: Any, kind: Type) -> Any:
    if isinstance(value, dict | list):
        if kind == types.JSON:
            return dump(value)
        raise TypeError(value)
    if kind == types.JSON:
        return dump(value)
    if kind.is_text:
        return value if isinstance(value, str) else dump(value)
    if kind == types.BOOLEAN:
        return (
            value
            if isinstance(value, bool)
            else {"true": True, "false": False}.get(str(value).lower(), bool(value))
        )
    if kind.is_integer:
        return int(Decimal(str(int(value) if isinstance(value, bool) else value)).quantize(0, ROUND_HALF_UP))
    if kind.name == "decimal":
        return Decimal(str(value)).quantize(Decimal(1).scaleb(-kind.sizes[1]), ROUND_HALF_UP)
    if kind.name == "date":
        return datetime.date.fromisoformat(value)
    return float(value)
