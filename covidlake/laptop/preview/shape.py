"""Values of JSON as the dataclasses that they must fit, each checked: a text is a text, a count a count."""

from __future__ import annotations

import dataclasses
import math
import types
import typing
from collections.abc import Iterable
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")
LONGEST = 2_000  # characters of a text
MOST = 20_000  # elements of a list
LARGEST = 2**63


def read(wanted: type[T], value: Any, where: str) -> T:
    """The value as the dataclass. Raises `ValueError` that names the place of what does not fit."""
    if not isinstance(value, dict):
        raise _wrong(where, "an object")
    hints = _hints(wanted)  # type: ignore[arg-type]
    if unknown := sorted(set(map(str, value)) - set(hints)):
        raise ValueError(f"{where} has {unknown[0]!r}, which nothing has"[:LONGEST])
    known = {name: _value(hints[name], given, f"{where}.{name}") for name, given in value.items()}
    try:
        return wanted(**known)
    except TypeError as error:
        raise ValueError(f"{where}: {error}") from error


@cache
def _hints(wanted: type) -> dict[str, Any]:
    assert dataclasses.is_dataclass(wanted)
    return typing.get_type_hints(wanted)


def _value(hint: Any, given: Any, where: str) -> Any:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        if given is None and type(None) in arguments:
            return None
        return _value(next(one for one in arguments if one is not type(None)), given, where)
    if origin is tuple:
        return _tuple(arguments, given, where)
    if dataclasses.is_dataclass(hint):
        return read(typing.cast("type[Any]", hint), given, where)
    return _plain(hint, given, where)


def _tuple(arguments: tuple[Any, ...], given: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(given, list | tuple) or len(given) > MOST:
        raise _wrong(where, f"a list of at most {MOST:,}")
    kinds: Iterable[Any] = arguments
    if arguments[-1] is Ellipsis:
        kinds = [arguments[0]] * len(given)
    elif len(given) != len(arguments):
        raise _wrong(where, f"a list of {len(arguments)}")
    return tuple(_value(kind, one, f"{where}[]") for kind, one in zip(kinds, given, strict=True))


def _plain(hint: Any, given: Any, where: str) -> Any:
    if hint is bool and isinstance(given, bool):
        return given
    if hint is str and isinstance(given, str):
        return given[:LONGEST]
    number = not isinstance(given, bool)
    if hint is int and number and isinstance(given, int) and abs(given) < LARGEST:
        return given
    if hint is float and number and isinstance(given, int | float) and math.isfinite(given):
        return float(given)
    raise _wrong(
        where, {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}[hint]
    )


def _wrong(where: str, what: str) -> ValueError:
    return ValueError(f"{where} is not {what}")
