"""The words of a statement: which are keywords to Trino, and where."""

from __future__ import annotations

from typing import ClassVar

from sqlglot.dialects.trino import Trino
from sqlglot.tokens import Token, TokenType

NO_KEYWORDS = {
    "ASOF", "DIV", "GLOB", "GRANT", "ILIKE", "ISNULL", "MATCH_RECOGNIZE", "NOTNULL", "PARTITIONED_BY",
    "PIVOT", "REGEXP", "RETURNING", "REVOKE", "RLIKE", "ROLLBACK", "STRAIGHT_JOIN", "UNCACHE", "UNPIVOT",
    "XOR",
}  # fmt: skip
"""Keywords to sqlglot, in Trino names like any other: in the place of an operator they are not understood."""
KEYWORD_BEFORE = {
    TokenType.ANY: ("(",),
    TokenType.FETCH: ("FIRST", "NEXT"),
    TokenType.LATERAL: ("(",),
    TokenType.TABLE_SAMPLE: ("BERNOULLI", "SYSTEM"),
}
"""Words that are names in Trino, too, unless one of these stands behind them."""


class Tokenizer(Trino.Tokenizer):  # type: ignore[misc] # sqlglot is not typed for us
    """sqlglot's words of Trino without those that it has from other dialects."""

    KEYWORDS: ClassVar[dict[str, TokenType]] = {
        word: kind for word, kind in Trino.Tokenizer.KEYWORDS.items() if word not in NO_KEYWORDS
    }


def with_names(tokens: list[Token]) -> list[Token]:
    """The tokens, where a word that is a keyword in some places only is a name in the others."""
    after = [token.text.upper() for token in tokens[1:]] + [""]
    return [_named(token, follows) for token, follows in zip(tokens, after, strict=True)]


def _named(token: Token, follows: str) -> Token:
    wanted = KEYWORD_BEFORE.get(token.token_type)
    if wanted is None or follows in wanted:
        return token
    name = token.text.lower()
    return Token(TokenType.IDENTIFIER, name, token.line, token.col, token.start, token.end)
