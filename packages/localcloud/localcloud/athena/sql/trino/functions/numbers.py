"""Functions of numbers."""

from __future__ import annotations

import decimal
import math
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from localcloud.athena.sql.trino import types
from localcloud.athena.sql.trino.context import Context, Typed
from localcloud.athena.sql.trino.functions.signatures import define
from localcloud.athena.sql.trino.types import Type, to_duckdb

EXACT = decimal.Context(prec=90)
ZERO = "DIVISION_BY_ZERO: Division by zero"
INTEGER_NAMES = ("tinyint", "smallint", "integer", "bigint")
OF_DOUBLES = [
    "acos",
    "asin",
    "atan",
    "cbrt",
    "cos",
    "cosh",
    "exp",
    "ln",
    "sin",
    "sinh",
    "sqrt",
    "tan",
    "tanh",
    "degrees",
    "radians",
    "log10",
    "log2",
]
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def decimal_divide(scale: int) -> Callable[[Decimal, Decimal], Decimal]:
    """Exact division, rounded half up to a scale."""

    def divide(left: Decimal, right: Decimal) -> Decimal:
        if right == 0:
            raise ValueError(ZERO)
        return EXACT.divide(left, right).quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP, EXACT)

    return divide


def decimal_remainder(left: Decimal, right: Decimal) -> Decimal:
    if right == 0:
        raise ValueError(ZERO)
    return EXACT.remainder(left, right)


def from_base(text: str, radix: int) -> int:
    try:
        return int(text, _radix(radix))
    except ValueError as error:
        if "INVALID" in str(error):
            raise
        raise ValueError(f"INVALID_FUNCTION_ARGUMENT: Not a valid base-{radix} number: {text}") from None


def to_base(value: int, radix: int) -> str:
    rest, written = abs(value), ""
    while rest or not written:
        rest, digit = divmod(rest, _radix(radix))
        written = DIGITS[digit] + written
    return f"-{written}" if value < 0 else written


def _radix(radix: int) -> int:
    if not 2 <= radix <= 36:
        raise ValueError("INVALID_FUNCTION_ARGUMENT: Radix must be between 2 and 36")
    return radix


def width_bucket(value: float, low: float, high: float, count: int) -> int:
    if count <= 0 or low == high:
        raise ValueError("INVALID_FUNCTION_ARGUMENT: bucketCount must be greater than 0")
    if low > high:
        return _descending(value, low, high, count)
    if value < low:
        return 0
    return count + 1 if value >= high else int((value - low) / (high - low) * count) + 1


def _descending(value: float, low: float, high: float, count: int) -> int:
    if value > low:
        return 0
    return count + 1 if value <= high else int((low - value) / (low - high) * count) + 1


def bit_count(value: int, bits: int) -> int:
    if not 2 <= bits <= 64:
        raise ValueError(
            "INVALID_FUNCTION_ARGUMENT: Bits specified in bit_count must be between 2 and 64, got "
            + str(bits)
        )
    if not -(2 ** (bits - 1)) <= value < 2 ** (bits - 1):
        raise ValueError(
            f"INVALID_FUNCTION_ARGUMENT: Number must be representable with the bits specified. {value} can"
            f" not be represented with {bits} bits"
        )
    return int(value & (2**bits - 1)).bit_count()


def shift(direction: str) -> Callable[[int, int], int]:
    """The bitwise shifts of a bigint, which is 64 bits wide and never overflows."""

    def run(value: int, count: int) -> int:
        unsigned = value & (2**64 - 1)
        if direction == "left":
            unsigned = (unsigned << count) & (2**64 - 1) if count < 64 else 0
        elif direction == "right":
            unsigned = unsigned >> count if count < 64 else 0
        else:
            return value >> min(count, 63)
        return unsigned - 2**64 if unsigned >= 2**63 else unsigned

    return run


def _python(
    function: Callable[..., Any], returns: Type, key: Any = None
) -> Callable[[list[Typed], Context], str]:
    return lambda arguments, context: context.python(function, arguments, returns, key=key)


def _rounded(arguments: list[Typed], _context: Context) -> str:
    return f"round({', '.join(one.sql for one in arguments)})"


def _decimal_round(kinds: list[Type]) -> Type:
    precision, scale = kinds[0].sizes
    return types.decimal(precision if scale == 0 else min(38, precision - scale + 1), 0)


def _decimal_round_to(kinds: list[Type]) -> Type:
    precision, scale = kinds[0].sizes
    return types.decimal(precision + 1, scale)


def _whole(function: str) -> Callable[[list[Typed], Context], str]:
    def emit(arguments: list[Typed], _context: Context) -> str:
        kind = _decimal_round([arguments[0].kind])
        return f"CAST({function}({arguments[0].sql}) AS {types.to_duckdb(kind)})"

    return emit


def _round_to(arguments: list[Typed], _context: Context) -> str:
    """round(decimal, d): DuckDB wants a constant number of digits and forgets the scale."""
    value, digits = arguments
    kind = _decimal_round_to([value.kind])
    scale = value.kind.sizes[1]
    factor = f"CAST(pow(10, greatest(0, -({digits.sql}))) AS BIGINT)"
    steps = " ".join(f"WHEN {digits.sql} = {at} THEN round({value.sql}, {at})" for at in range(scale))
    below = f"WHEN {digits.sql} < 0 THEN round({value.sql} / {factor}) * {factor}"
    return f"CAST(CASE {below} {steps} ELSE {value.sql} END AS {types.to_duckdb(kind)})"


