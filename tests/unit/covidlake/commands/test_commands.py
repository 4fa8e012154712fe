"""The command line itself: what it offers, what it imports, how it refuses."""

import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from covidlake.base.errors import EXIT_CODES
from covidlake.commands import command_line as cli

HEAVY = {"duckdb", "ministack", "moto", "numpy", "pandas", "pyspark", "sagemaker", "sympy"}
VERBS = ("build", "lint", "package", "deploy", "ingest", "status", "query", "notifications", "run", "local")


def imported_by(*arguments: str) -> set[str]:
    """The top-level modules that a command has imported when it ends."""
    script = (
        "import sys, json\nfrom covidlake.commands.command_line import app\n"
        f"app({list(arguments)!r}, standalone_mode=False)\n"
        "print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(json.loads(done.stderr.splitlines()[-1]))


def test_help_names_every_verb_and_the_exit_codes() -> None:
    text = CliRunner().invoke(cli.app, ["--help"]).output
    for verb in VERBS:
        assert f" {verb} " in text
    words = " ".join(text.replace("│", " ").split())
    for code, meaning in EXIT_CODES.items():
        assert f"{code} {meaning}" in words


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(verb: str) -> None:
    result = CliRunner().invoke(cli.app, [verb, "--help"])
    assert result.exit_code == 0
    assert verb in result.output


def test_help_imports_nothing_heavy_nor_the_sdk() -> None:
    assert not imported_by("--help") & (HEAVY | {"boto3", "botocore", "troposphere", "cfnlint"})


def test_build_imports_nothing_heavy() -> None:
    assert not imported_by("build") & (HEAVY | {"cfnlint"})


@pytest.mark.parametrize(
    "arguments",
    [["deploy"], ["no-such-verb"], ["query", "dev", "--format", "xml"], ["run", "--no-such-option"]],
)
def test_wrong_usage_exits_with_2(arguments: list[str]) -> None:
    assert CliRunner().invoke(cli.app, arguments).exit_code == 2


def test_an_unknown_environment_is_one_line() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "covidlake", "run", "nowhere"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 3
    there = "dev, prod, segmentation/dev, segmentation/prod, segmentation/staging, staging"
    assert f"environments/nowhere.yaml: no such environment; there are: {there}" in done.stderr
