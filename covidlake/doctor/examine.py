"""`covidlake doctor`: the whole chain from this machine to a running ingestion, one line for each link."""

from __future__ import annotations

from collections.abc import Iterator

from covidlake.aws.errors import from_aws
from covidlake.base.errors import CovidLakeError
from covidlake.doctor import account, github, identity, machine, stack
from covidlake.doctor.check import Check, Examination, Subject, fail, skip
from covidlake.ship.bootstrap.repository import Repository


def checks(environment: str, repository: Repository | None = None) -> Iterator[Check]:
    """Each check as it is made. Without credentials or a region, nothing further can be asked.

    A check that cannot be made, for want of a right for instance, does not stop the others.
    """
    subject = Subject(environment, repository)
    for examine in machine.EXAMINATIONS:
        yield from _examined(examine, subject)
    failed = False
    for check in _examined(account.caller, subject):
        failed = failed or check.status == "FAIL"
        yield check
    if failed:
        yield skip("everything else", "not asked without credentials and a region")
        return
    for examine in (
        *account.EXAMINATIONS,
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
