"""What Athena refuses is refused with its class of error; what it takes gives the value that it gives.

The statements are in text files beside this one, by Trino's documentation, and the values worked by hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from localcloud.athena.sql.errors import QueryError
from localcloud.athena.sql.trino.analysis.special import CLAIMED_FORMS
from localcloud.athena.sql.trino.functions.catalog import CATALOG
from localcloud.athena.sql.trino.syntax import DIALECT
from rigs.trino import Engine

HERE = Path(__file__).parent


def cases(name: str) -> Iterator[tuple[str, str]]:
    """What is expected, and the statement."""
    for line in (HERE / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("# "):
            expected, _, sql = line.partition(" | ")
            yield expected, sql


REFUSED, STATEMENTS = list(cases("refused.txt")), list(cases("taken_statements.txt"))
FUNCTIONS = list(cases("taken_functions.txt"))


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    made = Engine()
    yield made
    made.connection.close()


@pytest.mark.parametrize(("code", "sql"), REFUSED, ids=[sql for _, sql in REFUSED])
def test_what_athena_refuses_is_refused(engine: Engine, code: str, sql: str) -> None:
    with pytest.raises(QueryError) as caught:
        engine.query(sql)
    assert caught.value.message.partition(":")[0] == code


@pytest.mark.parametrize(("value", "expression"), FUNCTIONS, ids=[sql for _, sql in FUNCTIONS])
def test_functions_give_the_values_of_trino(engine: Engine, value: str, expression: str) -> None:
    ((found,),) = engine.query(f"SELECT {expression}")
    assert found == {"(null)": None, "(empty)": ""}.get(value, value)


@pytest.mark.parametrize(("rows", "sql"), STATEMENTS, ids=[sql for _, sql in STATEMENTS])
def test_statements_give_the_rows_of_trino(engine: Engine, rows: str, sql: str) -> None:
    found = engine.query(sql)
    assert ";".join(",".join("(null)" if cell is None else cell for cell in row) for row in found) == rows


def test_every_claimed_function_has_a_value() -> None:
    called = {
        token.text.lower()
        for _, sql in (*FUNCTIONS, *STATEMENTS)
        for token in DIALECT.tokenize(
            sql if sql.upper().startswith(("SELECT", "VALUES", "WITH")) else f"SELECT {sql}"
        )
    }
    assert {name for name in (*CATALOG, *CLAIMED_FORMS) if name != "count_rows"} <= called


def test_there_are_as_many_as_were_asked_for() -> None:
    assert len(REFUSED) >= 200
    assert len(FUNCTIONS) + len(STATEMENTS) >= 300
