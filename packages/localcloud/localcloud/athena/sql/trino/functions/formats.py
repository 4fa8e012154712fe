"""format(): Java's format strings, for the conversions that Trino's documentation shows."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from localcloud.athena.sql.trino.functions.strings import wrong
from localcloud.athena.sql.trino.types import Type

PLACE = re.compile(r"%(?:(\d+)\$)?([-#+ 0,(<]*)(\d+)?(?:\.(\d+))?(t[A-Za-z]|[A-Za-z%])")
MOMENTS = {
    "Y": "%Y",
    "m": "%m",
    "d": "%d",
    "H": "%H",
    "M": "%M",
    "S": "%S",
    "F": "%Y-%m-%d",
    "T": "%H:%M:%S",
    "B": "%B",
    "b": "%b",
    "A": "%A",
    "a": "%a",
    "y": "%y",
    "j": "%j",
    "e": "%-d",
    "R": "%H:%M",
    "I": "%I",
    "D": "%m/%d/%y",
}


def formatter(kinds: list[Type]) -> Callable[..., str | None]:
    """A function for arguments of these types, the format string in front."""

    def run(pattern: str | None, *values: Any) -> str | None:
        if pattern is None:
            return None
        counter = iter(range(len(values)))

        def one(found: re.Match[str]) -> str:
            position, flags, width, precision, letter = found.groups()
            if letter in "%n":
                return "%" if letter == "%" else "\n"
            at = int(position) - 1 if position else next(counter, -1)
            if not 0 <= at < len(values):
                raise wrong(f"Invalid format string: {pattern} (Format specifier '{found[0]}')")
            text = _converted(values[at], kinds[at], letter, flags, precision, width)
            return text.ljust(int(width)) if width and "-" in flags else text.rjust(int(width or 0))

        return PLACE.sub(one, pattern)

    return run


def _converted(
    value: Any, kind: Type, letter: str, flags: str, precision: str | None, width: str | None
) -> str:
    if value is None:
        return "null"
    if letter in "sS":
        text = _text(value)[: int(precision) if precision else None]
        return text.upper() if letter == "S" else text
    if letter in "bB":
        return str(bool(value)).lower()
    if letter.startswith("t") and letter[1:] in MOMENTS and isinstance(value, datetime.date):
        return value.strftime(MOMENTS[letter[1:]])
    if letter in "dxXo" and kind.is_integer:
        written = {"d": f"{value:,}" if "," in flags else str(value)}.get(letter) or format(value, letter)
        return _signed(written, flags, width)
    if letter in "fe" and (kind.is_floating or kind.name == "decimal"):
        return _signed(_fraction(value, letter, flags, int(precision or 6)), flags, width)
    raise wrong(f"Invalid format string: {letter} != {kind}")


def _fraction(value: Any, letter: str, flags: str, digits: int) -> str:
    if letter == "e":
        return format(float(value), f".{digits}e")
    rounded = Decimal(str(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return format(rounded, ",f" if "," in flags else "f")


def _signed(text: str, flags: str, width: str | None) -> str:
    sign = "-" if text.startswith("-") else "+" if "+" in flags else " " if " " in flags else ""
    digits = text.lstrip("-")
    if "(" in flags and sign == "-":
        return f"({digits})"
    return sign + (digits.rjust(int(width) - len(sign), "0") if "0" in flags and width else digits)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%dT%H:%M") + (
            value.strftime(":%S") if value.second or value.microsecond else ""
        )
    return str(value)
