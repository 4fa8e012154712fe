"""A check is one line, with a hint where it fails."""

from __future__ import annotations

from covidlake.doctor.check import Check, line


def test_a_check_is_one_line_with_its_hint() -> None:
    assert line(Check("job", "OK", "x")) == "OK    job: x"
    assert line(Check("job", "FAIL", "x", "do y")) == "FAIL  job: x -> do y"
