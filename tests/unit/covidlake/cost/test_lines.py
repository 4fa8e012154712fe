"""Lines show their arithmetic and add up."""

from __future__ import annotations

from dataclasses import replace

import pytest

from covidlake.cost import lines, prices
from covidlake.cost.lines import Cost, Line

DPU = prices.load("us-east-1")["glue_dpu_hour"]


def test_a_line_shows_its_arithmetic() -> None:
    line = Line("job run", 2 * 90 / 3600, DPU, "2 DPU x 90 s / 3,600")
    assert line.usd == pytest.approx(0.022)  # 0.05 x 0.44
    assert line.arithmetic == "2 DPU x 90 s / 3,600 = 0.05 DPU-hours x $0.44 = $0.022"
    assert line.marks == ""


def test_what_is_assumed_is_marked() -> None:
    line = Line("job run", 1, replace(DPU, confirmed=False), estimated=True)
    assert line.marks == "(estimated, price not confirmed for this region)"
    assert (line.to_json()["estimated"], line.to_json()["price_confirmed"]) == (True, False)


def test_lines_of_one_price_become_one() -> None:
    other = prices.load("us-east-1")["lambda_request"]
    found = lines.summed([Line("job run: a", 1, DPU), Line("job run: b", 2, DPU), Line("calls", 5, other)])
    assert [(one.what, one.usage) for one in found] == [("job run", 3), ("calls", 5)]
    assert found[0].arithmetic == "2 lines = 3 DPU-hours x $0.44 = $1.32"


def test_a_line_of_several_says_what_it_is_of() -> None:
    def what(*names: str) -> str:
        (found,) = lines.summed([Line(name, 1, DPU) for name in names])
        return found.what

    assert what("watch", "functions", "watch") == "watch, functions"
    assert what("a", "b", "c", "d", "e") == "a, b, c and 2 more"


def test_a_cost_says_which_service_is_the_dearest() -> None:
    cost = Cost("run", "us-east-1", "2026-11-28", (Line("a", 1, DPU), Line("b", 1, DPU)))
    assert cost.by_service() == {"Glue": pytest.approx(0.88)}
    assert cost.to_json()["usd"] == pytest.approx(0.88)


@pytest.mark.parametrize(
    ("usd", "text"),
    [
        (0, "$0"),
        (0.0146667, "$0.0147"),
        (0.00003, "$0.00003"),
        (1234.5, "$1,234.50"),
        (-2, "-$2.00"),
        (1e-12, "$0"),
    ],
)
def test_dollars_keep_the_digits_that_mean_something(usd: float, text: str) -> None:
    assert lines.dollars(usd) == text


@pytest.mark.parametrize(
    ("value", "text"), [(27, "27"), (0.05, "0.05"), (3.00257, "3.003"), (0.00006, "0.00006")]
)
def test_numbers_never_turn_into_powers(value: float, text: str) -> None:
    assert lines.number(value) == text
