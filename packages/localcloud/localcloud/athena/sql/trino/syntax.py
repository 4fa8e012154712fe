"""Statements read as Trino reads them: sqlglot's parser, without what other dialects brought into it."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.dialects.trino import Trino
from sqlglot.errors import ParseError, TokenError
from sqlglot.parsers.trino import TrinoParser
from sqlglot.tokens import Token, TokenType

from localcloud.athena.sql.errors import QueryError, unsupported
from localcloud.athena.sql.trino.positions import place
from localcloud.athena.sql.trino.tokens import Tokenizer, with_names

logging.getLogger("sqlglot").setLevel(logging.ERROR)
START, WRITTEN, COMMA = "start", "written", "comma"
SPECIAL_FORMS = (
    "CAST", "TRY_CAST", "EXTRACT", "TRIM", "POSITION", "LISTAGG", "JSON_QUERY", "JSON_VALUE", "JSON_OBJECT",
    "SUBSTRING",
)  # fmt: skip
CLAUSES = ("WHERE", "GROUP_BY", "HAVING", "WINDOW", "ORDER_BY", "LIMIT", "FETCH", "OFFSET")
COMPARED = {
    TokenType.EQ: exp.EQ,
    TokenType.NEQ: exp.NEQ,
    TokenType.LT: exp.LT,
    TokenType.LTE: exp.LTE,
    TokenType.GT: exp.GT,
    TokenType.GTE: exp.GTE,
}
FOREIGN = {
    TokenType.DCOLON, TokenType.QUALIFY, TokenType.L_BRACE, TokenType.DPIPE_SLASH, TokenType.PIPE_SLASH,
    TokenType.NULLSAFE_EQ, TokenType.SIMILAR_TO, TokenType.COLON_EQ, TokenType.AMP, TokenType.PIPE,
    TokenType.CARET, TokenType.TILDE, TokenType.DARROW, TokenType.DSTAR, TokenType.HASH,
    TokenType.HEREDOC_STRING, TokenType.NATIONAL_STRING,
}  # fmt: skip


_BINARIES = re.compile(
    r"""(?<![\w"])[xX]'([0-9a-fA-F\s]*)'|'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|/\*.*?\*/""", re.DOTALL
)


class _Parser(TrinoParser):  # type: ignore[misc] # sqlglot is not typed for us
    """Functions stay as they are written, operators are Trino's, and nodes know where they stand."""

    FUNCTIONS: ClassVar[dict[str, Any]] = {}
    FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {
        name: parser for name, parser in TrinoParser.FUNCTION_PARSERS.items() if name in SPECIAL_FORMS
    }
    RANGE_PARSERS: ClassVar[dict[TokenType, Any]] = {
        token: TrinoParser.RANGE_PARSERS[token]
        for token in (TokenType.BETWEEN, TokenType.IN, TokenType.IS, TokenType.LIKE)
    }
    COLUMN_OPERATORS: ClassVar[dict[TokenType, Any]] = {TokenType.DOT: None}
    QUERY_MODIFIER_PARSERS: ClassVar[dict[TokenType, Any]] = {
        token: parser for token, parser in TrinoParser.QUERY_MODIFIER_PARSERS.items() if token.name in CLAUSES
    }
    QUERY_MODIFIER_TOKENS: ClassVar[set[TokenType]] = set(QUERY_MODIFIER_PARSERS)
    TYPE_LITERAL_PARSERS: ClassVar[dict[Any, Any]] = {}

    def _binary(self, operators: dict[TokenType, type[exp.Binary]], operand: Callable[[], Any]) -> Any:
        this = operand()
        while self._match_set(operators):
            token = self._prev
            node = operators[token.token_type](this=this, expression=operand())
            node.meta[START] = token.start
            this = self.expression(node)
        return this

    def _parse_equality(self, parse_is: bool = True) -> Any:  # noqa: ARG002
        return self._binary(COMPARED, self._parse_range)

    def _parse_bitwise(self) -> Any:
        return self._binary({TokenType.DPIPE: exp.DPipe}, self._parse_term)

    def _parse_term(self, parse_mod: bool = True) -> Any:  # noqa: ARG002
        return self._binary({TokenType.PLUS: exp.Add, TokenType.DASH: exp.Sub}, self._parse_factor)

    def _parse_factor(self, parse_mod: bool = True) -> Any:  # noqa: ARG002
        operators = {TokenType.STAR: exp.Mul, TokenType.SLASH: exp.Div, TokenType.MOD: exp.Mod}
        return self._binary(operators, self._parse_unary)

    def _parse_unary(self) -> Any:
        start = self._curr.start if self._curr else 0
        node = super()._parse_unary()
        while node is not None and self._match_text_seq("AT", "TIME", "ZONE"):
            node = self.expression(exp.AtTimeZone(this=node, zone=super()._parse_unary()))
        return _marked(node, start)

    def _parse_lambda(self, alias: bool = False) -> Any:
        start = self._curr.start if self._curr else 0
        return _marked(super()._parse_lambda(alias), start)

    def _parse_join(self, *args: Any, **kwargs: Any) -> Any:
        comma = bool(self._curr) and self._curr.token_type == TokenType.COMMA
        node = super()._parse_join(*args, **kwargs)
        if isinstance(node, exp.Join):
            node.meta[COMMA] = comma
        return node

    def _parse_types(self, *args: Any, **kwargs: Any) -> Any:
        first = self._index
        found = super()._parse_types(*args, **kwargs)
        if isinstance(found, exp.DataType) and self._index > first:
            start, end = self._tokens[first].start, self._tokens[self._index - 1].end
            found.meta.update({WRITTEN: self.sql[start : end + 1], START: start})
        return found


def _marked(node: Any, start: int) -> Any:
    if isinstance(node, exp.Expression):
        node.meta.setdefault(START, start)
    return node


class _Dialect(Trino):  # type: ignore[misc] # as above
    INDEX_OFFSET = 0
    Tokenizer = Tokenizer
    Parser = _Parser


DIALECT = _Dialect()


def parse(sql: str) -> exp.Expression:
    """Parse one query of Trino's SQL; SYNTAX_ERROR with the place of what was not understood."""
    sql = _BINARIES.sub(_joined, sql)
    try:
        tokens = with_names(DIALECT.tokenize(sql))
        _refuse_foreign(sql, tokens)
        trees = [tree for tree in DIALECT.parser().parse(tokens, sql) if tree is not None]
    except ParseError as error:
        raise _syntax_error(sql, error) from error
    except TokenError as error:
        raise QueryError(f"SYNTAX_ERROR: line 1:1: {str(error).splitlines()[0]}") from error
    if len(trees) != 1:
        raise QueryError(f"SYNTAX_ERROR: line 1:1: one statement is expected, {len(trees)} were found")
    if not isinstance(trees[0], exp.Query | exp.Values):
        raise mismatched(sql, tokens[0])
    return trees[0]


def _joined(found: re.Match[str]) -> str:
    """A binary literal with its blanks behind it: sqlglot takes none inside, and every place stays."""
    if found[1] is None:
        return found[0]
    digits = "".join(found[1].split())
    return f"X'{digits}'" + " " * (len(found[1]) - len(digits))


def parse_expression(sql: str) -> exp.Expression:
    """One expression, as it stands in a SELECT."""
    tree = parse(f"SELECT {sql}")
    if len(tree.selects) != 1 or (set(tree.args) - {"expressions", "kind"} and tree.args.get("from_")):
        raise QueryError(f"INVALID_PARAMETER_USAGE: line 1:1: '{sql}' is not one expression")
    return tree.selects[0]


def mismatched(sql: str, token: Token | None, hint: str = "") -> QueryError:
    """What Trino's parser says of a word that it cannot take."""
    if token is None:
        return QueryError(
            f"SYNTAX_ERROR: {place(sql, len(sql.rstrip()))}: mismatched input '<EOF>'. {hint}".rstrip()
        )
    word = sql[token.start : token.end + 1]
    return QueryError(f"SYNTAX_ERROR: {place(sql, token.start)}: mismatched input '{word}'. {hint}".rstrip())


def _syntax_error(sql: str, error: ParseError) -> QueryError:
    found = error.errors[0] if error.errors else {}
    if "TokenType.SENTINEL" in (found.get("description") or ""):
        return mismatched(sql, None)
    word = found.get("highlight") or "<EOF>"
    line, column = found.get("line") or 1, found.get("col") or 1
    start = max(1, column - len(word) + 1)
    said = re.sub(r"Required keyword: .*", "a part is missing", found.get("description") or "")
    return QueryError(f"SYNTAX_ERROR: line {line}:{start}: mismatched input '{word}'. {said}".rstrip())


def _refuse_foreign(sql: str, tokens: list[Token]) -> None:
    """Refuse the words and signs that sqlglot takes from other dialects, DuckDB's above all."""
    limits: list[bool] = [False]
    before: Token | None = None
    for position, token in enumerate(tokens):
        after = tokens[position + 1] if position + 1 < len(tokens) else None
        kind = token.token_type
        if sql[token.start] == "`":
            raise QueryError(
                f"SYNTAX_ERROR: {place(sql, token.start)}: backquoted identifiers are not supported; "
                "use double quotes to quote identifiers"
            )
        if kind in FOREIGN or _foreign_word(sql, before, token, after):
            raise mismatched(sql, token)
        if kind in (TokenType.L_PAREN, TokenType.R_PAREN):
            limits = [*limits, False] if kind == TokenType.L_PAREN else limits[:-1] or [False]
        if kind in (TokenType.UNION, TokenType.SELECT):
            limits[-1] = False
        if kind == TokenType.OFFSET and limits[-1] and after and after.token_type == TokenType.NUMBER:
            raise mismatched(sql, token, "Expecting: <EOF>")
        limits[-1] = limits[-1] or (kind in (TokenType.LIMIT, TokenType.FETCH))
        before = token


_BEFORE_A_VALUE = frozenset(
    "select distinct where and or not in on then else when by from having between like case values".split()  # noqa: SIM905
)


def _foreign_word(sql: str, before: Token | None, token: Token, after: Token | None) -> bool:  # noqa: C901
    kind, text = token.token_type, sql[token.start : token.end + 1]
    follows = after.token_type if after else None
    if kind == TokenType.VAR and follows == TokenType.L_PAREN and text.upper() == "MATCH_RECOGNIZE":
        raise unsupported("MATCH_RECOGNIZE")
    if kind == TokenType.VAR and text.upper() == "ASOF":
        return bool(follows == TokenType.JOIN)
    if kind == TokenType.L_BRACKET:  # a list without ARRAY in front, an index otherwise
        return before is None or not _ends_a_value(before)
    if kind == TokenType.EQ:
        return text == "=="
    if kind == TokenType.NUMBER:
        return follows is not None and after is not None and after.text.upper() == "PERCENT"
    if kind == TokenType.GROUP_BY:
        return bool(follows == TokenType.ALL and _alone(sql, after))
    if kind == TokenType.ORDER_BY:
        return bool(follows == TokenType.ALL)
    if kind == TokenType.DISTINCT:
        return bool(follows == TokenType.ON)
    if kind == TokenType.STAR:
        return (
            after is not None
            and after.text.upper() in ("EXCLUDE", "EXCEPT", "REPLACE")
            and (
                sql[after.end + 1 :].lstrip()[:1] == "(" and "SELECT" not in sql[after.end + 1 :][:12].upper()
            )
        )
    if kind == TokenType.FROM:
        return before is None
    if kind == TokenType.STRING and before and before.token_type == TokenType.STRING:
        return True
    if kind == TokenType.STRING:
        return sql[token.start] != "'" and sql[token.start : token.start + 2].upper() not in ("U&", "X'")
    if kind in (TokenType.SEMI, TokenType.ANTI):
        return bool(follows == TokenType.JOIN)
    if kind == TokenType.INTERVAL:
        return follows in (TokenType.NUMBER, TokenType.L_PAREN) and sql[token.end + 1 :][:1] == " "
    return kind == TokenType.COMMA and follows in (TokenType.FROM, TokenType.R_PAREN, None)


def _ends_a_value(token: Token) -> bool:
    if token.token_type in (TokenType.IDENTIFIER, TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.STRING):
        return True
    return token.text.isidentifier() and token.text.lower() not in _BEFORE_A_VALUE


def _alone(sql: str, token: Token | None) -> bool:
    """Whether GROUP BY ALL has nothing behind it that is grouped by."""
    rest = sql[token.end + 1 :].lstrip() if token else ""
    return (
        not rest
        or rest[0] in "),;"
        or rest.split(maxsplit=1)[0].upper() in ("ORDER", "HAVING", "LIMIT", "UNION")
    )


def require_query(tree: exp.Expression, what: str) -> None:
    """Refuse the clauses of a query that nothing here answers."""
    for name in (
        "locks",
        "sample",
        "match",
        "qualify",
        "cluster",
        "distribute",
        "sort",
        "connect",
        "into",
        "hint",
    ):
        if tree.args.get(name):
            raise unsupported(f"{name.upper()} in {what}")
