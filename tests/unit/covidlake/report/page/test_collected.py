"""What was collected, in a file and back."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from covidlake.base.errors import ReportError
from covidlake.report.page.collected import Collected
from tests import recorded_executions


def test_a_file_gives_back_what_was_written(recorded: Callable[[str], Collected]) -> None:
    one = recorded("failed")
    assert Collected.from_json(one.as_json()) == one
    assert (one.name, one.status) == ("failed", "FAILED")


def test_another_version_is_refused(recorded: Callable[[str], Collected]) -> None:
    content = json.loads(recorded("failed").as_json())
    with pytest.raises(ReportError, match="version 0 of what was collected: collect it again"):
        Collected.from_json(json.dumps(content | {"version": 0}))


def test_every_kind_of_end_is_recorded() -> None:
    kinds = {name: recorded_executions.read(name).status for name in recorded_executions.names()}
    assert list(kinds) == sorted({**recorded_executions.RECORDINGS, **recorded_executions.OF_SEGMENTATION})
    assert set(kinds.values()) == {"SUCCEEDED", "FAILED", "RUNNING", "ABORTED", "TIMED_OUT"}
