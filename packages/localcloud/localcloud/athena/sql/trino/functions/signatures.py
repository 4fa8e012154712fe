"""Signatures of functions, which of several a call means, and the SQL of the call.

`define("strpos(varchar, varchar) -> bigint", "strpos({0}, {1})")`: a type in one capital letter is any type,
the same wherever the letter is; `decimal`, `varchar` and `timestamp` are of any size.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from localcloud.athena.sql.trino import types
from localcloud.athena.sql.trino.coercions import as_decimal, coercible, common_type, distance
from localcloud.athena.sql.trino.context import Context, Typed
from localcloud.athena.sql.trino.types import Type
from localcloud.glue.catalog.types import split_top_level

Emit = str | Callable[..., str]
"""A template, or a function of arguments and context, of an aggregate also of what stands behind the call."""
Returns = Callable[[list[Type]], Type]
SCALAR, AGGREGATE, WINDOW = "scalar", "aggregate", "window"
SIZELESS = ("decimal", "varchar", "char", "timestamp", types.ZONED, "time")


@dataclass(frozen=True)
class Signature:
    """One form of a function."""

    name: str
    text: str
    arguments: tuple[Type, ...]
    returns: Type | Returns
    emit: Emit
    kind: str = SCALAR
    variadic: bool = False


@dataclass(frozen=True)
class Match:
    """A signature that a call fits: the types that its arguments become, and its variables."""

    signature: Signature
    arguments: list[Type]
    bindings: dict[str, Type]
    cost: int

    @property
    def returns(self) -> Type:
        if callable(self.signature.returns):
            return self.signature.returns(self.arguments)
        return substitute(self.signature.returns, self.bindings)


CATALOG: dict[str, list[Signature]] = {}


def define(
    text: str, emit: Emit, *, kind: str = SCALAR, variadic: bool = False, returns: Returns | None = None
) -> None:
    """Claim a form of a function. The last argument of a variadic one may be repeated."""
    found = re.fullmatch(r"(\w+)\((.*)\) -> (.*)", text)
    if found is None:
        raise ValueError(text)
    arguments = tuple(pattern(part) for part in split_top_level(found[2]) if part.strip())
    made = Signature(found[1], text, arguments, returns or pattern(found[3]), emit, kind, variadic)
    CATALOG.setdefault(found[1], []).append(made)


def pattern(text: str) -> Type:
    """A type of a signature: variables and sizeless types beside Trino's."""
    text = text.strip()
    if re.fullmatch(r"[A-Z]", text):
        return Type("variable", fields=(text,))
    if found := re.fullmatch(r"(array|map|function|row)\((.*)\)", text):
        return Type(found[1], parts=tuple(pattern(part) for part in split_top_level(found[2])),
                    fields=("",) * len(split_top_level(found[2])) if found[1] == "row" else ())  # fmt: skip
    if text in SIZELESS:
        return Type(text)
    known = types.parse_type(text)
    if known is None:
        raise ValueError(text)
    return known


def substitute(kind: Type, bindings: dict[str, Type]) -> Type:
    """A type of a signature with what its variables stand for."""
    if kind.name == "variable":
        return bindings.get(kind.fields[0], types.UNKNOWN)
    if kind.parts:
        return Type(
            kind.name, kind.sizes, tuple(substitute(part, bindings) for part in kind.parts), kind.fields
        )
    if kind.name in ("timestamp", types.ZONED, "time") and not kind.sizes:
        return Type(kind.name, (3,))
    return kind


def fits(signature: Signature, given: list[Type | None]) -> Match | None:
    """The match of a call; None where an argument does not fit. A lambda is given as None."""
    wanted = list(signature.arguments)
    if signature.variadic and wanted:
        wanted += [wanted[-1]] * (len(given) - len(wanted))
    if len(wanted) != len(given):
        return None
    bindings: dict[str, Type] = {}
    cost = 0
    for _ in range(2):  # a second time, now that the variables have the common type of all arguments
        cost = 0
        for want, have in zip(wanted, given, strict=True):
            step = _fit(want, have, bindings)
            if step is None:
                return None
            cost += step
    arguments = [_argument(want, have, bindings) for want, have in zip(wanted, given, strict=True)]
    return Match(signature, arguments, bindings, cost)


def _argument(want: Type, have: Type | None, bindings: dict[str, Type]) -> Type:
    if have is None or want.name == "function":
        return want
    if want.name in SIZELESS and not want.sizes:
        return _sized(want, have)
    return substitute(want, bindings)


def _sized(want: Type, have: Type) -> Type:
    """A sizeless type of a signature in the size of what is given."""
    if have.name == want.name:
        return have
    if want.name == "decimal":
        return as_decimal(have) if have.is_integer else types.decimal(1, 0)
    if want.name in ("timestamp", types.ZONED, "time"):
        return Type(want.name, have.sizes or (3,))
    return Type(want.name) if want.name != "char" else have


def _fit(want: Type, have: Type | None, bindings: dict[str, Type]) -> int | None:
    if want.name == "function" or have is None:
        return 0 if want.name == "function" and have is None else None
    if want.name == "variable":
        known = bindings.get(want.fields[0])
        merged = common_type(known, have) if known else have
        if merged is None:
            return None
        bindings[want.fields[0]] = merged
        return 3 if known and known != have else 2
    if want.parts:
        return _fit_parts(want, have, bindings)
    if want.name in SIZELESS and not want.sizes:
        return _fit_sizeless(want, have)
    return distance(have, want) if coercible(have, want) else None


def _fit_sizeless(want: Type, have: Type) -> int | None:
    if have.name == want.name:
        return 0
    if have == types.UNKNOWN:
        return 5
    if want.name == "decimal":
        return 9 if have.is_integer else None
    if want.name == "varchar":
        return 4 if have.name == "char" else None
    if want.name in ("timestamp", types.ZONED):
        order = ("date", "timestamp", types.ZONED)
        later = have.name in order and order.index(have.name) < order.index(want.name)
        return 6 * (order.index(want.name) - order.index(have.name)) if later else None
    return None


def _fit_parts(want: Type, have: Type, bindings: dict[str, Type]) -> int | None:
    if have == types.UNKNOWN:
        return 5
    if have.name != want.name or len(have.parts) != len(want.parts):
        return None
    steps = [_fit(one, other, bindings) for one, other in zip(want.parts, have.parts, strict=True)]
    return None if any(step is None for step in steps) else sum(step for step in steps if step)


def choose(name: str, given: list[Type | None]) -> Match | None:
    """The form of a function that a call means: of those that fit, the nearest."""
    matches = [match for one in CATALOG.get(name, ()) if (match := fits(one, given)) is not None]
    return min(matches, key=lambda match: match.cost, default=None)


def emitted(match: Match, arguments: list[Typed], context: Context, **words: str) -> str:
    """The SQL of a call whose arguments already have the types of the match."""
    emit = match.signature.emit
    if callable(emit):
        return emit(arguments, context, words) if words else emit(arguments, context)
    values = {str(at): one.sql for at, one in enumerate(arguments)}
    values |= {"all": ", ".join(one.sql for one in arguments), **words}
    return re.sub(r"\{(\w+)\}", lambda found: values[found[1]], emit)
