"""Words that are names to Trino and keywords to others."""

from __future__ import annotations

import pytest
from sqlglot import exp

from localcloud.athena.sql.errors import QueryError
from localcloud.athena.sql.trino.syntax import parse


@pytest.mark.parametrize(
    "word",
    ["any", "asof", "div", "fetch", "glob", "ilike", "isnull", "lateral", "match_recognize", "notnull",
     "pivot", "qualify", "regexp", "returning", "revoke", "rlike", "rollback", "tablesample", "unpivot",
     "xor"],
)  # fmt: skip
def test_a_word_that_is_none_of_trino_is_a_name_like_any_other(word: str) -> None:
    query = f"SELECT {word}, x.{word}, {word} + 1 AS {word} FROM t x WHERE {word} > x.{word} GROUP BY {word}"  # noqa: S608
    named = [one.name for one in parse(query).find_all(exp.Identifier)]
    assert named.count(word) == 7


@pytest.mark.parametrize("operator", ["DIV", "GLOB", "ILIKE", "REGEXP", "RLIKE", "XOR"])
def test_it_is_no_operator(operator: str) -> None:
    with pytest.raises(QueryError, match=f"SYNTAX_ERROR: line 1:25: mismatched input '{operator}'"):
        parse(f"SELECT a FROM t WHERE a {operator} 'b'")  # noqa: S608


def test_it_is_a_keyword_where_trino_has_one() -> None:
    where = "WHERE a = ANY (SELECT 1) AND b = 'any' FETCH FIRST 1 ROWS ONLY"
    tree = parse(f"SELECT a FROM t TABLESAMPLE BERNOULLI (9) {where}")  # noqa: S608
    assert all(tree.find(kind) for kind in (exp.Any, exp.TableSample, exp.Fetch))
    assert [one.name for one in tree.find_all(exp.Literal) if one.is_string] == ["any"]
