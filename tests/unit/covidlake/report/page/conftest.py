"""Executions of each kind, as they were recorded on the local cloud: see tests/recorded_executions.py."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from covidlake.report.page.collected import Collected
from covidlake.report.page.facts import Facts, facts
from tests import recorded_executions

HOSTILE = recorded_executions.HOSTILE + " \u202e‮ ]]> --> </style> {{ 7*7 }} ```"


@cache
def collected(name: str) -> Collected:
    return recorded_executions.read(name)


@cache
def facts_of(name: str) -> Facts:
    return facts(collected(name))


@pytest.fixture
def recorded() -> Callable[[str], Collected]:
    return collected


@pytest.fixture
def told() -> Callable[[str], Facts]:
    """The facts of a recording."""
    return facts_of


def poisoned(value: Any, text: str) -> Any:
    """The value with the text in place of every text that is prose: not of times, kinds, names of columns."""
    prose = {
        "cause",
        "error",
        "example",
        "findings",
        "text",
        "object",
        "reason",
        "dataset",
        "rule",
        "why",
        "input",
    }
    if isinstance(value, dict):
        return {
            key: text if key in prose and isinstance(one, str) else poisoned(one, text)
            for key, one in value.items()
        }
    return [poisoned(one, text) for one in value] if isinstance(value, list) else value


@pytest.fixture(params=[HOSTILE, "x" * 1_000_000], ids=["hostile", "megabyte"])
def poison(request: pytest.FixtureRequest) -> tuple[str, Facts]:
    """A text that means harm, and the facts of a failed execution that are full of it."""
    return str(request.param), full_of(str(request.param))


def full_of(text: str) -> Facts:
    """The facts of a failed execution that say nothing but the text."""
    from dataclasses import asdict, replace

    from covidlake.report.page.collected import Gap

    content = poisoned(asdict(collected("failed")), text)
    content["execution"] |= {"error": text, "cause": text}
    content["charts"] = [
        one
        | {
            "title": text[:200],
            "rows": [
                [text if cell and not cell[0].isdigit() else cell for cell in row] for row in one["rows"]
            ],
        }
        for one in content["charts"]
    ]
    made = Collected(**content | {"gaps": [Gap(text, text)]})
    return facts(replace(made, environment="dev"))
