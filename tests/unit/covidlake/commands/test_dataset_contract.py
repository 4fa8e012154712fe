"""The command writes a contract, and what changed since an earlier one."""

from __future__ import annotations

import json
from pathlib import Path

import typer
import yaml
from typer.testing import CliRunner

from covidlake.commands import dataset


def run(*arguments: str) -> str:
    app = typer.Typer()
    dataset.register(app)
    done = CliRunner().invoke(app, ["dataset", "contract", *arguments], catch_exceptions=False)
    assert done.exit_code == 0
    return done.stdout


def test_yaml_and_json_are_the_same_document() -> None:
    written = run("country_codes")
    assert yaml.safe_load(written) == json.loads(run("country_codes", "--format", "json"))
    assert yaml.safe_load(written)["kind"] == "DataContract"


def test_a_change_is_graded(tmp_path: Path) -> None:
    path = tmp_path / "before.yaml"
    assert "written to" in run("country_codes", "--output", str(path))
    assert run("country_codes", "--against", str(path)) == "no change\ncountry_codes: compatible\n"
    path.write_text(path.read_text().replace("bigint", "int").replace("- name: country\n", "- name: land\n"))
    assert run("country_codes", "--against", str(path)).splitlines() == [
        "breaking: country_codes.land: the column is gone",
        "needs care: country_codes.country: a new column: rows without a value are rejected",
        "needs care: country_codes.numeric_code: int becomes bigint",
        "country_codes: breaking",
    ]
