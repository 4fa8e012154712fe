"""What a statement of the Data API takes and gives: named parameters into SQL, rows into fields."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from localcloud.plugin import AwsError

# What stands where no parameter is: texts, quoted names, bodies of functions, comments, and casts.
_TOKENS = re.compile(
    r"""'(?:[^']|'')*' | "(?:[^"]|"")*" | (\$\w*\$).*?\1 | --[^\n]* | /\*.*?\*/ | :: | :([A-Za-z_]\w*) | %""",
    re.DOTALL | re.VERBOSE,
)
_HINTS = {
    "DATE": "date",
    "DECIMAL": "numeric",
    "JSON": "json",
    "TIME": "time",
    "TIMESTAMP": "timestamp",
    "UUID": "uuid",
}
_BOOLEANS, _BYTES, _NUMERIC = {16}, {17}, 1700
_INTEGERS, _FLOATS = {20, 21, 23, 26}, {700, 701}
# Arrays by the kind of their elements.
_ARRAYS = {
    "booleanValues": (1000,),
    "longValues": (1005, 1007, 1016),
    "doubleValues": (1021, 1022),
    "stringValues": (1009, 1014, 1015, 1115, 1182, 1185, 1231, 2951, 199, 3807),
}
_ARRAY_OF = {number: name for name, numbers in _ARRAYS.items() for number in numbers}
# JDBC's numbers of types, as columnMetadata has them; any other one is 1111, OTHER.
_JDBC = dict.fromkeys(_ARRAY_OF, 2003)
_JDBC |= {16: -7, 17: -2, 18: 1, 20: -5, 21: 5, 23: 4, 25: 12, 26: -5, 700: 7, 701: 8, 1042: 1, 1043: 12}
_JDBC |= {1082: 91, 1083: 92, 1114: 93, 1184: 93, 1700: 2}


def prepare(sql: str, parameters: Iterable[Mapping[str, Any]]) -> tuple[str, dict[str, Any]]:
    """The statement with psycopg's placeholders, and their values. Raises `AwsError`."""
    given = {str(one["name"]): one for one in parameters}
    values = {name: _value(name, one.get("value", {})) for name, one in given.items()}

    def placed(match: re.Match[str]) -> str:
        name = match[2]
        if name is None or name not in given:
            return match[0].replace("%", "%%")
        hint = given[name].get("typeHint")
        if hint is not None and hint not in _HINTS:
            raise AwsError("ValidationException", f"typeHint {hint} is not one of {', '.join(_HINTS)}")
        return f"%({name})s" + (f"::{_HINTS[hint]}" if hint else "")

    return _TOKENS.sub(placed, sql), values


def _value(name: str, field: Mapping[str, Any]) -> Any:
    from psycopg.types.numeric import Int8

    if field.get("isNull"):
        return None
    for kind, value in field.items():
        if kind == "longValue":
            return Int8(value)
        if kind in ("booleanValue", "doubleValue", "stringValue"):
            return value
        if kind == "blobValue":
            return base64.b64decode(value)
        if kind == "arrayValue":
            raise AwsError("BadRequestException", "Array parameters are not supported.")
    raise AwsError("ValidationException", f"Parameter {name} has no value")


def records(result: Any, options: Mapping[str, str]) -> list[list[dict[str, Any]]]:
    """The rows of a result of libpq, whose values are texts. Raises `AwsError`."""
    kinds = [result.ftype(column) for column in range(result.nfields)]
    return [
        [_field(result.get_value(row, column), kind, options) for column, kind in enumerate(kinds)]
        for row in range(result.ntuples)
    ]


def _field(value: bytes | None, kind: int, options: Mapping[str, str]) -> dict[str, Any]:
    if value is None:
        return {"isNull": True}
    text = value.decode()
    if kind in _BOOLEANS:
        return {"booleanValue": text == "t"}
    if kind in _INTEGERS:
        is_text = options.get("longReturnType") == "STRING"
        return {"stringValue": text} if is_text else {"longValue": int(text)}
    if kind == _NUMERIC and options.get("decimalReturnType") == "DOUBLE_OR_LONG":
        return {"doubleValue": float(text)} if "." in text else {"longValue": int(text)}
    if kind in _FLOATS:
        return {"doubleValue": float(text)}
    if kind in _BYTES:
        return {"blobValue": base64.b64encode(bytes.fromhex(text.removeprefix("\\x"))).decode()}
    if kind in _ARRAY_OF:
        return {"arrayValue": {_ARRAY_OF[kind]: _elements(text, _ARRAY_OF[kind])}}
    return {"stringValue": text}


def _elements(text: str, kind: str) -> list[Any]:
    """The elements of a one-dimensional array as PostgreSQL writes it: `{a,"b c",NULL}`."""
    if text.startswith(("{{", "[")):
        raise AwsError("UnsupportedResultException", "The result contains a multidimensional array")
    found = re.findall(r'"((?:[^"\\]|\\.)*)"|([^,{}]+)', text)
    plain = [bare or re.sub(r"\\(.)", r"\1", quoted) for quoted, bare in found]
    if kind == "booleanValues":
        return [one == "t" for one in plain]
    change: Any = {"longValues": int, "doubleValues": float}.get(kind, str)
    return [change(one) for one in plain]


def metadata(result: Any, names: Mapping[int, str]) -> list[dict[str, Any]]:
    """The columnMetadata of a result; `names` are the types' by their number."""
    return [_column(result, column, names) for column in range(result.nfields)]


def _column(result: Any, column: int, names: Mapping[int, str]) -> dict[str, Any]:
    kind, name = result.ftype(column), result.fname(column).decode()
    modifier = result.fmod(column) - 4
    is_numeric = kind == _NUMERIC and modifier >= 0
    is_number = kind in {*_INTEGERS, *_FLOATS, _NUMERIC}
    return {
        "arrayBaseColumnType": 0,
        "isAutoIncrement": False,
        "isCaseSensitive": not is_number,
        "isCurrency": False,
        "isSigned": is_number,
        "label": name,
        "name": name,
        "nullable": 2,
        "precision": modifier >> 16 if is_numeric else max(modifier, 0),
        "scale": modifier & 0xFFFF if is_numeric else 0,
        "schemaName": "",
        "tableName": "",
        "type": _JDBC.get(kind, 1111),
        "typeName": names.get(kind, str(kind)),
    }


def formatted(rows: list[list[dict[str, Any]]], labels: list[str]) -> str:
    """The rows as `formatRecordsAs=JSON` gives them: objects by the labels of the columns."""

    def plain(field: Mapping[str, Any]) -> Any:
        if "isNull" in field:
            return None
        (value,) = field.values()
        return next(iter(value.values())) if isinstance(value, dict) else value

    return json.dumps(
        [dict(zip(labels, map(plain, row), strict=True)) for row in rows], separators=(",", ":")
    )
