"""TABLE(...) in FROM: the table functions that are done, of which there is `sequence`."""

from __future__ import annotations

from sqlglot import exp

from localcloud.athena.sql.errors import unsupported
from localcloud.athena.sql.trino import types
from localcloud.athena.sql.trino.analysis.scopes import Column, Scope
from localcloud.athena.sql.trino.context import Typed

LARGEST = 100_000_000
_SEQUENCE = ("start", "stop", "step")


def is_table_function(node: exp.Expression) -> bool:
    """Whether an item of FROM is `TABLE(name(...))`."""
    made = node.this if isinstance(node, exp.Table) else None
    return isinstance(made, exp.Anonymous) and made.name.lower() == "table" and len(made.expressions) == 1


def compile_table_function(node: exp.Table, outer: Scope) -> tuple[str, list[Column]]:
    """The rows of `sequence(start, stop, step)`, by place or by name."""
    call = node.this.expressions[0]
    if not isinstance(call, exp.Anonymous) or call.name.lower() != "sequence":
        raise unsupported(f"`{outer.context.text(node.this)}` in FROM")
    start, stop, step = _numbers(call, outer)
    if step == 0 or (step > 0 and start > stop) or (step < 0 and start < stop):
        text = (
            f"Step must be {'non-zero' if step == 0 else 'negative' if step > 0 else 'positive'} for sequence"
        )
        raise outer.context.error("INVALID_FUNCTION_ARGUMENT", call, f"{text} [{start}, {stop}]")
    if (stop - start) // step > LARGEST:
        raise unsupported(f"a sequence of more than {LARGEST} rows in FROM")
    alias = node.args.get("alias")
    names = (alias.args.get("columns") or []) if alias else []
    if len(names) > 1:
        text = f"Column alias list has {len(names)} entries but '{alias.name}' has 1 columns available"
        raise outer.context.error("MISMATCHED_COLUMN_ALIASES", node, text)
    stored = outer.context.new_name("r")
    name = names[0].name.lower() if names else "sequential_number"
    qualifiers = (alias.name,) if alias and alias.this else ()
    return (
        f"(SELECT generate_series AS c0 FROM generate_series({start}, {stop}, {step})) {stored}",  # noqa: S608
        [Column(name, Typed(f"{stored}.c0", types.BIGINT), qualifiers)],
    )


def _numbers(call: exp.Anonymous, outer: Scope) -> list[int]:
    given: dict[str, exp.Expression] = {}
    for at, argument in enumerate(call.expressions):
        named = isinstance(argument, exp.Kwarg)
        name = argument.this.name.lower() if named else _SEQUENCE[at] if at < len(_SEQUENCE) else ""
        if name not in _SEQUENCE or name in given:
            raise outer.context.error("INVALID_ARGUMENTS", call, f"Unexpected argument: {name or at + 1}")
        given[name] = argument.expression if named else argument
    if "stop" not in given:
        raise outer.context.error("MISSING_ARGUMENT", call, "Missing argument: STOP")
    return [_number(given[name], outer) if name in given else default for name, default in
            zip(_SEQUENCE, (0, 0, 1), strict=True)]  # fmt: skip


def _number(node: exp.Expression, outer: Scope) -> int:
    inner = node.this if isinstance(node, exp.Neg) else node
    if not isinstance(inner, exp.Literal) or inner.is_string or not inner.name.isdigit():
        raise unsupported(f"`{outer.context.text(node)}` as an argument of sequence in FROM")
    if int(inner.name) > 2**63 - 1:
        raise outer.context.error("SYNTAX_ERROR", inner, f"Invalid numeric literal: {inner.name}")
    return -int(inner.name) if isinstance(node, exp.Neg) else int(inner.name)
