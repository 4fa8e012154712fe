"""Functions of arrays."""

from __future__ import annotations

import calendar
import datetime
import functools
import re
from collections.abc import Callable
from itertools import combinations as combined
from typing import Any

from localcloud.athena.sql.trino import types
from localcloud.athena.sql.trino.context import Context, Typed
from localcloud.athena.sql.trino.functions import texts
from localcloud.athena.sql.trino.functions.signatures import define
from localcloud.athena.sql.trino.functions.strings import wrong
from localcloud.athena.sql.trino.types import Type, to_duckdb

LARGEST = 10_000
MILLISECONDS_OF_DAY = 86_400_000
WRONG_STEP = (
    "sequence stop value should be greater than or equal to start value if step is greater than zero"
    " otherwise stop should be less than or equal to start"
)


def slice_of(items: list[Any], start: int, length: int) -> list[Any]:
    if length < 0:
        raise wrong("length must be greater than or equal to 0")
    if start == 0:
        raise wrong("SQL array indices start at 1")
    first = start - 1 if start > 0 else len(items) + start
    return items[first : first + length] if first >= 0 else []


def combinations(items: list[Any], size: int) -> list[list[Any]]:
    if not 0 <= size <= 5:
        raise wrong(f"combination size must not exceed 5: {size}")
    return [list(one) for one in combined(items, size)]


def ngrams(items: list[Any], size: int) -> list[list[Any]]:
    if size <= 0:
        raise wrong("N must be positive")
    return [items[at : at + size] for at in range(max(1, len(items) - size + 1))]


def contains_sequence(items: list[Any], part: list[Any]) -> bool:
    return any(items[at : at + len(part)] == part for at in range(len(items) - len(part) + 1))


def distinct(items: list[Any]) -> list[Any]:
    made: list[Any] = []
    for item in items:
        if not any(item == one and type(item) is type(one) for one in made):
            made.append(item)
    return made


def intersect(left: list[Any], right: list[Any]) -> list[Any]:
    return [item for item in distinct(left) if item in right]


def except_(left: list[Any], right: list[Any]) -> list[Any]:
    return [item for item in distinct(left) if item not in right]


def union(left: list[Any], right: list[Any]) -> list[Any]:
    return distinct([*left, *right])


def overlap(left: list[Any], right: list[Any]) -> bool | None:
    if any(item is not None and item in right for item in left):
        return True
    return None if left and right and (None in left or None in right) else False


def position(items: list[Any], wanted: Any) -> int:
    return next((at for at, item in enumerate(items, 1) if item is not None and item == wanted), 0)


def remove(items: list[Any], wanted: Any) -> list[Any]:
    return [item for item in items if item is None or item != wanted]


def extreme(pick: Any) -> Any:
    def run(items: list[Any]) -> Any:
        return None if not items or None in items else pick(items)

    return run


def trim_array(items: list[Any], count: int) -> list[Any]:
    if not 0 <= count <= len(items):
        raise wrong(f"size must not exceed array cardinality {len(items)}: {count}")
    return items[: len(items) - count]


def histogram(items: list[Any]) -> dict[Any, int]:
    made: dict[Any, int] = {}
    for item in items:
        if item is not None:
            made[item] = made.get(item, 0) + 1
    return made


def sequence(start: int, stop: int, step: int | None = None) -> list[int]:
    step = (1 if stop >= start else -1) if step is None else step
    if step == 0 or (stop - start) * step < 0:
        raise wrong(WRONG_STEP)
    if (stop - start) // step + 1 > LARGEST:
        raise wrong(f"result of sequence function must not have more than {LARGEST} entries")
    return list(range(start, stop + (1 if step > 0 else -1), step))


