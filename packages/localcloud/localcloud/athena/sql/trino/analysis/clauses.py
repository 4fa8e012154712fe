"""Parts of queries that stand alone: the names of an alias, positions, OFFSET and LIMIT."""

from __future__ import annotations

import re

from sqlglot import exp

from localcloud.athena.sql.errors import unsupported
from localcloud.athena.sql.trino.analysis.scopes import Output, Scope
from localcloud.athena.sql.trino.types import Type


def named_columns(
    node: exp.Expression, outputs: list[Output], names: list[exp.Expression], scope: Scope
) -> list[tuple[str, Type]]:
    """The columns of a relation under the names that its alias gives."""
    if names and len(names) != len(outputs):
        text = f"Column alias list has {len(names)} entries but relation has {len(outputs)} columns"
        raise scope.context.error("MISMATCHED_COLUMN_ALIASES", node, text)
    given = [one.name.lower() for one in names] or [one.name for one in outputs]
    return [(name, one.kind) for name, one in zip(given, outputs, strict=True)]


def ordinal(node: exp.Expression, width: int, scope: Scope) -> int | None:
    """The index that a position such as `ORDER BY 2` means; None: it is none."""
    if not isinstance(node, exp.Literal) or node.is_string or not node.name.isdigit():
        return None
    at = int(node.name) - 1
    if not 0 <= at < width:
        raise scope.context.error(
            "INVALID_COLUMN_REFERENCE", node, f"ORDER BY position {at + 1} is not in select list"
        )
    return at


def limits(node: exp.Expression, scope: Scope) -> str:
    """OFFSET, LIMIT and FETCH FIRST."""
    limit, offset, tail = node.args.get("limit"), node.args.get("offset"), ""
    if isinstance(limit, exp.Fetch):
        options = limit.args.get("limit_options")
        if options is not None and (options.args.get("percent") or options.args.get("with_ties")):
            raise unsupported("WITH TIES")
        tail = f" LIMIT {_count(limit.args['count'], scope) if limit.args.get('count') else 1}"
    elif limit is not None and limit.expression.name.upper() != "ALL":
        tail = f" LIMIT {_count(limit.expression, scope)}"
    return tail + (f" OFFSET {_count(offset.expression, scope)}" if offset is not None else "")


def _count(node: exp.Expression, scope: Scope) -> int:
    if isinstance(node, exp.Literal) and not node.is_string and re.fullmatch(r"\d+", node.name):
        return int(node.name)
    raise scope.context.error(
        "SYNTAX_ERROR", node, f"mismatched input '{node.sql('trino')}'. Expecting: <integer>"
    )
