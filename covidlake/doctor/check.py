"""One finding of doctor, and what an examination is given and answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from covidlake.ship.bootstrap.repository import Repository

Status = Literal["OK", "FAIL", "SKIP"]


@dataclass(frozen=True)
class Check:
    """One link of the chain: what was found and, for a failing one, what to do about it."""

    name: str
    status: Status
    found: str
    hint: str = ""


@dataclass(frozen=True)
class Subject:
    """What is examined; without a repository, doctor expects the one that the bootstrap stack names."""

    environment: str
    repository: Repository | None = None

    @property
    def bootstrapped(self) -> str:
        """The environment that is bootstrapped: all its pipelines share the roles."""
        return self.environment.rpartition("/")[2]


Examination = Callable[[Subject], Iterator[Check]]


def ok(name: str, found: str) -> Check:
    return Check(name, "OK", found)


def fail(name: str, found: str, hint: str) -> Check:
    return Check(name, "FAIL", found, hint)


def skip(name: str, found: str) -> Check:
    return Check(name, "SKIP", found)


def line(check: Check) -> str:
    """`OK    name: found`; for a failing one also what to do."""
    hint = f" -> {check.hint}" if check.hint else ""
    return f"{check.status:<4}  {check.name}: {check.found}{hint}"
