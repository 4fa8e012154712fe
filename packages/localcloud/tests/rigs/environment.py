"""An environment of its own: the wheel of this package and, of what is installed here, what it asks for."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement

from localcloud.glue.jobs import class_data, java

PROJECT = Path(__file__).parents[2]
BUILD = "import sys; from setuptools import build_meta; print(build_meta.build_wheel(sys.argv[1]))"


class Environment:
    """A virtual environment without network: built, installed and linked from what this one has."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.bin = folder / "venv", folder / "venv" / "bin"
        run([sys.executable, "-m", "venv", "--without-pip", str(self.folder)], folder)
        pip = [sys.executable, "-m", "pip", "--python", str(self.bin / "python"), "install", "--quiet"]
        run([*pip, "--no-index", "--no-deps", str(wheel(folder))], folder)
        (site_packages,) = self.folder.glob("lib/python*/site-packages")
        (own,) = site_packages.glob("localcloud-*.dist-info")
        for found in needed(Distribution.at(own)).values():
            link(found, site_packages)

    def shell(self, script: str, folder: Path) -> subprocess.CompletedProcess[str]:
        """Run a script as a user would who has activated the environment."""
        own = {name: os.environ[name] for name in ("HOME", "LOCALCLOUD_JAVA_OPTIONS") if name in os.environ}
        # Java and Spark are the ones of here, and start as fast.
        own["LOCALCLOUD_CACHE"] = str(class_data.cache_folder())
        own[java.JDBC_JARS] = str(Path(sys.prefix) / "share" / "jdbc")
        path = f"{self.bin}{os.pathsep}/usr/bin{os.pathsep}/bin"
        return run(["/bin/sh", "-euc", script], folder, {**own, "PATH": path})


def run(
    command: list[str], folder: Path, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done


def wheel(folder: Path) -> Path:
    """Built from a copy: a build leaves folders behind."""
    source = folder / "source"
    left_out = shutil.ignore_patterns("tests", "build", "__pycache__", "*.egg-info")
    shutil.copytree(PROJECT, source, ignore=left_out)
    made = run([sys.executable, "-c", BUILD, str(folder)], source)
    return folder / made.stdout.split()[-1]


def needed(own: Distribution) -> dict[str, Distribution]:
    """The distributions that one asks for, directly and indirectly, without itself."""
    found: dict[str, Distribution] = {}
    waiting = [*requirements(own, set())]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        one = waiting.pop()
        key = (one.name.lower(), frozenset(one.extras))
        if key not in seen:
            seen.add(key)
            found[one.name.lower()] = distribution(one.name)
            waiting += requirements(found[one.name.lower()], one.extras)
    return found


def requirements(of: Distribution, extras: set[str]) -> Iterator[Requirement]:
    for text in of.requires or []:
        one = Requirement(text)
        if one.marker is None or any(one.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield one


def link(found: Distribution, folder: Path) -> None:
    """Make the files of a distribution importable from the folder."""
    for top in {file.parts[0] for file in found.files or []} - {"..", "__pycache__"}:
        target = folder / top
        if not target.exists():
            target.symlink_to(Path(str(found.locate_file(top))))
