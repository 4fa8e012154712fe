"""The values that a query gives an injected partition key, wherever Athena's planner would carry them to."""

from __future__ import annotations

from sqlglot import exp

from localcloud.athena.sql.errors import QueryError, unsupported

Around = tuple[exp.Table, ...]
"""The references to the views that a table is read through, the innermost first."""
BLOCKING = ("group", "having", "distinct", "limit", "offset")


def named_values(source: exp.Expression, key: str, around: Around = ()) -> list[str]:
    """The values of `key = 'x'`, `key IN ('x', 'y')` and ORs of these, of this SELECT or one around it.

    `source` is an item of FROM that has the key as a column. No row is lost by reading these values
    alone: each of the conditions is false where the key has another value, or none.
    """
    select = source.parent_select
    if not isinstance(select, exp.Select) or not isinstance(source.parent, exp.From | exp.Join):
        return []
    where = select.args.get("where")
    for condition in _conjuncts(where.this) if where else []:
        if values := _equal(condition, source, key):
            return list(dict.fromkeys(values))
    name = _output(select, source, key)
    return _outer_values(select, name, around) if name else []


def require_stated(source: exp.Table, key: str, around: Around = ()) -> None:
    """Refuse by name a query without such values whose other conditions may say them to Athena."""
    if error := _unseen(source, key, around):
        raise error


def _unseen(source: exp.Table, key: str, around: Around) -> QueryError | None:
    select = source.parent_select
    if not isinstance(select, exp.Select):
        return None
    where, joins = select.args.get("where"), select.args.get("joins") or []
    own = any(_may_equal(one, key) for one in (_conjuncts(where.this) if where else []))
    joined = bool(joins) and any(_mentions(one, key) for one in (*joins, *([where] if where else [])))
    if not (own or joined or _filtered_outside(select) or any(map(_filtered, around))):
        return None
    what = f"this way to give the injected partition key {key} of table {source.name} its values"
    return unsupported(what, f"write {key} = '...' or {key} IN ('...') into the WHERE beside the table")


def _conjuncts(node: exp.Expression) -> list[exp.Expression]:
    bare = node.unnest()
    return [one.unnest() for one in bare.flatten()] if isinstance(bare, exp.And) else [bare]


def _equal(node: exp.Expression, source: exp.Expression, key: str) -> list[str]:
    """The values of one condition; none where it is no equality with texts alone."""
    bare = node.unnest()
    if isinstance(bare, exp.Or):
        found = [_equal(one, source, key) for one in bare.flatten()]
        return [value for values in found for value in values] if all(found) else []
    sides = [bare.this, bare.expression] if isinstance(bare, exp.EQ) else []
    if isinstance(bare, exp.In) and not bare.args.get("query"):
        sides = [bare.this, *bare.expressions]
    columns = [side for side in sides if isinstance(side, exp.Column) and _is_key(side, source, key)]
    values = [side.name for side in sides if isinstance(side, exp.Literal)]
    return values if columns and len(values) == len(sides) - 1 else []


def _is_key(column: exp.Column, source: exp.Expression, key: str) -> bool:
    if column.name.lower() != key:
        return False
    if column.table:
        return str(column.table).lower() == str(source.alias_or_name).lower()
    select = source.parent_select
    joins = (select.args.get("joins") or []) if select else []
    return all(_is_unnest_of_others(join.this, key) for join in joins)


def _is_unnest_of_others(node: exp.Expression, key: str) -> bool:
    """Whether an item of FROM is an UNNEST whose columns are named, none of them as the key."""
    names = {one.name.lower() for one in node.args["alias"].columns} if node.args.get("alias") else set()
    return isinstance(node, exp.Unnest) and bool(names) and key not in names


def _output(select: exp.Select, source: exp.Expression, key: str) -> str:
    """The name that the key has outside of a SELECT that passes rows on one by one; otherwise nothing."""
    if any(select.args.get(clause) for clause in BLOCKING) or select.find(exp.Window):
        return ""
    for shown in select.expressions:
        bare = shown.this if isinstance(shown, exp.Alias) else shown
        if isinstance(bare, exp.Star) or (isinstance(bare, exp.Column) and _is_key(bare, source, key)):
            return shown.alias_or_name.lower() if isinstance(bare, exp.Column) else key
        starred = isinstance(bare, exp.Column) and isinstance(bare.this, exp.Star)
        if starred and bare.table.lower() == source.alias_or_name.lower():
            return key
    return ""


def _outer_values(select: exp.Select, name: str, around: Around) -> list[str]:
    """The values that what reads this SELECT gives the column: a subquery's, a WITH's or a view's reader."""
    outer = select.parent
    if outer is None:
        return named_values(around[0], name, around[1:]) if around else []
    if (
        not isinstance(outer, exp.Subquery | exp.CTE)
        or outer.args.get("alias") is None
        or outer.alias_column_names
    ):
        return []
    if isinstance(outer, exp.Subquery):
        return named_values(outer, name, around)
    root, alias = outer.root(), outer.alias.lower()
    if sum(one.alias.lower() == alias for one in root.find_all(exp.CTE)) > 1:
        return []
    own = {id(one) for one in outer.find_all(exp.Table)}
    named = [one for one in root.find_all(exp.Table) if not one.db and one.name.lower() == alias]
    readers = [one for one in named if id(one) not in own]
    found = [named_values(one, name, around) for one in readers]
    return list(dict.fromkeys(value for values in found for value in values)) if found and all(found) else []


def _mentions(node: exp.Expression, key: str) -> bool:
    return any(one.name.lower() == key for one in node.find_all(exp.Identifier))


def _may_equal(node: exp.Expression, key: str) -> bool:
    """Whether Trino's planner may make one value, or some, of a condition that has no texts alone."""
    bare = node.unnest()
    if isinstance(bare, exp.Or | exp.And):
        tests = [_may_equal(one, key) for one in bare.flatten()]
        return all(tests) if isinstance(bare, exp.Or) else any(tests)
    exact = isinstance(bare, exp.EQ | exp.In) or (isinstance(bare, exp.Like) and _has_no_wildcard(bare))
    others = [one for one in bare.find_all(exp.Column) if one.name.lower() != key]
    return exact and _mentions(bare, key) and not others and not bare.find(exp.Query)


def _has_no_wildcard(node: exp.Like) -> bool:
    return set("%_").isdisjoint(str(node.expression.name))


def _filtered(node: exp.Expression) -> bool:
    """Whether a SELECT in the same statement has a condition or a join."""
    return any(one.args.get("where") or one.args.get("joins") for one in node.root().find_all(exp.Select))


def _filtered_outside(select: exp.Select) -> bool:
    inside = {id(one) for one in select.find_all(exp.Select)}
    others = [one for one in select.root().find_all(exp.Select) if id(one) not in inside]
    return any(one.args.get("where") or one.args.get("joins") for one in others)
