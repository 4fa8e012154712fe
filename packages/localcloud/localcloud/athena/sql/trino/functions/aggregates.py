"""Aggregates. `{d}` is DISTINCT, `{o}` the ORDER BY of the arguments, `{tail}` FILTER and OVER."""

from __future__ import annotations

from typing import Any

from localcloud.athena.sql.trino import types
from localcloud.athena.sql.trino.context import Context, Typed
from localcloud.athena.sql.trino.functions import signatures
from localcloud.athena.sql.trino.functions.arrays import histogram
from localcloud.athena.sql.trino.functions.numbers import decimal_divide
from localcloud.athena.sql.trino.functions.signatures import AGGREGATE, Emit, Returns
from localcloud.athena.sql.trino.types import Type, to_duckdb

INTEGERS = ("tinyint", "smallint", "integer", "bigint")
OF_ONE = {
    "stddev": "stddev_samp", "stddev_samp": "stddev_samp", "stddev_pop": "stddev_pop", "variance": "var_samp",
    "var_samp": "var_samp", "var_pop": "var_pop", "geometric_mean": "geomean", "kurtosis": "kurtosis",
}  # fmt: skip
OF_TWO = ("corr", "covar_pop", "covar_samp", "regr_slope", "regr_intercept")


def define(text: str, emit: Emit, returns: Returns | None = None) -> None:
    signatures.define(text, emit, kind=AGGREGATE, returns=returns)


def _same(kinds: list[Type]) -> Type:
    return kinds[0]


def _sum_decimal(kinds: list[Type]) -> Type:
    return types.decimal(38, kinds[0].sizes[1])


def pairs_to_map(keys: list[Any], values: list[Any]) -> dict[Any, Any]:
    """The first value of each key."""
    made: dict[Any, Any] = {}
    for key, value in zip(keys, values, strict=True):
        made.setdefault(key, value)
    return made


def pairs_to_lists(keys: list[Any], values: list[Any]) -> dict[Any, list[Any]]:
    made: dict[Any, list[Any]] = {}
    for key, value in zip(keys, values, strict=True):
        made.setdefault(key, []).append(value)
    return made


def union_of(maps: list[dict[Any, Any]]) -> dict[Any, Any]:
    made: dict[Any, Any] = {}
    for one in maps:
        for key, value in (one or {}).items():
            made.setdefault(key, value)
    return made


def claim() -> None:
    define("count() -> bigint", "count(*){tail}")
    define("count_rows() -> bigint", "count(*){tail}")
    define("count(T) -> bigint", "count({d}{0}){tail}")
    define("count_if(boolean) -> bigint", "count({d}CASE WHEN {0} THEN true END){tail}")
    for kind in INTEGERS:
        define(f"sum({kind}) -> bigint", "CAST(sum({d}{0}){tail} AS BIGINT)")
        define(f"avg({kind}) -> double", "avg({d}{0}){tail}")
    define("sum(decimal) -> decimal", "sum({d}{0}){tail}", returns=_sum_decimal)
    define("sum(real) -> real", "CAST(sum({d}{0}){tail} AS FLOAT)")
    define("sum(double) -> double", "sum({d}{0}){tail}")
    define("avg(decimal) -> decimal", _average, returns=_same)
    define("avg(real) -> real", "CAST(avg({d}{0}){tail} AS FLOAT)")
    define("avg(double) -> double", "avg({d}{0}){tail}")
    interval = "interval day to second"
    define(f"sum({interval}) -> {interval}", "to_milliseconds(CAST(sum({d}epoch_ms({0})){tail} AS BIGINT))")
    for name in ("min", "max"):
        define(f"{name}(T) -> T", f"{name}({{0}}){{tail}}")
        define(f"{name}(T, bigint) -> array(T)", f"{name}({{0}}, {{1}}){{tail}}")
        core = f"arg_{name}"
        define(f"{name}_by(T, U) -> T", f"{core}_null({{0}}, {{1}}){{tail}}")
        define(f"{name}_by(T, U, bigint) -> array(T)", f"{core}({{0}}, {{1}}, {{2}}){{tail}}")
    for name in ("arbitrary", "any_value"):
        define(f"{name}(T) -> T", "any_value({0}){tail}")
    define("array_agg(T) -> array(T)", "list({d}{0}{o}){tail}")
    for name in ("bool_and", "every"):
        define(f"{name}(boolean) -> boolean", "bool_and({0}){tail}")
    define("bool_or(boolean) -> boolean", "bool_or({0}){tail}")
    for name in ("and", "or", "xor"):
        define(f"bitwise_{name}_agg(bigint) -> bigint", f"bit_{name}({{0}}){{tail}}")
    for name, core in OF_ONE.items():
        define(f"{name}(double) -> double", f"{core}({{d}}{{0}}){{tail}}")
    define("skewness(double) -> double", "trino_skewness(skewness({0}){tail}, count({0}){tail})")
    for name in OF_TWO:
        define(f"{name}(double, double) -> double", f"{name}({{0}}, {{1}}){{tail}}")
    define("approx_distinct(T) -> bigint", "count(DISTINCT {0}){tail}")
    define("approx_distinct(T, double) -> bigint", "count(DISTINCT {0}){tail}")
    for kind in ("bigint", "real", "double"):
        duck = to_duckdb(types.PLAIN[kind])
        define(
            f"approx_percentile({kind}, double) -> {kind}",
            f"CAST(quantile_disc({{0}}, {{1}}){{tail}} AS {duck})",
        )
        define(f"approx_percentile({kind}, array(double)) -> array({kind})",
               f"CAST(quantile_disc({{0}}, {{1}}){{tail}} AS {duck}[])")  # fmt: skip
    define("histogram(T) -> map(T,bigint)", _histogram)
    define("map_agg(K, V) -> map(K,V)", _map)
    define("multimap_agg(K, V) -> map(K,array(V))", _multimap)
    define("map_union(map(K,V)) -> map(K,V)", _union)


