"""What several commands share: names, formats, and where a result goes."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from covidlake.commands import options
from covidlake.commands.options import Format, Output, Shown


def show(shown: Shown = Format.TABLE, output: Output = None) -> None:
    options.write_or_show(f"as {shown.value}\n", output, "done; ")


@pytest.fixture
def app() -> typer.Typer:
    made = typer.Typer()
    options.group(made, "tools", "Tools.", {"show": show, "show-again": show})
    return made


@pytest.mark.parametrize("name", ["show", "show-again"])
def test_a_command_has_the_name_that_it_is_given(app: typer.Typer, name: str) -> None:
    assert CliRunner().invoke(app, ["tools", name]).output == "as table\n"


@pytest.mark.parametrize("value", ["json", "JSON"])
def test_the_case_of_a_format_does_not_matter(app: typer.Typer, value: str) -> None:
    assert CliRunner().invoke(app, ["tools", "show", "--format", value]).output == "as json\n"


def test_a_result_goes_to_a_file_in_a_new_folder(app: typer.Typer, tmp_path: Path) -> None:
    path = tmp_path / "new" / "out.txt"
    shown = CliRunner().invoke(app, ["tools", "show", "--output", str(path)])
    assert path.read_text() == "as table\n"
    assert shown.output == f"done; written to {path}\n"


def test_a_folder_is_not_a_file(app: typer.Typer, tmp_path: Path) -> None:
    assert CliRunner().invoke(app, ["tools", "show", "--output", str(tmp_path)]).exit_code == 2
