"""The file of prices is whole, dated and sourced, and guesses nothing."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from covidlake.base.errors import PriceError
from covidlake.cost import prices

CONTENT: dict[str, Any] = json.loads(prices.FILE.read_text(encoding="utf-8"))
EXPECTED = ["eu-central-1", "eu-west-1", "us-east-1", "us-east-2", "us-west-2"]


def test_each_region_has_every_price() -> None:
    assert prices.regions() == EXPECTED
    assert date.fromisoformat(CONTENT["date"]) <= date(2026, 11, 28)


@pytest.mark.parametrize("name", CONTENT["prices"])
def test_each_price_names_where_it_comes_from(name: str) -> None:
    one = CONTENT["prices"][name]
    assert one["source"].startswith("https://aws.amazon.com/")
    assert one["seen"]
    assert set(one["confirmed"]) <= set(one["usd"])
    assert all(0 < usd < 10 for usd in one["usd"].values())


def test_an_unknown_region_is_said_and_not_guessed() -> None:
    with pytest.raises(PriceError, match=r"region ap-south-2: .* has no prices for it, only for eu-cen"):
        prices.load("ap-south-2")
    with pytest.raises(PriceError, match="no price tea in us-east-1"):
        prices.load("us-east-1")["tea"]


def test_a_price_that_no_copy_showed_is_marked() -> None:
    assert prices.load("us-east-1")["glue_flex_dpu_hour"].confirmed
    assert not prices.load("eu-west-1")["glue_flex_dpu_hour"].confirmed


def test_regions_differ() -> None:
    assert prices.load("eu-central-1")["s3_write"].usd == 0.0054 / 1_000
    assert prices.load("eu-west-1")["endpoint_hour"].usd == 0.011
