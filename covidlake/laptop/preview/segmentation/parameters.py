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
    """Those whose parameters differ, each pair of values once; else the first environment's, or none."""
    found: dict[object, Asked] = {}
    for name in sorted({*base, *head}):
        one = Asked((name,), base.get(name), head.get(name))
        key = tuple((side or {}).get(what) for side in (one.base, one.head) for what in DECIDING)
        if one.differences and key in found:
            found[key] = Asked((*found[key].names, name), one.base, one.head)
        elif one.differences:
            found[key] = one
    if found:
        return list(found.values())
    names = sorted({*base, *head}, key=lambda name: (name != FIRST, name))
    return [Asked((name,), base.get(name), head.get(name)) for name in names[:1]]