def sequence_of_days(start: datetime.date, stop: datetime.date, step: int) -> list[datetime.date]:
    """Dates or timestamps; `step` is in milliseconds."""
    if not isinstance(start, datetime.datetime) and step % MILLISECONDS_OF_DAY:
        raise wrong("sequence step must be a day interval if start and end values are dates")
    length = datetime.timedelta(milliseconds=step)
    return _steps(start, stop, step, (stop - start) // length if step else 0, lambda at: start + at * length)


def sequence_of_months(start: datetime.date, stop: datetime.date, step: int) -> list[datetime.date]:
    """Dates or timestamps, each so many months after the start: a shorter month ends earlier."""

    def later(at: int) -> datetime.date:
        year, month = divmod(start.year * 12 + start.month - 1 + at * step, 12)
        return start.replace(
            year=year, month=month + 1, day=min(start.day, calendar.monthrange(year, month + 1)[1])
        )

    months = (stop.year - start.year) * 12 + stop.month - start.month
    return _steps(start, stop, step, months // step if step else 0, later)


def _steps(
    start: datetime.date, stop: datetime.date, step: int, last: int, later: Callable[[int], datetime.date]
) -> list[datetime.date]:
    """What comes from the start to the stop, both included; `last` is the greatest count of steps."""
    if step == 0 or ((stop < start) != (step < 0) and stop != start):
        raise wrong(WRONG_STEP)
    if last + 1 > LARGEST:
        raise wrong(f"result of sequence function must not have more than {LARGEST} entries")
    found = [later(at) for at in range(last + 1)]
    return [one for one in found if (one <= stop if step > 0 else one >= stop)]


def _moments(function: Any, core: str) -> Any:
    def emit(arguments: list[Typed], context: Context) -> str:
        step = Typed(f"{core}({arguments[2].sql})", types.BIGINT)
        return context.python(function, [*arguments[:2], step], types.array(arguments[0].kind))

    return emit


def _days(arguments: list[Typed], context: Context) -> str:
    """Day by day, up or down."""
    first, last = arguments
    step = f"CASE WHEN {last.sql} < {first.sql} THEN -1 ELSE 1 END * {MILLISECONDS_OF_DAY}"
    given = [first, last, Typed(f"({step})", types.BIGINT)]
    return context.python(sequence_of_days, given, types.array(first.kind))


def _same(function: Any) -> Any:
    """A function of Python that returns the type of its first argument."""
    return lambda arguments, context: context.python(function, arguments, arguments[0].kind)


def _python(function: Any, returns: Type) -> Any:
    return lambda arguments, context: context.python(function, arguments, returns)


def _element(function: Any) -> Any:
    return lambda arguments, context: context.python(
        function, arguments, arguments[0].kind.element, key=function
    )


def _nested(function: Any) -> Any:
    return lambda arguments, context: context.python(function, arguments, types.array(arguments[0].kind))


def _joined(arguments: list[Typed], context: Context) -> str:
    """array_join writes each element as CAST would."""
    items, rest = arguments[0], arguments[1:]
    name = context.new_name("e")
    written = texts.written(Typed(name, items.kind.element), context)
    made = f"list_transform({items.sql}, lambda {name}: {written})"
    if len(rest) > 1:
        other = context.new_name("e")
        made = f"list_transform({made}, lambda {other}: coalesce({other}, {rest[1].sql}))"
    return f"array_to_string({made}, {rest[0].sql})"


def _zipped(arguments: list[Typed], _context: Context) -> str:
    count = len(arguments)
    kind = types.row([one.kind.element for one in arguments], [""] * count)
    longest = ", ".join(f"len({one.sql})" for one in arguments)
    fields = ", ".join(f'"field{at}" := {one.sql}[__i]' for at, one in enumerate(arguments))
    return (
        f"CAST(list_transform(generate_series(1, greatest({longest})), lambda __i: struct_pack({fields})) AS"
        f" {to_duckdb(kind)}[])"
    )


def _zip_type(kinds: list[Type]) -> Type:
    return types.array(types.row([kind.element for kind in kinds], [""] * len(kinds)))


def _zip_with(arguments: list[Typed], context: Context) -> str:
    left, right, function = arguments
    head, _, body = function.sql.removeprefix("lambda ").partition(": ")
    first, second = head.split(", ")
    index = context.new_name("i")
    inner = replaced(body, {first: f"{left.sql}[{index}]", second: f"{right.sql}[{index}]"})
    return (
        f"list_transform(generate_series(1, greatest(len({left.sql}), len({right.sql}))), lambda {index}:"
        f" {inner})"
    )


def replaced(body: str, names: dict[str, str]) -> str:
    return re.sub(
        r"\b__v\d+\b", lambda found: f"({names[found[0]]})" if found[0] in names else found[0], body
    )


def _reduce(arguments: list[Typed], _context: Context) -> str:
    """reduce(array, start, (state, item) -> state, state -> result)."""
    items, start, step, last = arguments
    kind = to_duckdb(start.kind)
    head, _, body = step.sql.removeprefix("lambda ").partition(": ")
    state, item = head.split(", ")
    inner = replaced(body, {item: f"{item}[1].item", state: f"{state}[1].state"})
    wrapped = (
        f"list_transform({items.sql}, lambda __e: [struct_pack(state := CAST(NULL AS {kind}), item := __e)])"
    )
    first = (
        f"[struct_pack(state := CAST({start.sql} AS {kind}), item := CAST(NULL AS"
        f" {to_duckdb(items.kind.element)}))]"
    )
    folded = (
        f"list_reduce(list_concat([{first}], {wrapped}), lambda {state}, {item}: "
        f"[struct_pack(state := CAST({inner} AS {kind}), item := {item}[1].item)])"
    )
    name, _, result = last.sql.removeprefix("lambda ").partition(": ")
    value = f"CASE WHEN {items.sql} IS NULL THEN NULL ELSE ({folded})[1].state END"
    return f"(list_transform([{value}], lambda {name}: {result}))[1]"


def _sorted_by(arguments: list[Typed], context: Context) -> str:
    """array_sort with a comparator: by Python, which compares by the answers of DuckDB for all pairs."""
    items, function = arguments
    head, _, body = function.sql.removeprefix("lambda ").partition(": ")
    first, second = head.split(", ")
    pairs = (
        f"list_transform({items.sql}, lambda {first}: list_transform({items.sql}, lambda {second}:"
        f" CAST({body} AS BIGINT)))"
    )
    order = Typed(pairs, types.array(types.array(types.BIGINT)))
    return context.python(_order_by, [items, order], items.kind)


def _order_by(items: list[Any], answers: list[list[int | None]]) -> list[Any]:
    def compare(left: int, right: int) -> int:
        answer = answers[left][right]
        if answer is None or answer not in (-1, 0, 1):
            raise wrong("Lambda comparator must return either -1, 0, or 1")
        return answer

    return [items[at] for at in sorted(range(len(items)), key=functools.cmp_to_key(compare))]


def claim() -> None:
    define("cardinality(array(T)) -> bigint", "len({0})")
    define("element_at(array(T), bigint) -> T", "trino_element_at({0}, {1})")
    define("contains(array(T), T) -> boolean", "trino_contains({0}, {1})")
    define("array_distinct(array(T)) -> array(T)", _same(distinct))
    define("array_intersect(array(T), array(T)) -> array(T)", _same(intersect))
    define("array_union(array(T), array(T)) -> array(T)", _same(union))
    define("array_except(array(T), array(T)) -> array(T)", _same(except_))
    define("arrays_overlap(array(T), array(T)) -> boolean", _python(overlap, types.BOOLEAN))
    define("array_position(array(T), T) -> bigint", _python(position, types.BIGINT))
    define("array_remove(array(T), T) -> array(T)", _same(remove))
    define("array_max(array(T)) -> T", _element(MAXIMUM))
    define("array_min(array(T)) -> T", _element(MINIMUM))
    define("array_sort(array(T)) -> array(T)", "list_sort({0}, 'ASC', 'NULLS LAST')")
    define("array_sort(array(T), function(T,T,bigint)) -> array(T)", _sorted_by)
    define("array_join(array(T), varchar) -> varchar", _joined)
    define("array_join(array(T), varchar, varchar) -> varchar", _joined)
    define("array_first(array(T)) -> T", "{0}[1]")
    define("array_last(array(T)) -> T", "{0}[-1]")
    define("array_histogram(array(T)) -> map(T,bigint)",
           lambda arguments, context: context.python(
               histogram, arguments, types.map_of(arguments[0].kind.element, types.BIGINT)))  # fmt: skip
    define("reverse(array(T)) -> array(T)", "list_reverse({0})")
    define("slice(array(T), bigint, bigint) -> array(T)", _same(slice_of))
    define("trim_array(array(T), bigint) -> array(T)", _same(trim_array))
    define("flatten(array(array(T))) -> array(T)", "flatten({0})")
    define("repeat(T, integer) -> array(T)", "list_transform(generate_series(1, {1}), lambda __i: {0})")
    define("shuffle(array(T)) -> array(T)", "list_sort({0})")
    define("combinations(array(T), bigint) -> array(array(T))", _nested(combinations))
    define("ngrams(array(T), bigint) -> array(array(T))", _nested(ngrams))
    define("contains_sequence(array(T), array(T)) -> boolean", _python(contains_sequence, types.BOOLEAN))
    numbers = types.array(types.BIGINT)
    define("sequence(bigint, bigint) -> array(bigint)", _python(sequence, numbers))
    define("sequence(bigint, bigint, bigint) -> array(bigint)", _python(sequence, numbers))
    define("sequence(date, date) -> array(date)", _days)
    steps = {
        "interval day to second": _moments(sequence_of_days, "trino_total_ms"),
        "interval year to month": _moments(sequence_of_months, "trino_months"),
    }
    for step, emit in steps.items():
        define(f"sequence(date, date, {step}) -> array(date)", emit)
        define(f"sequence(timestamp, timestamp, {step}) -> array(timestamp(3))", emit)
    define("zip(array(T), array(U)) -> array(T)", _zipped, returns=_zip_type)
    define("zip(array(T), array(U), array(V)) -> array(T)", _zipped, returns=_zip_type)
    define("zip(array(T), array(U), array(V), array(W)) -> array(T)", _zipped, returns=_zip_type)
    _claim_lambdas()


def _claim_lambdas() -> None:
    define("transform(array(T), function(T,U)) -> array(U)", "list_transform({0}, {1})")
    define("filter(array(T), function(T,boolean)) -> array(T)", "list_filter({0}, {1})")
    define("any_match(array(T), function(T,boolean)) -> boolean", "trino_any(list_transform({0}, {1}))")
    define("all_match(array(T), function(T,boolean)) -> boolean", "trino_all(list_transform({0}, {1}))")
    define(
        "none_match(array(T), function(T,boolean)) -> boolean", "(NOT trino_any(list_transform({0}, {1})))"
    )
    define("reduce(array(T), S, function(S,T,S), function(S,R)) -> R", _reduce)
    define("zip_with(array(T), array(U), function(T,U,R)) -> array(R)", _zip_with)


MAXIMUM, MINIMUM = extreme(max), extreme(min)
