"""One time limit for everything that a command waits for."""

from __future__ import annotations

import time

import pytest

from covidlake.base.clock import Clock


def test_time_that_passed_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "monotonic", lambda: 1000.0)
    clock = Clock(10.0)
    assert clock.left() == 10.0
    monkeypatch.setattr(time, "monotonic", lambda: 1000.0 + 90)
    assert clock.left() == 8.5


def test_nothing_is_left_after_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(1.0, started=0.0)
    monkeypatch.setattr(time, "monotonic", lambda: 3600.0)
    assert clock.left() == 0.0
