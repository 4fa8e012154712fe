"""A sample on which two descriptions of one data set can both be tried: with the columns of both.

It is drawn by the base's description, whose objects are at the source today, and has what only the head's
names beside it. Both are given as plain facts, for the code of the base is never loaded here.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from covidlake.laptop.source import from_description, uk_sample

if TYPE_CHECKING:
    from ingestion.description.model import Description

Facts = Mapping[str, Any]
OWN = {"uk_covid": uk_sample.generate}


def generate(base: Facts | None, head: Facts | None, destination: Path) -> None:
    """Write the objects below the prefix of each of the two; None for a side that lacks the data set."""
    sides = [one for one in (base, head) if one]
    name = str(sides[0]["name"])
    if name in OWN:
        OWN[name](destination)
    else:
        from_description.generate(_joined(sides), destination)  # type: ignore[arg-type]
    first, *others = dict.fromkeys(str(one["source"]["prefix"]) for one in sides)
    for prefix in others:
        shutil.copytree(destination / first, destination / prefix, dirs_exist_ok=True)


def _joined(sides: list[Facts]) -> Description:
    """Not a checked `DataSet`: two descriptions together may break its rules."""
    from ingestion.description import Column, Expectation, NonDecreasing, Source
    from ingestion.description.model import Description

    first = sides[0]
    columns = _columns(sides)
    falling = [
        NonDecreasing(one["column"], tuple(one["by"]), one["order"])
        for one in first["rules"]
        if {"column", "by", "order"} <= set(one)
    ]
    return Description(
        name=str(first["name"]),
        description="",
        source=Source(**_known(Source, first["source"])),
        columns=tuple(Column(**_known(Column, one)) for one in columns),
        key=tuple(first["key"]),
        queries=(),
        expectations=tuple(Expectation(**_known(Expectation, one)) for one in first["expectations"]),
        rules=tuple(falling),
    )


def _columns(sides: Iterable[Facts]) -> list[dict[str, Any]]:
    """Of a field that both have, the first; names and aliases tell."""
    found: list[dict[str, Any]] = []
    for side in sides:
        known = {name for one in found for name in (one["name"], *one.get("aliases", ()))}
        found += [one for one in side["columns"] if not known & {one["name"], *one.get("aliases", ())}]
    return found


def _known(kind: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    """What this code knows of the facts; lists are tuples there."""
    names = {one.name for one in fields(kind)}
    return {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in given.items()
        if name in names
    }