def _collected(value: Typed, words: dict[str, str]) -> Typed:
    distinct, order = words.get("d", ""), words.get("o", "")
    return Typed(f"list({distinct}{value.sql}{order}){words['tail']}", types.array(value.kind))


def _average(arguments: list[Typed], context: Context, words: dict[str, str]) -> str:
    """Exact, and rounded half up to the scale of the values."""
    value, kind = f"{words['d']}{arguments[0].sql}", arguments[0].kind
    whole = Typed(f"sum({value}){words['tail']}", types.decimal(38, kind.sizes[1]))
    count = Typed(f"count({value}){words['tail']}", types.decimal(38, 0))
    return context.python(decimal_divide(kind.sizes[1]), [whole, count], kind, key=("avg", kind))


def _histogram(arguments: list[Typed], context: Context, words: dict[str, str]) -> str:
    kind = types.map_of(arguments[0].kind, types.BIGINT)
    return context.python(histogram, [_collected(arguments[0], words)], kind)


def _pairs(arguments: list[Typed], words: dict[str, str]) -> list[Typed]:
    """Keys and values of the rows whose key is not NULL."""
    known = f"{arguments[0].sql} IS NOT NULL"
    tail = words["tail"]
    over = tail[tail.index(" OVER ") :] if " OVER " in tail else ""
    given = tail.removesuffix(over).removeprefix(" FILTER (WHERE ").removesuffix(")")
    condition = f"{given} AND {known}" if given else known
    filtered = {"tail": f" FILTER (WHERE {condition}){over}", "o": words["o"]}
    return [_collected(one, filtered) for one in arguments]


def _map(arguments: list[Typed], context: Context, words: dict[str, str]) -> str:
    kind = types.map_of(arguments[0].kind, arguments[1].kind)
    return context.python(pairs_to_map, _pairs(arguments, words), kind)


def _multimap(arguments: list[Typed], context: Context, words: dict[str, str]) -> str:
    kind = types.map_of(arguments[0].kind, types.array(arguments[1].kind))
    return context.python(pairs_to_lists, _pairs(arguments, words), kind)


def _union(arguments: list[Typed], context: Context, words: dict[str, str]) -> str:
    value = arguments[0]
    known = {**words, "tail": words["tail"] or f" FILTER (WHERE {value.sql} IS NOT NULL)"}
    return context.python(union_of, [_collected(value, known)], value.kind)
