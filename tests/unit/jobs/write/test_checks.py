"""The last look at what was built, before it is published; without a Spark session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

import datasets
from ingestion.description import FAIL, WARN
from ingestion.description.rules import Result
from ingestion.errors import EmptyTableError, InvalidArgumentError, RuleBrokenError
from ingestion.read.rows import ACCEPTED
from ingestion.read.scan import Group, Scan
from ingestion.state.ledger import Ledger, Plan
from ingestion.state.storage import Prefix
from ingestion.write import checks
from ingestion.write.staged import Built

CODES = datasets.load("country_codes")


PLAN = Plan(False, (), ("a",), (), frozenset())
SCAN = Scan((Group("a", 0, "", ACCEPTED, "", 7, 0, frozenset()),))
BUILT = Built(CODES, SCAN)


@pytest.mark.parametrize(
    ("plan", "subset", "refused"),
    [
        ({"everything": True}, ("Country",), True),
        ({"everything": True, "partial": True}, ("Country",), False),
        ({"everything": False}, ("Country",), False),
        ({"everything": True}, (), False),
    ],
)
def test_an_area_is_unknown_only_when_everything_was_read(
    plan: Mapping[str, Any], subset: tuple[str, ...], refused: bool
) -> None:
    built = replace(BUILT, dataset=replace(CODES, subset=subset), areas_found=frozenset({"wales"}))
    checks.check_areas(("wales",), replace(PLAN, **plan), built)
    if refused:
        with pytest.raises(InvalidArgumentError, match="--areas `englnd`: no row of country_codes matches"):
            checks.check_areas(("wales", "englnd"), replace(PLAN, **plan), built)
    else:
        checks.check_areas(("wales", "englnd"), replace(PLAN, **plan), built)


def test_an_empty_table_is_not_published() -> None:
    folder = Prefix("lake", "clean/t/")
    checks.check_not_empty(folder, BUILT, Ledger(partitions={"": 1}))
    with pytest.raises(EmptyTableError, match=r"^s3://lake/clean/t/: none of 7 rows read would be left"):
        checks.check_not_empty(folder, BUILT, Ledger())


def test_only_a_broken_rule_of_severity_fail_ends_the_run() -> None:
    kept, warned = Result("unique_a", FAIL, 0), Result("fresh_date", WARN, 1, "old")
    checks.check_rules([kept, warned], "t")
    with pytest.raises(RuleBrokenError, match="rule `sums` of t is broken 2 times, as 2022: 5"):
        checks.check_rules([kept, warned, Result("sums", FAIL, 2, "2022: 5")], "t")
