"""Which tables a JDBC target names."""

from __future__ import annotations

import pytest

from localcloud.glue.crawlers.database_crawl import DatabaseTarget, database_targets
from localcloud.plugin.refusals import UnsupportedError


@pytest.mark.parametrize(
    ("path", "included"),
    [
        ("shop/sales/%", True),
        ("shop/%", True),
        ("%", True),
        ("/shop/sales/orders/", True),
        ("shop/sales/ord%", True),
        ("shop/%/orders", True),
        ("shop/sales", False),
        ("shop/sales/order", False),
        ("shop/sales/o*", False),
        ("shop/Sales/%", False),
        ("shop/sales/orders/x", False),
    ],
)
def test_a_path_names_a_table(path: str, included: bool) -> None:
    assert DatabaseTarget("c", path, ()).includes("shop", "sales", "orders") is included


@pytest.mark.parametrize("exclusion", ["orders", "ord%", "o*", "sales/orders", "shop/sales/*", "{orders,x}"])
def test_an_exclusion_takes_a_table_out(exclusion: str) -> None:
    assert not DatabaseTarget("c", "shop/%", (exclusion,)).includes("shop", "sales", "orders")


def test_an_option_that_nothing_acts_on_is_refused() -> None:
    target = {"ConnectionName": "c", "Path": "shop/%", "EnableAdditionalMetadata": ["COMMENTS"]}
    with pytest.raises(UnsupportedError, match="EnableAdditionalMetadata"):
        database_targets({"JdbcTargets": [target]})
