"""Rules of base and head: which are gone, which let more pass than before.

Weaker is what can be shown to be: another severity, a bound that moved, a value more in a list. What cannot
be judged is called unclear, and never passes for equal.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from covidlake.laptop.preview.model import RuleChange

if TYPE_CHECKING:
    from sqlglot import exp

DROPPED, WEAKER, UNCLEAR, STRICTER, ADDED, SAME = "dropped", "weaker", "unclear", "stricter", "added", ""
_SEVERITIES = {"warn": 1, "reject": 2, "fail": 3}
_NAMES = ("reason", "called")  # what a rule is called decides nothing
# The direction in which a number of a table's rule lets more pass.
_MORE_PASSES = {"days": 1, "at_most": 1}
Content = Mapping[str, Any]


def changes(
    before: Mapping[str, Content],
    after: Mapping[str, Content],
    failures_before: Mapping[str, int],
    failures_after: Mapping[str, int],
) -> tuple[RuleChange, ...]:
    """How each rule has changed, those of head first; one under another name is the same rule."""
    new_names = _renamed(before, after)
    found = []
    for name, content in after.items():
        old = name if name in before else next((one for one, now in new_names.items() if now == name), "")
        change = judge(before[old], content) if old else ADDED
        said = text(before[old]) if old else ""
        if old and old != name:
            said = f"{old}: {said}"
        counts = failures_before.get(old), failures_after.get(name)
        found.append(RuleChange(name, change, said, text(content), *counts))
    gone = [name for name in before if name not in after and name not in new_names]
    found += [RuleChange(name, DROPPED, text(before[name]), "", failures_before.get(name)) for name in gone]
    return tuple(found)


def _renamed(before: Mapping[str, Content], after: Mapping[str, Content]) -> dict[str, str]:
    added = {name: _nameless(content) for name, content in after.items() if name not in before}
    found: dict[str, str] = {}
    for name, content in before.items():
        if name not in after:
            same = [
                one
                for one, other in added.items()
                if other == _nameless(content) and one not in found.values()
            ]
            if same:
                found[name] = same[0]
    return found


def _nameless(content: Content) -> dict[str, Any]:
    return {name: value for name, value in content.items() if name not in _NAMES}


def text(content: Content) -> str:
    """A rule in one line."""
    if "condition" in content:
        return f"{content['severity']} unless {' '.join(str(content['condition']).split())}"
    parts = [
        f"{name}={value}" for name, value in _nameless(content).items() if name not in ("kind", "severity")
    ]
    return f"{content.get('severity')}: {content.get('kind')}({', '.join(parts)})"


def judge(before: Content, after: Content) -> str:
    """Whether a rule lets more pass than before: the worst of what has changed of it."""
    found = {_severity(before, after)}
    if "condition" in before and "condition" in after:
        found.add(_condition(str(before["condition"]), str(after["condition"])))
    else:
        found |= {
            _member(name, before.get(name), after.get(name))
            for name in {*_nameless(before), *_nameless(after)} - {"severity"}
        }
    return next((one for one in (WEAKER, UNCLEAR, STRICTER) if one in found), SAME)


def _severity(before: Content, after: Content) -> str:
    then, now = (_SEVERITIES.get(str(one.get("severity")), 0) for one in (before, after))
    return SAME if then == now else WEAKER if now < then else STRICTER


def _member(name: str, before: Any, after: Any) -> str:
    if before == after:
        return SAME
    direction = _MORE_PASSES.get(name)
    if direction is None or before is None or after is None:
        return UNCLEAR
    return WEAKER if (after - before) * direction > 0 else STRICTER


def _condition(before: str, after: str) -> str:
    """Conditions as parts joined by AND: a part less lets more pass, a part more lets less pass."""
    try:
        then, now = _parts(before), _parts(after)
    except Exception:  # what cannot be parsed is shown where it is checked
        return SAME if before.split() == after.split() else UNCLEAR
    only_then, only_now = (
        [one for key, one in a.items() if key not in b] for a, b in ((then, now), (now, then))
    )
    if not only_then and not only_now:
        return SAME
    found = set()
    for part in only_then:
        fits = [other for other in only_now if _subject(other) == _subject(part)]
        if not fits:
            found.add(WEAKER)
            continue
        found.add(_moved(part, fits[0]))
        only_now.remove(fits[0])
    if only_now:
        found.add(STRICTER)
    return next(one for one in (WEAKER, UNCLEAR, STRICTER) if one in found)


def _parts(condition: str) -> dict[str, exp.Expression]:
    """What AND joins, by its text in one spelling: names in lower case, the values of a list in order."""
    from sqlglot import exp, parse_one

    parsed = parse_one(condition, read="spark")
    for name in parsed.find_all(exp.Identifier):
        name.set("this", str(name.this).lower())
    for one in parsed.find_all(exp.In):
        one.set("expressions", sorted(one.expressions, key=lambda value: value.sql()))
    parts = parsed.flatten() if isinstance(parsed, exp.And) else [parsed]
    return {plain.sql("spark"): plain for plain in (part.unnest() for part in parts)}


def _subject(part: exp.Expression) -> str:
    """What a comparison is about: its column and its direction."""
    from sqlglot import exp

    directions = {exp.GT: "low", exp.GTE: "low", exp.LT: "high", exp.LTE: "high", exp.In: "in"}
    kind = next((name for one, name in directions.items() if isinstance(part, one)), "")
    return f"{kind} {part.this.sql('spark').lower()}" if kind else part.sql("spark")


def _moved(before: exp.Expression, after: exp.Expression) -> str:
    from sqlglot import exp

    if isinstance(before, exp.In):
        then, now = ({one.sql() for one in part.expressions} for part in (before, after))
        return WEAKER if now - then else STRICTER
    then_bound, now_bound = _bound(before), _bound(after)
    if then_bound is None or now_bound is None:
        return UNCLEAR
    lower = isinstance(before, exp.GT | exp.GTE)
    if then_bound == now_bound:
        return WEAKER if isinstance(after, exp.GTE | exp.LTE) else STRICTER
    if isinstance(then_bound, str) or isinstance(now_bound, str):
        alike = isinstance(then_bound, str) and isinstance(now_bound, str)
        return _texts(str(then_bound), str(now_bound), lower) if alike else UNCLEAR
    return WEAKER if (now_bound < then_bound) is lower else STRICTER


def _texts(then: str, now: str, lower: bool) -> str:
    """Dates and times are in the order of their texts."""
    return WEAKER if (now < then) is lower else STRICTER


def _bound(part: exp.Expression) -> float | str | None:

    right = part.expression
    try:
        return float(right.sql())
    except ValueError:
        return _moment(right)


def _moment(right: exp.Expression) -> str | None:
    """A date or a time that is written out: these alone are in the order of their texts."""
    from sqlglot import exp

    literal = right.this if isinstance(right, exp.Cast | exp.TryCast | exp.TsOrDsToDate) else right
    text = literal.name if isinstance(literal, exp.Literal) and literal.is_string else ""
    return text if re.fullmatch(r"\d{4}-\d\d-\d\d.*", text) else None
