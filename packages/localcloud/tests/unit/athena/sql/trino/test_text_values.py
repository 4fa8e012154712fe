"""Values as Athena writes them into results, and the types that it shows for them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from localcloud.athena.sql.trino.text_values import column_type, text, writer
from localcloud.athena.sql.trino.types import Type, parse_type


def of(written: str) -> Type:
    kind = parse_type(written)
    assert kind is not None
    return kind


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (1.5, "1.5"),
        (1e7, "1.0E7"),
        (9999999.0, "9999999.0"),
        (1.25e-5, "1.25E-5"),
        (0.0, "0.0"),
        (float("inf"), "Infinity"),
        (float("nan"), "NaN"),
        (True, "true"),
        (b"\x0a\xff", "0a ff"),
        (Decimal("0.00000000001"), "0.00000000001"),
        (None, None),
    ],
)
def test_values_as_athena_writes_them(value: Any, written: str | None) -> None:
    assert text(value) == written


def test_a_real_has_no_more_digits_than_it_needs() -> None:
    assert writer(of("real"))(1.2345000505447388) == "1.2345"


def test_rows_are_written_with_the_names_of_their_type() -> None:
    kind = of("array(row(age varchar, n integer))")
    assert writer(kind)([{"Age": "a", "N": None}]) == "[{age=a, n=null}]"
    assert writer(of("map(varchar, integer)"))({"k": 1}) == "{k=1}"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("decimal(10,1)", ("decimal", 10, 1)),
        ("varchar(10)", ("varchar", 10, 0)),
        ("varchar", ("varchar", 2147483647, 0)),
        ("real", ("float", 17, 0)),
        ("timestamp(0)", ("timestamp", 3, 0)),
        ("array(integer)", ("array", 0, 0)),
    ],
)
def test_types_as_results_show_them(written: str, shown: tuple[str, int, int]) -> None:
    assert column_type(of(written)) == shown
