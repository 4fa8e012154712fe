"""Functions of text."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any

from localcloud.athena.sql.trino import types
from localcloud.athena.sql.trino.context import Context, Typed
from localcloud.athena.sql.trino.functions.signatures import define
from localcloud.athena.sql.trino.types import Type

SPACES = " || ".join(f"chr({code})" for code in (32, 9, 10, 13, 11, 12))
TEXTS = types.array(types.VARCHAR)


def python(
    function: Callable[..., Any], returns: Type, key: Any = None
) -> Callable[[list[Typed], Context], str]:
    """What a definition says of a function that Python runs."""
    return lambda arguments, context: context.python(function, arguments, returns, key=key)


def wrong(text: str) -> ValueError:
    return ValueError(f"INVALID_FUNCTION_ARGUMENT: {text}")


def split(text: str, delimiter: str, limit: int | None = None) -> list[str]:
    if not delimiter:
        raise wrong("The delimiter may not be the empty string")
    if limit is not None and limit <= 0:
        raise wrong("Limit must be positive")
    return text.split(delimiter) if limit is None else text.split(delimiter, limit - 1)


def split_part(text: str, delimiter: str, index: int) -> str | None:
    if index <= 0:
        raise wrong("Index must be greater than zero")
    pieces = list(text) if not delimiter else text.split(delimiter)
    return pieces[index - 1] if index <= len(pieces) else None


def split_to_map(text: str, entry: str, pair: str) -> dict[str, str]:
    made: dict[str, str] = {}
    for piece in text.split(entry) if text else []:
        key, found, value = piece.partition(pair)
        if not found:
            raise wrong(
                "Key-value delimiter must appear exactly once in each entry. Bad input: '" + piece + "'"
            )
        if key in made:
            raise wrong(f"Duplicate keys ({key}) are not allowed")
        made[key] = value
    return made


def split_to_multimap(text: str, entry: str, pair: str) -> dict[str, list[str]]:
    made: dict[str, list[str]] = {}
    for piece in text.split(entry) if text else []:
        key, found, value = piece.partition(pair)
        if not found:
            raise wrong(
                "Key-value delimiter must appear exactly once in each entry. Bad input: '" + piece + "'"
            )
        made.setdefault(key, []).append(value)
    return made


def strpos(text: str, part: str, occurrence: int = 1) -> int:
    """Of a negative occurrence, from the end."""
    if occurrence == 0:
        raise wrong("'instance' must not be a positive or negative number.")
    at = -1 if occurrence > 0 else len(text) + 1
    for _ in range(abs(occurrence)):
        at = text.find(part, at + 1) if occurrence > 0 else text.rfind(part, 0, max(0, at - 1 + len(part)))
        if at < 0:
            return 0
    return at + 1


def substr(text: str, start: int, length: int | None = None) -> str:
    if start == 0 or abs(start) > len(text):
        return ""
    first = start - 1 if start > 0 else len(text) + start
    return text[first:] if length is None else text[first : first + max(0, length)]


def pad(left: bool) -> Callable[[str, int, str], str]:
    def run(text: str, size: int, filling: str) -> str:
        if size < 0:
            raise wrong("Target length must be in the range [0..2147483647]")
        if not filling:
            raise wrong("Padding string must not be empty")
        if len(text) >= size:
            return text[:size]
        missing = (filling * size)[: size - len(text)]
        return missing + text if left else text + missing

    return run


def hamming(left: str, right: str) -> int:
    if len(left) != len(right):
        raise wrong("The input strings to hamming_distance function must have the same length")
    return sum(a != b for a, b in zip(left, right, strict=True))


def levenshtein(left: str, right: str) -> int:
    row = list(range(len(right) + 1))
    for at, a in enumerate(left, 1):
        previous, row[0] = row[0], at
        for to, b in enumerate(right, 1):
            previous, row[to] = row[to], min(row[to] + 1, row[to - 1] + 1, previous + (a != b))
    return row[-1]


def character(code: int) -> str:
    if not 0 <= code <= 0x10FFFF:
        raise wrong(f"Not a valid Unicode code point: {code}")
    return chr(code)


def codepoint(text: str) -> int:
    if len(text) != 1:
        raise wrong("Input string must be a single character string")
    return ord(text)


def translate(text: str, source: str, target: str) -> str:
    table = {ord(a): target[at] if at < len(target) else None for at, a in reversed(list(enumerate(source)))}
    return text.translate(table)


def replace(text: str, search: str, replacement: str = "") -> str:
    return text.replace(search, replacement)


def soundex(text: str) -> str:
    if not text:
        return ""
    codes = {
        letter: str(at)
        for at, group in enumerate(("bfpv", "cgjkqsxz", "dt", "l", "mn", "r"), 1)
        for letter in group
    }
    made, last = text[0].upper(), codes.get(text[0].lower(), "")
    for letter in text[1:].lower():
        code = codes.get(letter, "")
        if code and code != last:
            made += code
        last = code if letter not in "hw" else last
    return (made + "000")[:4]


def luhn_check(text: str) -> bool:
    if not text:
        return False
    if not text.isdigit():
        raise wrong("Input must contain only digits")
    digits = [int(one) for one in reversed(text)]
    return (sum(digits[::2]) + sum(sum(divmod(2 * one, 10)) for one in digits[1::2])) % 10 == 0


def trimmed(way: str) -> Callable[[str, str], str]:
    return lambda text, characters: getattr(text, way)(characters)


def claim() -> None:
    define("lower(varchar) -> varchar", "lower({0})", returns=lambda kinds: kinds[0])
    define("upper(varchar) -> varchar", "upper({0})", returns=lambda kinds: kinds[0])
    define("length(varchar) -> bigint", "length({0})")
    define("reverse(varchar) -> varchar", "reverse({0})", returns=lambda kinds: kinds[0])
    define("chr(bigint) -> varchar(1)", python(character, types.VARCHAR))
    define("codepoint(varchar) -> integer", python(codepoint, types.INTEGER))
    define("concat_ws(varchar, array(varchar)) -> varchar", "array_to_string({1}, {0})")
    define("concat_ws(varchar, varchar) -> varchar", "concat_ws({all})", variadic=True)
    define("hamming_distance(varchar, varchar) -> bigint", python(hamming, types.BIGINT))
    define("levenshtein_distance(varchar, varchar) -> bigint", python(levenshtein, types.BIGINT))
    define("soundex(varchar) -> varchar(4)", python(soundex, types.VARCHAR))
    define("luhn_check(varchar) -> boolean", python(luhn_check, types.BOOLEAN))
    define("lpad(varchar, bigint, varchar) -> varchar", python(pad(left=True), types.VARCHAR, "lpad"))
    define("rpad(varchar, bigint, varchar) -> varchar", python(pad(left=False), types.VARCHAR, "rpad"))
    for name, way in (("trim", "strip"), ("ltrim", "lstrip"), ("rtrim", "rstrip")):
        define(f"{name}(varchar) -> varchar", f"{name}({{0}}, {SPACES})", returns=lambda kinds: kinds[0])
        define(f"{name}(varchar, varchar) -> varchar", python(trimmed(way), types.VARCHAR, way))
    define(
        "normalize(varchar) -> varchar",
        python(lambda text: unicodedata.normalize("NFC", text), types.VARCHAR, "nfc"),
    )
    define("replace(varchar, varchar) -> varchar", python(replace, types.VARCHAR, "remove"))
    define("replace(varchar, varchar, varchar) -> varchar", python(replace, types.VARCHAR))
    define("split(varchar, varchar) -> array(varchar)", python(split, TEXTS))
    define("split(varchar, varchar, bigint) -> array(varchar)", python(split, TEXTS))
    define("split_part(varchar, varchar, bigint) -> varchar", python(split_part, types.VARCHAR))
    pairs = types.map_of(types.VARCHAR, types.VARCHAR)
    define("split_to_map(varchar, varchar, varchar) -> map(varchar,varchar)", python(split_to_map, pairs))
    many = types.map_of(types.VARCHAR, TEXTS)
    define(
        "split_to_multimap(varchar, varchar, varchar) -> map(varchar,array(varchar))",
        python(split_to_multimap, many),
    )
    define("strpos(varchar, varchar) -> bigint", "strpos({0}, {1})")
    define("strpos(varchar, varchar, bigint) -> bigint", python(strpos, types.BIGINT))
    define(
        "strrpos(varchar, varchar) -> bigint",
        python(lambda text, part: strpos(text, part, -1), types.BIGINT, "strrpos"),
    )
    define("starts_with(varchar, varchar) -> boolean", "starts_with({0}, {1})")
    for name in ("substr", "substring"):
        define(
            f"{name}(varchar, bigint) -> varchar",
            python(substr, types.VARCHAR),
            returns=lambda kinds: kinds[0],
        )
        define(
            f"{name}(varchar, bigint, bigint) -> varchar",
            python(substr, types.VARCHAR),
            returns=lambda kinds: kinds[0],
        )
    define("translate(varchar, varchar, varchar) -> varchar", python(translate, types.VARCHAR))
    define("uuid() -> uuid", "uuid()")
