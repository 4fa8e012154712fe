"""What each difference of two contracts means to their readers: compatible, needs care, breaking.

Breaking: a statement that ran may fail or answer something else (a table, a column, a key or a partition key
is gone or another one, a type is not just wider, a value may be missing now). Needs care: statements go on
running, but what they may rely on is less, or rows may come and go (a rule, a limit, a filter, where the rows
come from). Compatible: everything that held still holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

COMPATIBLE = "compatible"
CARE = "needs care"
BREAKING = "breaking"
GRADES = (COMPATIBLE, CARE, BREAKING)

_WHOLE = ("tinyint", "smallint", "int", "bigint")
_DECIMAL = re.compile(r"decimal\((\d+),(\d+)\)")
_STRENGTH = {"warn": 0, "reject": 1, "fail": 1}
_ANY_CHANGE = {
    "sourcePrefix": "the rows come from elsewhere",
    "sourceFormat": "the rows are read in another way",
    "vanishedObjects": "rows of objects that are gone are treated otherwise",
    "keptRows": "another condition decides which rows are kept",
    "sourceDelimiter": "lines are cut in another way",
    "sourceNulls": "other texts mean that there is no value",
    "sourceTrim": "outer blanks of texts are treated otherwise",
    "numbersAsText": "numbers of other columns are read from texts",
    "newerVersion": "another row may count where two have one key",
}


@dataclass(frozen=True, order=True)
class Change:
    """One difference; `where` is a table, a column or a setting, `what` a line for a person."""

    where: str
    what: str
    grade: str

    @property
    def line(self) -> str:
        return f"{self.grade}: {self.where}: {self.what}"


def worst(changes: list[Change]) -> str:
    """The gravest grade; compatible where nothing changed."""
    return max((change.grade for change in changes), key=GRADES.index, default=COMPATIBLE)


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Every difference of two documents of `document.of`, the gravest first."""
    found = [
        *_described(before, after),
        *_tables(_by_name(before.get("schema", [])), _by_name(after.get("schema", []))),
        *_settings(_properties(before), _properties(after)),
    ]
    return sorted(found, key=lambda change: (-GRADES.index(change.grade), change))


