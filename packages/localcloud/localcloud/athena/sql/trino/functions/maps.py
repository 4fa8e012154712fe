"""Functions of maps."""

from __future__ import annotations

from typing import Any

from localcloud.athena.sql.trino import types
from localcloud.athena.sql.trino.context import Context, Typed
from localcloud.athena.sql.trino.functions.arrays import replaced
from localcloud.athena.sql.trino.functions.signatures import define
from localcloud.athena.sql.trino.functions.strings import wrong
from localcloud.athena.sql.trino.types import Type


def build(keys: list[Any], values: list[Any]) -> dict[Any, Any]:
    if len(keys) != len(values):
        raise wrong("Key and value arrays must be the same length")
    return _unique(zip(keys, values, strict=True))


def _unique(pairs: Any) -> dict[Any, Any]:
    made: dict[Any, Any] = {}
    for key, value in pairs:
        if key is None:
            raise wrong("map key cannot be null")
        if key in made:
            raise wrong(f"Duplicate map keys ({key}) are not allowed")
        made[key] = value
    return made


def from_entries(entries: list[dict[str, Any] | None]) -> dict[Any, Any]:
    return _unique(_pair(entry) for entry in entries)


def _pair(entry: dict[str, Any] | None) -> list[Any]:
    if entry is None:
        raise wrong("map entry cannot be null")
    return list(entry.values())


def multimap_from_entries(entries: list[dict[str, Any] | None]) -> dict[Any, list[Any]]:
    made: dict[Any, list[Any]] = {}
    for key, value in map(_pair, entries):
        made.setdefault(key, []).append(value)
    return made


def merged(*maps: dict[Any, Any]) -> dict[Any, Any]:
    return {key: value for one in maps for key, value in one.items()}


def _map_type(kinds: list[Type]) -> Type:
    return types.map_of(kinds[0].element, kinds[1].element)


def _entries_type(kinds: list[Type]) -> Type:
    return types.map_of(kinds[0].element.parts[0], kinds[0].element.parts[1])


def _multimap_type(kinds: list[Type]) -> Type:
    return types.map_of(kinds[0].element.parts[0], types.array(kinds[0].element.parts[1]))


def _typed(function: Any, returns: Any) -> Any:
    return lambda arguments, context: context.python(
        function, arguments, returns([one.kind for one in arguments])
    )


def _entries(arguments: list[Typed], _context: Context) -> str:
    inner = 'struct_pack("field0" := __e.key, "field1" := __e.value)'
    return f"list_transform(map_entries({arguments[0].sql}), lambda __e: {inner})"


def _over(arguments: list[Typed], context: Context, key: str, value: str, *, keep: bool = False) -> str:
    """A map made of the entries of another; `{}` in key and value is the body of the lambda."""
    source, function = arguments
    head, _, body = function.sql.removeprefix("lambda ").partition(": ")
    first, second = head.split(", ")
    name = context.new_name("e")
    inner = replaced(body, {first: f"{name}.key", second: f"{name}.value"})
    entries = f"map_entries({source.sql})"
    if keep:
        return f"map_from_entries(list_filter({entries}, lambda {name}: {inner}))"
    made = f"struct_pack(key := {key.format(inner, e=name)}, value := {value.format(inner, e=name)})"
    return f"map_from_entries(list_transform({entries}, lambda {name}: {made}))"


def _filter(arguments: list[Typed], context: Context) -> str:
    return _over(arguments, context, "", "", keep=True)


def _transform_keys(arguments: list[Typed], context: Context) -> str:
    return _over(arguments, context, "{}", "{e}.value")


def _transform_values(arguments: list[Typed], context: Context) -> str:
    return _over(arguments, context, "{e}.key", "{}")


def _zip_with(arguments: list[Typed], context: Context) -> str:
    left, right, function = arguments
    head, _, body = function.sql.removeprefix("lambda ").partition(": ")
    key, first, second = head.split(", ")
    name = context.new_name("k")
    values = {
        key: name,
        first: f"map_extract_value({left.sql}, {name})",
        second: f"map_extract_value({right.sql}, {name})",
    }
    inner = replaced(body, values)
    keys = f"list_distinct(list_concat(map_keys({left.sql}), map_keys({right.sql})))"
    return (
        f"map_from_entries(list_transform({keys}, lambda {name}: struct_pack(key := {name}, value :="
        f" {inner})))"
    )


def _concat(arguments: list[Typed], context: Context) -> str:
    return context.python(merged, arguments, arguments[0].kind)


def claim() -> None:
    define("cardinality(map(K,V)) -> bigint", "cardinality({0})")
    define("element_at(map(K,V), K) -> V", "map_extract_value({0}, {1})")
    define("map() -> map(unknown,unknown)", "CAST(map() AS MAP(INTEGER, INTEGER))")
    define("map(array(K), array(V)) -> map(K,V)", _typed(build, _map_type))
    define("map_keys(map(K,V)) -> array(K)", "map_keys({0})")
    define("map_values(map(K,V)) -> array(V)", "map_values({0})")
    define("map_entries(map(K,V)) -> array(row(K,V))", _entries)
    define("map_from_entries(array(row(K,V))) -> map(K,V)", _typed(from_entries, _entries_type))
    define(
        "multimap_from_entries(array(row(K,V))) -> map(K,array(V))",
        _typed(multimap_from_entries, _multimap_type),
    )
    define("map_concat(map(K,V)) -> map(K,V)", _concat, variadic=True)
    define("map_filter(map(K,V), function(K,V,boolean)) -> map(K,V)", _filter)
    define("transform_keys(map(K,V), function(K,V,R)) -> map(R,V)", _transform_keys)
    define("transform_values(map(K,V), function(K,V,R)) -> map(K,R)", _transform_values)
    define("map_zip_with(map(K,V), map(K,U), function(K,V,U,R)) -> map(K,R)", _zip_with)
