"""What several commands share: names, formats, and where a result goes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import typer.main
from typer.testing import CliRunner

from covidlake import aws
from covidlake.base.errors import QueryError
from covidlake.commands import command_line as cli
from covidlake.commands import options
from covidlake.commands.options import Format, Output, RowsFormat, Shown


def commands(group: Any, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    """Every command that does something, by the words that call it."""
    found: dict[tuple[str, ...], Any] = {}
    for name, command in group.commands.items():
        found |= (
            commands(command, (*path, name)) if hasattr(command, "commands") else {(*path, name): command}
        )
    return found


COMMANDS = commands(typer.main.get_command(cli.app))
OF_AN_ENVIRONMENT = [
    words
    for words, command in COMMANDS.items()
    if any((one.name, one.param_type_name) == ("environment", "argument") for one in command.params)
]
NOWHERE = ["--bundle", "nowhere"]
OWNER = ["--repository", "a/b", "--repository-id", "1", "--owner-id", "2"]


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


@pytest.mark.parametrize("words", OF_AN_ENVIRONMENT)
def test_a_misspelled_environment_is_named_before_aws_is_missed(
    words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As on a machine that knows no region and no credentials, before anything was packaged."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    aws.forget()
    more = {
        "bootstrap": OWNER,
        "stop": ["x"],
        "query": ["SELECT 1"],
        "destroy": ["--yes"],
        "plan": NOWHERE,
        "deploy": NOWHERE,
    }
    done = CliRunner().invoke(cli.app, [*words, "dve", *more.get(words[0], [])])
    said = f"{done.exception} {done.output}"
    assert "environments/dve.yaml: no such environment; did you mean dev?" in said, said


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


@pytest.mark.parametrize("empty", ["", " "])
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_command_takes_an_empty_value_for_none(command: tuple[str, ...], empty: str) -> None:
    found = COMMANDS[command]
    for parameter in found.params:
        if parameter.name != "help" and not getattr(parameter, "is_flag", False):
            is_argument = parameter.param_type_name == "argument"
            before = [one for one in found.params if one.param_type_name == "argument"]
            before = before[: before.index(parameter)] if is_argument else before
            words = ["1" for one in before if one.required or is_argument]
            given = [empty] if is_argument else [parameter.opts[0], empty]
            result = CliRunner().invoke(cli.app, [*command, *words, *given])
            said = " ".join(result.output.replace("│", "").split())
            assert (result.exit_code, "it is empty" in said) == (2, True), f"{parameter.name}: {said}"


def test_an_empty_variable_of_the_environment_is_none(app: typer.Typer) -> None:
    taken: list[str | None] = []

    def verify(digest: options.Digest = None) -> None:
        taken.append(digest)

    options.add(app, {"verify": verify})
    CliRunner().invoke(app, ["verify"], env={"COVIDLAKE_DIGEST": ""})
    assert taken == [None]


def test_json_loses_no_column_of_two_with_one_name() -> None:
    columns, rows = ["areacode", "n", "areacode"], list[list[str | None]]([["a", "1", "b"]])
    with pytest.raises(QueryError, match=r"2 columns are named 'areacode'.*AS, or take --format csv"):
        options.rows_text(columns, rows, RowsFormat.JSON)
    assert options.rows_text(columns, rows, RowsFormat.CSV) == "areacode,n,areacode\na,1,b\n"
