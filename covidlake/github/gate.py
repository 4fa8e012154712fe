"""`covidlake gate`: the one required check. Every job that an event needs must have succeeded."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from covidlake.base import json_text
from covidlake.base.errors import GateError

RED = {"failure", "cancelled"}


@dataclass(frozen=True)
class Verdict:
    """A job's result, and what is wrong with it; empty when it is good."""

    job: str
    result: str
    problem: str = ""


def event_kind() -> str:
    """`pull_request`, `fork` (a pull request from elsewhere), or the event's own name."""
    name = os.environ.get("GITHUB_EVENT_NAME", "")
    if name != "pull_request":
        return name
    path = os.environ.get("GITHUB_EVENT_PATH", "")
    try:
        head = json_text.read(Path(path))["pull_request"]["head"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise GateError(f"GITHUB_EVENT_PATH {path!r}: no pull request is described there") from error
    source = (head.get("repo") or {}).get("full_name")  # a fork that was deleted has no repository
    return "pull_request" if source == os.environ.get("GITHUB_REPOSITORY") else "fork"


def needs() -> dict[str, str]:
    """The result of each job in NEEDS, which holds GitHub's `toJSON(needs)`.

    Raises `GateError` when it holds something else.
    """
    try:
        given: Any = json_text.parse(os.environ.get("NEEDS", ""))
        return {job: str(entry["result"]) for job, entry in given.items()}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise GateError("NEEDS does not hold toJSON(needs): give it to the step") from error


def judge(
    results: Mapping[str, str], kind: str, must: Mapping[str, Sequence[str]], may_skip: Sequence[str]
) -> list[Verdict]:
    """Judge each job: `must` maps an event (or `always`) to the jobs that have to succeed in it.

    Raises `GateError` for a job that no option names, and for a named one that the gate does not wait for:
    otherwise it could be forgotten.
    """
    named = {job for jobs in must.values() for job in jobs} | set(may_skip)
    if forgotten := sorted(set(results) ^ named):
        raise GateError(f"job {forgotten[0]!r} is in only one of NEEDS and the options: name it in both")
    required = {*must.get("always", ()), *must.get(kind, ())}
    return [Verdict(job, result, _problem(job, result, required)) for job, result in results.items()]


def _problem(job: str, result: str, required: set[str]) -> str:
    if result in RED:
        return f"it ended in {result}"
    if job in required and result != "success":
        return f"it was {result}, and this event needs it"
    return ""


def check(verdicts: Sequence[Verdict]) -> None:
    """Raise `GateError` that names the jobs with a problem."""
    if red := [f"{verdict.job}: {verdict.problem}" for verdict in verdicts if verdict.problem]:
        raise GateError(f"the gate is red: {'; '.join(red)}: see their logs")
