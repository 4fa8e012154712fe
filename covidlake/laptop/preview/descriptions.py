"""What the descriptions of a ref say, asked for in a process of its own: it is that ref's code that runs."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from covidlake.base import json_text
from covidlake.base.errors import DataSetError
from covidlake.base.text import printable, shorten

SCRIPT = Path(__file__).with_name("describe_script.py")
SECONDS = 60.0
WITHOUT_EFFECT = ("description", "charts", "queries")  # on what a run does
SIMILAR = 0.8  # share of the columns that a renamed data set keeps


@dataclass(frozen=True)
class Described:
    """One data set; `problem` is why it cannot be loaded, and then the rest is empty."""

    name: str
    problem: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, ...]:
        return tuple(self.facts.get("key", ()))

    @property
    def columns(self) -> dict[str, str]:
        return dict(self.facts.get("columns", {}))

    @property
    def rules(self) -> dict[str, dict[str, Any]]:
        return dict(self.facts.get("rules", {}))

    @property
    def queries(self) -> dict[str, str]:
        return dict(self.facts.get("queries", {}))

    @property
    def limits(self) -> dict[str, float]:
        return dict(self.facts.get("limits", {}))

    @property
    def judged(self) -> dict[str, Any]:
        """What decides which rows there are and how they are judged."""
        whole = self.facts.get("whole", {})
        return {name: value for name, value in whole.items() if name not in WITHOUT_EFFECT}

    def keys_of_tables(self) -> dict[str, tuple[str, ...]]:
        """Each table whose rows can be compared, and the columns that find a row again."""
        unnested = {one["name"]: tuple(one["key"]) for one in self.facts.get("unnested", ())}
        return {self.name: self.key, **unnested} if self.facts else {}

    @property
    def history(self) -> str:
        """The name of its table of superseded rows; empty without one."""
        return f"{self.name}_history" if self.facts.get("history") else ""


@dataclass(frozen=True)
class DescribedTables:
    """The second pipeline: `arguments` that each job takes, what each table's description says.

    `problem` is why one of them cannot be loaded, and then the rest is empty.
    """

    arguments: Mapping[str, Sequence[str]] = field(default_factory=dict)
    tables: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    problem: str = ""

    @property
    def judged(self) -> dict[str, dict[str, Any]]:
        """What decides which rows there are."""
        return {
            name: {key: value for key, value in one.items() if key not in WITHOUT_EFFECT}
            for name, one in self.tables.items()
        }


@dataclass(frozen=True)
class Descriptions:
    """`arguments` are the names that the ref's job takes; `problem` is why nothing could be loaded at all.

    `segmentation` is None for a ref that has no second pipeline.
    """

    data_sets: dict[str, Described]
    arguments: tuple[str, ...] = ()
    problem: str = ""
    segmentation: DescribedTables | None = None


def of(jobs: Path) -> Descriptions:
    """The descriptions of a folder `jobs`. Raises `DataSetError` where the process does not end well."""
    with tempfile.TemporaryDirectory(prefix="preview-") as scratch:
        output = Path(scratch, "described.json")
        command = [sys.executable, "-I", "-B", str(SCRIPT), str(jobs), str(output)]
        try:
            done = subprocess.run(
                command, cwd=scratch, env=_environment(), capture_output=True, timeout=SECONDS, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise DataSetError(f"the descriptions of {jobs} take longer than {SECONDS:.0f} s") from error
        if not output.is_file():
            said = shorten(printable(done.stderr.decode(errors="replace").strip()[-400:]), 400)
            raise DataSetError(f"the descriptions of {jobs} end the program that loads them: {said}")
        found = json_text.read(output)
    data_sets = {
        name: Described(name, facts.pop("problem"), facts) for name, facts in found["data_sets"].items()
    }
    second = DescribedTables(**found["segmentation"]) if found["segmentation"] else None
    return Descriptions(data_sets, tuple(found["arguments"]), found["problem"], second)


def _environment() -> dict[str, str]:
    """Nothing of the caller's but what a program needs to start."""
    return {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}


def renamed(base: Descriptions, head: Descriptions) -> dict[str, str]:
    """The gone data set that a new one was: of the same objects, or with most columns alike."""
    gone = [one for name, one in base.data_sets.items() if name not in head.data_sets and one.facts]
    found: dict[str, str] = {}
    for name, one in head.data_sets.items():
        if name in base.data_sets or not one.facts:
            continue
        alike = [other for other in gone if other.name not in found.values() and _is_alike(other, one)]
        if alike:  # rather one of the same objects
            alike.sort(key=lambda other: other.facts["prefix"] != one.facts["prefix"])
            found[name] = alike[0].name
    return found


def _is_alike(one: Described, other: Described) -> bool:
    mine, its = set(one.columns), set(other.columns)
    share = len(mine & its) / max(len(mine | its), 1)
    return share >= SIMILAR or (share > 0.5 and one.facts["prefix"] == other.facts["prefix"])
