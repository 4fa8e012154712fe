"""Functions of regular expressions: Python's, which have few differences to Java's."""

from __future__ import annotations

import re
from functools import lru_cache

from localcloud.athena.sql.trino import types
from localcloud.athena.sql.trino.context import Context, Typed
from localcloud.athena.sql.trino.functions.arrays import replaced
from localcloud.athena.sql.trino.functions.signatures import define
from localcloud.athena.sql.trino.functions.strings import TEXTS, python, wrong


@lru_cache(maxsize=256)
def _pattern(text: str) -> re.Pattern[str]:
    """Java's pattern as Python's: named groups and possessive signs are the differences met."""
    try:
        return re.compile(re.sub(r"\(\?<([A-Za-z]\w*)>", r"(?P<\1>", text).replace(r"\p{Alpha}", "[A-Za-z]"))
    except re.error as error:
        raise wrong(f"{error}") from None


def _group(pattern: str, group: int) -> re.Pattern[str]:
    compiled = _pattern(pattern)
    if not 0 <= group <= compiled.groups:
        raise wrong(f"Pattern has {compiled.groups} groups. Cannot access group {group}")
    return compiled


def regexp_like(text: str, pattern: str) -> bool:
    return _pattern(pattern).search(text) is not None


def regexp_extract(text: str, pattern: str, group: int = 0) -> str | None:
    found = _group(pattern, group).search(text)
    return found[group] if found else None


def regexp_extract_all(text: str, pattern: str, group: int = 0) -> list[str | None]:
    return [found[group] for found in _group(pattern, group).finditer(text)]


def regexp_replace(text: str, pattern: str, replacement: str = "") -> str:
    """`$1` and `${name}` in the replacement are groups."""
    compiled = _pattern(pattern)

    def one(found: re.Match[str]) -> str:
        def part(mark: re.Match[str]) -> str:
            if mark[3]:
                return mark[3]
            group: int | str = int(mark[1]) if mark[1] else mark[2]
            try:
                return found[group] or ""
            except (IndexError, re.error):
                raise wrong(f"Illegal replacement sequence: unknown group {group}") from None

        return re.sub(r"\$(?:(\d)|\{(\w+)\})|\\(.)", part, replacement)

    return compiled.sub(one, text)


def regexp_split(text: str, pattern: str) -> list[str]:
    pieces, last = [], 0
    for found in _pattern(pattern).finditer(text):
        pieces.append(text[last : found.start()])
        last = found.end()
    return [*pieces, text[last:]]


def regexp_count(text: str, pattern: str) -> int:
    return sum(1 for _ in _pattern(pattern).finditer(text))


def regexp_position(text: str, pattern: str, start: int = 1, occurrence: int = 1) -> int:
    for number, found in enumerate(_pattern(pattern).finditer(text, start - 1), 1):
        if number == occurrence:
            return found.start() + 1
    return -1


def regexp_groups(text: str, pattern: str) -> list[list[str | None]]:
    """The capturing groups of each match, without the match itself."""
    return [list(found.groups()) for found in _pattern(pattern).finditer(text)]


def _replaced_by(arguments: list[Typed], context: Context) -> str:
    """regexp_replace with a lambda, which makes of the groups of a match what stands in its place."""
    text, pattern, function = arguments
    pieces = context.python(regexp_split, [text, pattern], TEXTS)
    groups = context.python(regexp_groups, [text, pattern], types.array(TEXTS))
    name, _, body = function.sql.removeprefix("lambda ").partition(": ")
    at, found = context.new_name("i"), context.new_name("e")
    made = replaced(body, {name: f"{found}.groups[{at}]"})
    joined = (
        f"list_transform(generate_series(1, len({found}.pieces)), lambda {at}: {found}.pieces[{at}] ||"
        f" CASE WHEN {at} < len({found}.pieces) THEN coalesce({made}, '') ELSE '' END)"
    )
    both = f"[struct_pack(pieces := {pieces}, groups := {groups})]"
    return f"(list_transform({both}, lambda {found}: array_to_string({joined}, '')))[1]"


def claim() -> None:
    define("regexp_like(varchar, varchar) -> boolean", python(regexp_like, types.BOOLEAN))
    define("regexp_extract(varchar, varchar) -> varchar", python(regexp_extract, types.VARCHAR))
    define("regexp_extract(varchar, varchar, bigint) -> varchar", python(regexp_extract, types.VARCHAR))
    define("regexp_extract_all(varchar, varchar) -> array(varchar)", python(regexp_extract_all, TEXTS))
    define(
        "regexp_extract_all(varchar, varchar, bigint) -> array(varchar)", python(regexp_extract_all, TEXTS)
    )
    define("regexp_replace(varchar, varchar) -> varchar", python(regexp_replace, types.VARCHAR))
    define("regexp_replace(varchar, varchar, varchar) -> varchar", python(regexp_replace, types.VARCHAR))
    define("regexp_replace(varchar, varchar, function(array(varchar),varchar)) -> varchar", _replaced_by)
    define("regexp_split(varchar, varchar) -> array(varchar)", python(regexp_split, TEXTS))
    define("regexp_count(varchar, varchar) -> bigint", python(regexp_count, types.BIGINT))
    define("regexp_position(varchar, varchar) -> integer", python(regexp_position, types.INTEGER))
    define("regexp_position(varchar, varchar, integer) -> integer", python(regexp_position, types.INTEGER))
    define(
        "regexp_position(varchar, varchar, integer, integer) -> integer",
        python(regexp_position, types.INTEGER),
    )
