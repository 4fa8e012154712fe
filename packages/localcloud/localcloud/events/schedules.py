"""Schedules of rules: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

_RATE = re.compile(r"rate\(([1-9][0-9]*) (minute|hour|day)(s?)\)")
_CRON = re.compile(r"cron\(\S+( \S+){5}\)")
# Of what ministack reads of a cron: where it is, and its bounds. It checks the rest and no bounds.
_BOUNDS = {0: (0, 59), 1: (0, 23), 3: (1, 12), 5: (1970, 2199)}
_DAYS = {2: (1, 31), 4: (1, 7)}


def is_valid(expression: str, parse_cron: Callable[[str], Sequence[Any] | None]) -> bool:
    """Whether EventBridge takes a schedule; `parse_cron` is ministack's reader of `cron(...)`."""
    if rate := _RATE.fullmatch(expression):
        return (rate[1] == "1") != bool(rate[3])
    if not _CRON.fullmatch(expression):
        return False
    texts = expression.removeprefix("cron(").removesuffix(")").split(" ")
    if (texts[2] == "?") == (texts[4] == "?") or any("?" in texts[index] for index in _BOUNDS):
        return False
    steps = _BOUNDS | _DAYS
    if not all(_steps_fit(text, steps[index][1]) for index, text in enumerate(texts)):
        return False
    fields = parse_cron(expression)
    if fields is None:
        return False
    numbers = {index: fields[index] for index in _BOUNDS}
    numbers |= {index: fields[index]["days"] for index in _DAYS}
    return all(_within(numbers[index], *bounds) for index, bounds in (_BOUNDS | _DAYS).items())


def _steps_fit(field: str, high: int) -> bool:
    return all(0 < int(step) <= high for step in re.findall(r"/(\d+)", field))


def _within(numbers: Any, low: int, high: int) -> bool:
    return numbers is None or all(low <= number <= high for number in numbers)