def _truncate_decimal(arguments: list[Typed], _context: Context) -> str:
    kind = types.decimal(max(1, arguments[0].kind.sizes[0] - arguments[0].kind.sizes[1]), 0)
    return f"CAST(trunc({arguments[0].sql}) AS {types.to_duckdb(kind)})"


def claim() -> None:
    _claim_signs()
    _claim_roundings()
    _claim_doubles()
    _claim_bits()


def _claim_signs() -> None:
    for name in ("abs", "sign"):
        for kind in (*INTEGER_NAMES, "real", "double"):
            define(
                f"{name}({kind}) -> {kind}", f"CAST({name}({{0}}) AS {types.to_duckdb(types.PLAIN[kind])})"
            )
    define("abs(decimal) -> decimal", "abs({0})", returns=lambda kinds: kinds[0])
    define("sign(decimal) -> decimal(1,0)", "CAST(sign({0}) AS DECIMAL(1,0))")


def _claim_roundings() -> None:
    for name in ("ceil", "ceiling", "floor", "round"):
        core = "ceil" if name.startswith("c") else name
        for kind in INTEGER_NAMES:
            define(f"{name}({kind}) -> {kind}", "{0}")
        for kind in ("real", "double"):
            define(f"{name}({kind}) -> {kind}", f"{core}({{0}})")
        define(f"{name}(decimal) -> decimal", _whole(core), returns=_decimal_round)
    for kind in INTEGER_NAMES:
        define(
            f"round({kind}, integer) -> {kind}",
            f"CAST(round({{0}}, {{1}}) AS {types.to_duckdb(types.PLAIN[kind])})",
        )
    for kind in ("real", "double"):
        define(f"round({kind}, integer) -> {kind}", _rounded)
    define("round(decimal, integer) -> decimal", _round_to, returns=_decimal_round_to)
    for kind in ("real", "double"):
        define(f"truncate({kind}) -> {kind}", "trunc({0})")
    define("truncate(decimal) -> decimal", _truncate_decimal,
           returns=lambda kinds: types.decimal(max(1, kinds[0].sizes[0] - kinds[0].sizes[1]), 0))  # fmt: skip


def _claim_doubles() -> None:
    for name in OF_DOUBLES:
        define(
            f"{name}(double) -> double",
            f"trino_{name}({{0}})" if name in ("sqrt", "ln", "log10", "log2") else f"{name}({{0}})",
        )
    define("log(double, double) -> double", "(trino_ln({1}) / trino_ln({0}))")
    define("atan2(double, double) -> double", "atan2({0}, {1})")
    for name in ("pow", "power"):
        define(f"{name}(double, double) -> double", "pow({0}, {1})")
    for kind in INTEGER_NAMES:
        define(f"mod({kind}, {kind}) -> {kind}", "({0} % trino_divisor({1}))")
    for kind in ("real", "double"):
        define(
            f"mod({kind}, {kind}) -> {kind}",
            f"CAST(trino_remainder({{0}}, {{1}}) AS {to_duckdb(types.PLAIN[kind])})",
        )
    define("pi() -> double", "pi()")
    define("e() -> double", "exp(CAST(1 AS DOUBLE))")
    define("infinity() -> double", "CAST('Infinity' AS DOUBLE)")
    define("nan() -> double", "CAST('NaN' AS DOUBLE)")
    for name, core in (("is_nan", "isnan"), ("is_finite", "isfinite"), ("is_infinite", "isinf")):
        define(f"{name}(double) -> boolean", f"{core}({{0}})")
        define(f"{name}(real) -> boolean", f"{core}({{0}})")
    for name in ("random", "rand"):
        define(f"{name}() -> double", "random()")
        for kind in ("integer", "bigint"):
            define(
                f"{name}({kind}) -> {kind}",
                f"CAST(trino_random(0, {{0}}, 'bound must be positive') AS {kind})",
            )
        define(
            f"{name}(bigint, bigint) -> bigint",
            "CAST(trino_random({0}, {1}, 'upper bound must be greater than lower bound') AS BIGINT)",
        )


def _claim_bits() -> None:
    define("from_base(varchar, bigint) -> bigint", _python(from_base, types.BIGINT))
    define("to_base(bigint, bigint) -> varchar", _python(to_base, types.VARCHAR))
    define("width_bucket(double, double, double, bigint) -> bigint", _python(width_bucket, types.BIGINT))
    define("bit_count(bigint, bigint) -> bigint", _python(bit_count, types.BIGINT))
    for name, sign in (("and", "&"), ("or", "|")):
        define(f"bitwise_{name}(bigint, bigint) -> bigint", f"({{0}} {sign} {{1}})")
    define("bitwise_xor(bigint, bigint) -> bigint", "xor({0}, {1})")
    define("bitwise_not(bigint) -> bigint", "(~ {0})")
    for name, way in (
        ("left_shift", "left"),
        ("right_shift", "right"),
        ("right_shift_arithmetic", "arithmetic"),
    ):
        define(f"bitwise_{name}(bigint, bigint) -> bigint", _python(shift(way), types.BIGINT, key=way))
    for name in ("greatest", "least"):
        define(f"{name}(T) -> T", f"trino_no_null([{{all}}], {name}({{all}}))", variadic=True)
    define("normal_cdf(double, double, double) -> double", _python(_normal_cdf, types.DOUBLE))


def _normal_cdf(mean: float, deviation: float, value: float) -> float:
    if deviation <= 0:
        raise ValueError("INVALID_FUNCTION_ARGUMENT: standardDeviation must be > 0")
    return 0.5 * (1 + math.erf((value - mean) / (deviation * math.sqrt(2))))
