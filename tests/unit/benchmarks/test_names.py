"""The benchmarks start, and what they name in strings exists: no import of theirs checks such a name."""

from __future__ import annotations

import ast
import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.environment import ROOT

BENCHMARKS = sorted((ROOT / "benchmarks").glob("*.py"))
NAMES = re.compile(r"(?<![\w./])(?:covidlake|infra|ingestion|localcloud)(?:\.\w+)+")
WITH_OPTIONS = [path.stem for path in BENCHMARKS if "ArgumentParser(" in path.read_text()]


def named(path: Path) -> set[str]:
    nodes = ast.walk(ast.parse(path.read_text()))
    texts = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return {name for text in texts for name in NAMES.findall(text)}


@pytest.mark.parametrize("path", BENCHMARKS, ids=lambda path: path.stem)
def test_each_module_that_a_string_names_exists(path: Path) -> None:
    assert [name for name in sorted(named(path)) if not importlib.util.find_spec(name)] == []


def test_the_names_in_the_code_of_the_build_are_found() -> None:
    expected = {"covidlake.commands.command_line", "covidlake.ship.plan.plan"}
    assert expected <= named(ROOT / "benchmarks/build.py")


@pytest.mark.parametrize("name", WITH_OPTIONS)
def test_a_benchmark_shows_its_options(name: str) -> None:
    command = [sys.executable, "-m", f"benchmarks.{name}", "--help"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"python -m benchmarks.{name}" in " ".join(done.stdout.split())
