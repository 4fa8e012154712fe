"""`covidlake doctor`: the whole chain from this machine to a running ingestion, one line for each link."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from covidlake.base.errors import CovidLakeError, from_aws
from covidlake.ship.bootstrap.repository import Repository

Status = Literal["OK", "FAIL", "SKIP"]


@dataclass(frozen=True)
class Check:
    """One link of the chain: what was found, and for a failing one what to do about it."""

    name: str
    status: Status
    found: str
    cure: str = ""


@dataclass(frozen=True)
class Subject:
    """What is examined; without a repository, the one that the bootstrap stack names is expected."""

    environment: str
    repository: Repository | None = None


Examination = Callable[[Subject], Iterator[Check]]


def ok(name: str, found: str) -> Check:
    return Check(name, "OK", found)


def fail(name: str, found: str, cure: str) -> Check:
    return Check(name, "FAIL", found, cure)


def skip(name: str, found: str) -> Check:
    return Check(name, "SKIP", found)


def checks(environment: str, repository: Repository | None = None) -> Iterator[Check]:
    """Each check as it is made; without credentials or a region nothing further can be asked.

    One check that cannot be made, for want of a right for instance, does not keep the others from it.
    """
    from covidlake.doctor import access, github, identity, machine, stack

    subject = Subject(environment, repository)
    for examine in machine.EXAMINATIONS:
        yield from _examined(examine, subject)
    failed = False
    for check in _examined(access.caller, subject):
        failed = failed or check.status == "FAIL"
        yield check
    if failed:
        yield skip("everything else", "not asked without credentials and a region")
        return
    for examine in (
        *access.EXAMINATIONS,
        *identity.EXAMINATIONS,
        *github.EXAMINATIONS,
        *stack.EXAMINATIONS,
    ):
        yield from _examined(examine, subject)


def _examined(examine: Examination, subject: Subject) -> Iterator[Check]:
    """The checks of an examination; an error of ours or of AWS ends it as one failing check."""
    try:
        yield from examine(subject)
    except Exception as error:
        known = error if isinstance(error, CovidLakeError) else from_aws(error)
        if known is None:
            raise
        name = examine.__name__.replace("_", " ")
        yield fail(name, str(known), "see the message; a missing right needs other credentials")


def line(check: Check) -> str:
    """`OK    name: found`, and for a failing one what to do."""
    cure = f" -> {check.cure}" if check.cure else ""
    return f"{check.status:<4}  {check.name}: {check.found}{cure}"
