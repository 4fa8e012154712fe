"""Functions of JSON."""

from __future__ import annotations

import json
from typing import Any

from localcloud.athena.sql.trino import types
from localcloud.athena.sql.trino.functions import json_values
from localcloud.athena.sql.trino.functions.signatures import define
from localcloud.athena.sql.trino.functions.strings import python


def _array(text: str) -> list[Any] | None:
    try:
        value = json_values.load(text)
    except ValueError:
        return None
    return value if isinstance(value, list) else None


def array_length(text: str) -> int | None:
    value = _array(text)
    return None if value is None else len(value)


def array_get(text: str, index: int) -> str | None:
    value = _array(text)
    if value is None or not -len(value) <= index < len(value):
        return None
    return json_values.dump(value[index])


def array_contains(text: str, wanted: Any) -> bool | None:
    value = _array(text)
    if value is None:
        return None
    return any(type(one) is type(wanted) or not isinstance(one, bool | str) for one in value if one == wanted)


def is_scalar(text: str) -> bool:
    return not isinstance(json_values.load(text), dict | list)


def exists(text: str, path: str) -> bool:
    return json_values.follow(text, path)[0]


def query(text: str, path: str) -> str | None:
    found, value = json_values.follow(text, path)
    return json_values.dump(value) if found and isinstance(value, dict | list) else None


def pretty(text: str) -> str:
    return json_values.dump(json.loads(text))


def claim() -> None:
    define("json_parse(varchar) -> json", python(json_values.parse, types.JSON))
    define("json_format(json) -> varchar", "{0}")
    for kind in ("json", "varchar"):
        define(f"json_extract({kind}, varchar) -> json", python(json_values.extract, types.JSON))
        define(
            f"json_extract_scalar({kind}, varchar) -> varchar",
            python(json_values.extract_scalar, types.VARCHAR),
        )
        define(f"json_size({kind}, varchar) -> bigint", python(json_values.size, types.BIGINT))
        define(f"json_array_length({kind}) -> bigint", python(array_length, types.BIGINT))
        define(f"json_array_get({kind}, bigint) -> json", python(array_get, types.JSON))
        define(f"is_json_scalar({kind}) -> boolean", python(is_scalar, types.BOOLEAN))
        for wanted in ("boolean", "bigint", "double", "varchar"):
            define(f"json_array_contains({kind}, {wanted}) -> boolean", python(array_contains, types.BOOLEAN))
    define("json_exists(varchar, varchar) -> boolean", python(exists, types.BOOLEAN))
    define("json_value(varchar, varchar) -> varchar", python(json_values.extract_scalar, types.VARCHAR))
    define("json_query(varchar, varchar) -> varchar", python(query, types.VARCHAR))
