"""What can be wrong with the rules of a description, by themselves and on the columns that they name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ingestion.description.rules import (
    ROW_SEVERITIES,
    TABLE_SEVERITIES,
    Complete,
    Expectation,
    Fresh,
    NonDecreasing,
    NotRound,
    SumOfParts,
    TableRule,
    Unique,
    columns_of,
)
from ingestion.description.spellings import WHOLE

_TEMPORAL = ("date", "timestamp")
_NUMERIC = (*WHOLE, "float", "double", "decimal")


def problems(
    expectations: tuple[Expectation, ...], rules: tuple[TableRule, ...], types: Mapping[str, str]
) -> Iterator[str]:
    """What is wrong with the rules, each with a hint; `types` are those of the table's columns."""
    for expectation in expectations:
        yield from _of_expectation(expectation)
    for rule in rules:
        yield from _of_rule(rule, types)
    names = [rule.name for rule in (*expectations, *rules)]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        yield f"rules {repeated} occur twice: give each a name of its own by `called`"


def _of_expectation(expectation: Expectation) -> Iterator[str]:
    if not _is_line(expectation.reason):
        yield f"an expectation has the reason {expectation.reason!r}: give it a line of text"
    if expectation.severity not in ROW_SEVERITIES:
        yield (
            f"expectation `{expectation.name}`: severity `{expectation.severity}` is not one of "
            f"{ROW_SEVERITIES}"
        )
    if not expectation.condition.strip():
        yield f"expectation `{expectation.name}` has no condition: write one, or delete it"


def _of_rule(rule: TableRule, types: Mapping[str, str]) -> Iterator[str]:
    if not _is_line(rule.name):
        yield f"rule {rule.name!r} has no name: give it a line of text"
    if rule.severity not in TABLE_SEVERITIES:
        yield f"rule `{rule.name}`: severity `{rule.severity}` is not one of {TABLE_SEVERITIES}"
    if unknown := sorted(set(columns_of(rule)) - types.keys()):
        yield (
            f"rule `{rule.name}`: {unknown} is not among the table's columns (a partition key does not "
            "count): correct it"
        )
        return
    for problem in (*_of_values(rule), *_of_types(rule, types)):
        yield f"rule `{rule.name}`: {problem}"


def _of_values(rule: TableRule) -> Iterator[str]:
    match rule:
        case NotRound(multiple) if multiple < 2:
            yield f"every number is a multiple of {multiple}: give 2 or more"
        case Fresh(days=days) if days < 0:
            yield f"days `{days}` is in the future: give 0 or more"
        case Unique(columns) if not columns or len(set(columns)) < len(columns):
            yield f"columns {list(columns)}: name at least one, and each once"
        case NonDecreasing(column, by, order) if column in (*by, order) or order in by:
            yield f"`{column}` by {list(by)} in the order of `{order}`: name different columns"
        case SumOfParts(whole=whole, parts=parts) if not whole.strip() or not parts.strip():
            yield "it needs a condition for the whole and one for the parts: write both"
        case Complete(members, period) if members == period:
            yield f"members and period are both `{period}`: name different columns"


def _of_types(rule: TableRule, types: Mapping[str, str]) -> Iterator[str]:
    measured = rule.column if isinstance(rule, NonDecreasing | SumOfParts | Fresh) else ""
    wanted, kind = (_TEMPORAL, "a date or timestamp") if isinstance(rule, Fresh) else (_NUMERIC, "a number")
    if measured and types[measured].partition("(")[0] not in wanted:
        yield f"column `{measured}` is {types[measured]}: name one that is {kind}"
    for column in columns_of(rule):
        if types[column].endswith(">"):
            yield f"column `{column}` is {types[column]}: name one that is not an array, struct or map"


def _is_line(name: str) -> bool:
    return bool(name.strip()) and "\n" not in name
