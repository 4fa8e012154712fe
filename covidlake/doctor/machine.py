"""What doctor examines on this machine: Python, the pinned packages, the parameter file."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from covidlake.base import project
from covidlake.doctor.check import Check, Subject, fail, ok
from covidlake.environment import environment_file, environment_names
from covidlake.environment.pipeline_environment import PipelineEnvironment

PINS = tuple(project.ROOT / "requirements" / name for name in ("tool.txt", "sdk.txt"))
PYTHONS = ((3, 11), (3, 12), (3, 13), (3, 14))
MOST_SHOWN = 3
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)\s*(;[^\\]*)?")


def python(_: Subject) -> Iterator[Check]:
    found = sys.version.split()[0]
    if sys.version_info[:2] in PYTHONS:
        yield ok("python", found)
    else:
        yield fail("python", found, "install Python 3.11 to 3.14 and run: make install")


def packages(_: Subject) -> Iterator[Check]:
    pinned = {name: versions for path in PINS for name, versions in pins(path).items()}
    wrong = [
        f"{name} {found or 'missing'}, pinned {' or '.join(sorted(filter(None, versions)))}"
        for name, versions in sorted(pinned.items())
        if (found := _installed(name)) not in versions
    ]
    if not wrong:
        yield ok("packages", f"{len(pinned)} as {project.relative(PINS[0])} pins them")
        return
    more = f" and {len(wrong) - MOST_SHOWN} more" if len(wrong) > MOST_SHOWN else ""
    yield fail("packages", "; ".join(wrong[:MOST_SHOWN]) + more, "make install")


def pins(path: Path) -> dict[str, set[str | None]]:
    """The versions that each package may have; None among them when other machines only may need it."""
    found: dict[str, set[str | None]] = {}
    for text in path.read_text(encoding="utf-8").splitlines():
        if match := _PIN.match(text):
            found.setdefault(match[1], set()).update([match[2], *([None] if match[3] else [])])
    return found


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def parameter_file(subject: Subject) -> Iterator[Check]:
    from covidlake.bundle.template import local_template

    environment = environment_file.load(subject.environment)
    names = environment_file.names(project.ENVIRONMENTS)
    environment_names.check_files(PipelineEnvironment.parse(name).path() for name in names)
    template = json.loads(local_template(environment.of.pipeline))
    shown = project.relative(environment.path)
    if problems := environment_file.find_problems(environment, template):
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        yield fail("parameter file", problems[0] + more, f"correct {shown}")
    else:
        yield ok("parameter file", f"{shown}: {len(environment.parameters)} parameters fit the template")


EXAMINATIONS = (python, packages, parameter_file)
