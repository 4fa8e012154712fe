"""A second start of a day finds the first."""

from __future__ import annotations

import re

import pytest

from covidlake.base.errors import IngestionError
from covidlake.run import execution_name

DEFAULT = {"mode": "incremental"}


def test_a_second_start_of_a_day_has_the_name_of_the_first() -> None:
    for status in (None, "RUNNING", "SUCCEEDED"):
        name = execution_name.daily(DEFAULT, lambda _, status=status: status)  # type: ignore[misc]
        assert re.fullmatch(r"ingest-\d{4}-\d{2}-\d{2}", name)


def test_another_request_has_another_name() -> None:
    names = {execution_name.daily(request, lambda _: None) for request in (DEFAULT, {"mode": "full"})}
    assert len(names) == 2


def test_what_failed_is_tried_under_a_further_name() -> None:
    known = dict(zip(("", "-2", "-3"), ("FAILED", "TIMED_OUT", "ABORTED"), strict=True))
    name = execution_name.daily(DEFAULT, lambda tried: known.get(tried[len("ingest-2026-11-26") :]))
    assert name.endswith("-4")
    with pytest.raises(IngestionError, match="20 attempts failed today"):
        execution_name.daily(DEFAULT, lambda _: "FAILED")
