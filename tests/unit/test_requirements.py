"""The lock files hold what the `.in` files ask for, however they were compiled: by lock.sh or by Dependabot.

Dependabot's uv compiles `NAME.in` with the options that it finds in the header of `NAME.txt`.
"""

from __future__ import annotations

import re

import pytest
import yaml
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.environment import ROOT

REQUIREMENTS = ROOT / "requirements"
LOCAL_CLOUD = "../packages/localcloud/requirements"
LOCKS = sorted(path.stem for path in REQUIREMENTS.glob("*.txt"))
OPTIONS = ("--universal", "--python-version 3.11", "--generate-hashes")
PLATFORMS = [
    {"sys_platform": system, "platform_machine": machine, "python_version": python}
    for system in ("linux", "darwin")
    for machine in ("x86_64", "aarch64", "arm64")
    for python in ("3.11", "3.12", "3.13", "3.14")
]


def asked(name: str) -> list[Requirement]:
    """The requirements of an `.in` file, by its path from here, and of those that it includes."""
    found: list[Requirement] = []
    for line in (REQUIREMENTS / f"{name}.in").read_text().splitlines():
        text = line.partition("#")[0].strip()
        if text.startswith("-r "):
            found += asked(text.removeprefix("-r ").removesuffix(".in"))
        elif text:
            found.append(Requirement(text))
    return found


def locked(name: str) -> list[tuple[Requirement, int]]:
    """Each locked requirement with the number of its hashes."""
    text = (REQUIREMENTS / f"{name}.txt").read_text().replace("\\\n", " ")
    lines = [line.split("--hash=") for line in text.splitlines() if line and not line.startswith("#")]
    return [(Requirement(line[0].strip()), len(line) - 1) for line in lines]


def on(platform: dict[str, str], name: str) -> dict[str, str]:
    """The one version of each package that is installed on a platform."""
    found: dict[str, str] = {}
    for requirement, _ in locked(name):
        if applies(requirement.marker, platform):
            package = canonicalize_name(requirement.name)
            assert package not in found, f"{name}.txt: {package} twice on {platform}"
            found[package] = str(requirement.specifier).removeprefix("==")
    return found


def applies(marker: Marker | None, platform: dict[str, str]) -> bool:
    full = {"os_name": "posix", "python_full_version": f"{platform['python_version']}.0"}
    return marker is None or marker.evaluate({**platform, **full})


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_the_options_that_dependabot_compiles_it_with(name: str) -> None:
    header = (REQUIREMENTS / f"{name}.txt").read_text().splitlines()[1]
    assert all(option in header for option in OPTIONS), header
    assert header.endswith(f"--output-file {name}.txt {name}.in")
    assert "http" not in header


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_is_exact_and_hashed(name: str) -> None:
    assert locked(name)
    for requirement, hashes in locked(name):
        assert re.fullmatch(r"==[^*,]+", str(requirement.specifier)), requirement
        assert hashes, requirement


@pytest.mark.parametrize("name", LOCKS)
@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda platform: "-".join(platform.values()))
def test_a_lock_holds_on_each_platform_what_its_input_asks_for(name: str, platform: dict[str, str]) -> None:
    found = on(platform, name)
    for requirement in asked(name):
        if applies(requirement.marker, platform):
            assert found[canonicalize_name(requirement.name)] in requirement.specifier, requirement


@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda platform: "-".join(platform.values()))
def test_the_locks_agree_and_a_larger_one_holds_the_smaller(platform: dict[str, str]) -> None:
    tool, local, dev = (on(platform, name) for name in ("tool", "local", "dev"))
    assert tool.items() <= local.items() <= dev.items()


def test_the_sdk_is_locked_alone() -> None:
    assert [requirement.name for requirement, _ in locked("sdk")] == ["stepfunctions"]
    others = {requirement.name for name in LOCKS if name != "sdk" for requirement, _ in locked(name)}
    assert not others & {"stepfunctions", "sagemaker"}
    updates = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text())["updates"]
    (python,) = (update for update in updates if update["package-ecosystem"] == "uv")
    assert python["directory"] == "/requirements"
    assert python["ignore"] == [{"dependency-name": "stepfunctions"}, {"dependency-name": "wbjdbc"}]


def test_the_driver_is_locked_alone_and_no_part_of_the_environment() -> None:
    assert [requirement.name for requirement, _ in locked("jdbc")] == ["wbjdbc"]
    others = {requirement.name for name in LOCKS if name != "jdbc" for requirement, _ in locked(name)}
    assert not others & {"wbjdbc", "jpype1", "jaydebeapi"}


def test_the_local_lock_holds_what_the_local_cloud_asks_for() -> None:
    assert {str(one) for one in asked("local")} >= {str(one) for one in asked(LOCAL_CLOUD)}
