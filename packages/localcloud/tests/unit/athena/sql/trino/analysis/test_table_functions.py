"""TABLE(...) in FROM."""

from __future__ import annotations

import pytest

from localcloud.athena.sql.errors import QueryError
from rigs.trino import Engine


def test_a_long_sequence_needs_no_memory_for_all_of_its_rows() -> None:
    engine = Engine()
    engine.connection.execute("SET memory_limit = '200MB'")
    engine.connection.execute("SET max_temp_directory_size = '0MB'")
    assert engine.query("SELECT count(*) FROM TABLE(sequence(1, 100000000))") == [["100000000"]]


def test_a_sequence_counts_down_and_to_the_ends_of_its_type() -> None:
    engine = Engine()
    assert engine.query("SELECT x FROM TABLE(sequence(7, 1, -3)) t(x)") == [["7"], ["4"], ["1"]]
    last = 2**63 - 1
    counted = f"SELECT count(*), max(n) FROM TABLE(sequence({last - 2}, {last}, 2)) t(n)"  # noqa: S608
    assert engine.query(counted) == [["2", str(last)]]


@pytest.mark.parametrize("bounds", ["9223372036854775807, 9223372036854775808", "-9223372036854775809, 1"])
def test_a_bound_beyond_bigint_is_no_number(bounds: str) -> None:
    with pytest.raises(QueryError, match=r"SYNTAX_ERROR: .*Invalid numeric literal: 922337203685477580[89]"):
        Engine().query(f"SELECT * FROM TABLE(sequence({bounds}))")  # noqa: S608
