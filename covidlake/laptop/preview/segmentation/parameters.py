"""The parameters of both refs' environments that decide which segments there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from covidlake.environment import environment_file

PIPELINE = "segmentation"
# What becomes of gone customers shows in the database alone, and only where some have gone.
DECIDING = ("Tables", "Segments", "MinSegments", "MaxSegments")
FIRST = f"{PIPELINE}/dev"
Parameters = Mapping[str, str]


@dataclass(frozen=True)
class Asked:
    """The parameters of an environment on both sides; None for a side that has no such environment.

    `names` are all the environments with these parameters.
    """

    names: tuple[str, ...]
    base: Parameters | None
    head: Parameters | None

    @property
    def differences(self) -> list[str]:
        """Each parameter that decides and differs, with both values."""
        if self.base is None or self.head is None:
            return []
        return [
            f"{name} {self.base.get(name, 'none')} → {self.head.get(name, 'none')}"
            for name in DECIDING
            if self.base.get(name) != self.head.get(name)
        ]


def of(environments: Path) -> dict[str, Parameters]:
    """Each environment of the pipeline. Raises `EnvironmentFileError` for a file that cannot be read."""
    found = [name for name in environment_file.names(environments) if name.startswith(f"{PIPELINE}/")]
    return {name: environment_file.load(name, environments).parameters for name in found}


def asked(base: Mapping[str, Parameters], head: Mapping[str, Parameters]) -> list[Asked]:
    """Those whose parameters differ, each pair of values once; else the first environment's, or none.

    An environment that only one side has is nothing to compare, where both sides have others. Where the sides
    share none, the first of each stand for them, under the head's name.
    """
    if base and head and not _common(base, head):
        then, now = (min(side, key=_first) for side in (base, head))
        return [Asked((now,), base[then], head[now])]
    known = sorted(_common(base, head) or {*base, *head})
    found: dict[object, Asked] = {}
    for name in known:
        one = Asked((name,), base.get(name), head.get(name))
        key = _deciding(one.base), _deciding(one.head)
        if one.differences and key in found:
            found[key] = Asked((*found[key].names, name), one.base, one.head)
        elif one.differences:
            found[key] = one
    if found:
        return list(found.values())
    return [Asked((name,), base.get(name), head.get(name)) for name in sorted(known, key=_first)[:1]]


def left_out(base: Mapping[str, Parameters], head: Mapping[str, Parameters], ran: list[Asked]) -> list[str]:
    """Each environment with whose parameters nothing runs, though they may give other segments."""
    covered = {_deciding(side) for one in ran for side in (one.base, one.head)}
    found = []
    for name in sorted({*base, *head} - {name for one in ran for name in one.names}):
        if base and head and not (name in base and name in head):
            found.append(f"environment {name} is {'new' if name in head else 'gone'}: nothing ran with it")
        elif ran and _deciding(head.get(name, base.get(name))) not in covered:
            others = ", ".join(other for one in ran for other in one.names)
            found.append(f"nothing ran with the parameters of {name}, which are not those of {others}")
    return found


def _common(base: Mapping[str, Parameters], head: Mapping[str, Parameters]) -> set[str]:
    return {*base} & {*head}


def _deciding(side: Parameters | None) -> tuple[str | None, ...]:
    return tuple((side or {}).get(name) for name in DECIDING)


def _first(name: str) -> tuple[bool, str]:
    return name != FIRST, name
