"""Refusals of the stand-in for `awsglue`: what it does not do is an error that names it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NoReturn


class NotAvailableError(Exception):
    """Raised for a part of Glue's own library that this cloud does not have."""


def refuse(what: str, hint: str = "") -> NoReturn:
    from localcloud.plugin import refusals

    advice = hint or "use a DataFrame (toDF, spark.read, DataFrame.write) for it"
    raise NotAvailableError(refusals.not_supported(f"{what} of awsglue", advice))


def refused(what: str, hint: str = "") -> Callable[..., NoReturn]:
    """A method that is refused."""

    def method(*_arguments: Any, **_named: Any) -> NoReturn:
        refuse(what, hint)

    return method


def check_options(where: str, given: Mapping[str, Any], known: set[str]) -> None:
    """An option that nothing here heeds must not look as if it were."""
    for name in given:
        if name not in known:
            refuse(f"the option {name} of {where}", "remove it, or check its spelling")


def check_thresholds(stage: int, total: int) -> None:
    """Records with errors are not kept apart here: the first one ends the run."""
    if stage or total:
        refuse("stageThreshold and totalThreshold", "the first record with an error fails the run here")