def _by_name(items: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {item["name"]: item for item in items}


def _properties(document: Mapping[str, Any]) -> dict[str, Any]:
    return {one["property"]: one["value"] for one in document.get("customProperties", [])}


def _described(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    one, other = before["description"], after["description"]
    if one["purpose"] != other["purpose"]:
        yield Change(after["name"], "described in other words", COMPATIBLE)
    if one.get("usage") != other.get("usage"):
        yield Change(after["name"], "other named queries", CARE)


def _tables(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    for name in before.keys() - after.keys():
        yield Change(name, "the table is gone", BREAKING)
    for name in after.keys() - before.keys():
        yield Change(name, "a new table", COMPATIBLE)
    for name in before.keys() & after.keys():
        one, other = before[name], after[name]
        yield from _columns(name, _by_name(one["properties"]), _by_name(other["properties"]))
        yield from _key(name, one["properties"], other["properties"])
        yield from _rules(name, _by_name(one.get("quality", [])), _by_name(other.get("quality", [])))


def _columns(table: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    for name in before.keys() - after.keys():
        what = "the partition key is gone" if before[name].get("partitioned") else "the column is gone"
        yield Change(f"{table}.{name}", what, BREAKING)
    for name in after.keys() - before.keys():
        if after[name].get("partitioned"):
            yield Change(f"{table}.{name}", "a new partition key: the table is laid out anew", CARE)
        elif after[name].get("required"):
            yield Change(f"{table}.{name}", "a new column: rows without a value are rejected", CARE)
        else:
            yield Change(f"{table}.{name}", "a new column", COMPATIBLE)
    for name in before.keys() & after.keys():
        yield from _column(f"{table}.{name}", before[name], after[name])


def _column(where: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    was, now = before["physicalType"], after["physicalType"]
    if was != now:
        yield Change(where, f"{was} becomes {now}", _of_types(before, after))
    if before.get("required") and not after.get("required"):
        yield Change(where, "may have no value now", BREAKING)
    if after.get("required") and not before.get("required"):
        yield Change(where, "must have a value now: rows without one are rejected", CARE)
    if bool(before.get("partitioned")) != bool(after.get("partitioned")):
        yield Change(where, "a column becomes a partition key, or the other way round", BREAKING)
    elif before.get("transformLogic") != after.get("transformLogic"):
        made = f"made of {after.get('transformLogic')}, no more of {before.get('transformLogic')}"
        yield Change(where, made, BREAKING)


def _of_types(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """A wider type holds all that was there; statements that join or compare by type need a look."""
    if before["logicalType"] != after["logicalType"]:
        return BREAKING
    if before["logicalType"] in ("array", "object") and "physicalType" in before:
        return _of_nested(before, after)
    return CARE if _is_wider(before["physicalType"], after["physicalType"]) else BREAKING


def _of_nested(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    if "items" in before and "items" in after:
        return _of_types(before["items"], after["items"])
    one, other = _by_name(before.get("properties", [])), _by_name(after.get("properties", []))
    if not one or not other or one.keys() - other.keys():
        return BREAKING
    same = [_of_types(one[name], other[name]) for name in one if one[name] != other[name]]
    return max([CARE, *same], key=GRADES.index)


def _is_wider(was: str, now: str) -> bool:
    if was in _WHOLE and now in _WHOLE:
        return _WHOLE.index(was) <= _WHOLE.index(now)
    if (one := _DECIMAL.fullmatch(was)) and (other := _DECIMAL.fullmatch(now)):
        precision, scale = (int(other[part]) - int(one[part]) for part in (1, 2))
        return 0 <= scale <= precision
    return (was, now) == ("float", "double")


def _key(table: str, before: list[dict[str, Any]], after: list[dict[str, Any]]) -> Iterator[Change]:
    was, now = _key_of(before), _key_of(after)
    if set(was) != set(now):
        what = f"the key is {', '.join(now) or 'none'}, no more {', '.join(was) or 'none'}"
        yield Change(table, what, BREAKING)


def _key_of(columns: list[dict[str, Any]]) -> list[str]:
    keyed = [column for column in columns if column.get("primaryKey")]
    return [column["name"] for column in sorted(keyed, key=lambda column: column["primaryKeyPosition"])]


def _rules(table: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    for name in before.keys() - after.keys():
        yield Change(f"{table}: rule {name}", "no more checked", CARE)
    for name in after.keys() - before.keys():
        severity = after[name]["severity"]
        grade = COMPATIBLE if severity == "warn" else CARE
        yield Change(f"{table}: rule {name}", f"a new rule of severity {severity}", grade)
    for name in before.keys() & after.keys():
        where, one, other = f"{table}: rule {name}", before[name], after[name]
        if one["severity"] != other["severity"]:
            weaker = _STRENGTH[other["severity"]] < _STRENGTH[one["severity"]]
            what = f"severity {one['severity']} becomes {other['severity']}"
            yield Change(where, f"{what}: weaker" if weaker else what, CARE)
        if one["implementation"] != other["implementation"]:
            yield _of_implementation(where, one, other)


def _of_implementation(where: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Change:
    """A rule that judges by something else; of a freshness, how old the newest value may be."""
    was, now = before["implementation"], after["implementation"]
    if was["kind"] == now["kind"] == "Fresh" and was["rule"]["column"] == now["rule"]["column"]:
        then, days = was["rule"]["days"], now["rule"]["days"]
        promises_more = days < then and after["severity"] == "warn"
        grade = COMPATIBLE if promises_more else CARE
        return Change(where, f"at most {days} days old, no more {then}", grade)
    return Change(where, "checks another condition", CARE)


def _settings(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    for name, meaning in _ANY_CHANGE.items():
        if before.get(name) != after.get(name):
            yield Change(name, f"{meaning}: {_shown(after, name)}, no more {_shown(before, name)}", CARE)
    for name in ("maximumRejectedShare", "maximumRemovedShare"):
        was, now = before[name], after[name]
        if was != now:
            yield Change(name, f"{now:g}, no more {was:g}", CARE if now > was else COMPATIBLE)
    fields_before, fields_after = before.get("fields", {}), after.get("fields", {})
    for column in sorted(fields_before.keys() & fields_after.keys()):
        was, now = fields_before[column], fields_after[column]
        if was != now:
            yield Change(f"field of {column}", f"made of {now}, no more of {was}", CARE)
    for name in ("aliases", "formats"):
        yield from _spellings(name, before.get(name, {}), after.get(name, {}))


def _shown(settings: Mapping[str, Any], name: str) -> str:
    return repr(settings[name]) if name in settings else "none"


def _spellings(
    name: str, before: Mapping[str, list[str]], after: Mapping[str, list[str]]
) -> Iterator[Change]:
    """Fewer spellings are read than before, or more."""
    for column in sorted(before.keys() | after.keys()):
        was, now = before.get(column, []), after.get(column, [])
        where = f"{name} of {column}"
        if gone := [one for one in was if one not in now]:
            yield Change(where, f"no more read: {', '.join(gone)}", CARE)
        if new := [one for one in now if one not in was]:
            yield Change(where, f"read as well: {', '.join(new)}", COMPATIBLE)
        if sorted(was) == sorted(now) and was != now:
            yield Change(where, f"tried in another order: {', '.join(now)}", CARE)
