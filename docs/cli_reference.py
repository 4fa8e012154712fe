"""Write the reference of the command line, `docs/cli.md`, from the command line itself: `make docs`."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from covidlake.base import errors, project
from covidlake.commands.command_line import app

PAGE = project.ROOT / "docs" / "cli.md"
HEAD = """\
# CLI reference

<!-- Made by `make docs` from the command line itself: change the help texts in `covidlake/commands`. -->

Results go to standard output, errors to standard error. `NO_COLOR` turns colors off, and so does an output
that is not a terminal. A table that does not fit is a list of names and values. An empty value is refused.

"""
EXIT_CODES = """\
Every command ends with one of these codes. An error is one line: what failed, which value, and a hint.
Through `make` the shell sees make's own code, 2.

"""
HEAD_LINE = "| argument or option | meaning |\n|---|---|\n"


def main() -> None:
    """Write the page."""
    PAGE.write_text(reference(), encoding="utf-8")


def reference() -> str:
    """The page as text."""
    root = typer.main.get_command(app)
    commands = list(_commands(root, "covidlake"))
    index = "".join(f"| [`{name}`](#{_anchor(name)}) | {_summary(command)} |\n" for name, command in commands)
    sections = "\n".join(_section(name, command) for name, command in commands)
    everywhere = "".join(f"| {_spelled(one)} | {_meaning(one)} |\n" for one in _parameters(root))
    return (
        f"{HEAD}{HEAD_LINE}{everywhere}\n## Commands\n\n| command | what it does |\n|---|---|\n{index}\n"
        f"## Exit codes\n\n{EXIT_CODES}{_exit_codes()}\n{sections}"
    )


def _commands(group: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    """Each command that does something, with its full name, in the order of `--help`."""
    for name, command in group.commands.items():
        full = f"{prefix} {name}"
        if hasattr(command, "commands"):
            yield from _commands(command, full)
        elif not command.hidden:
            yield full, command


def _section(name: str, command: Any) -> str:
    usage = [_name(one) if one.required else f"[{_name(one)}]" for one in _arguments(command)]
    rows = "".join(f"| {_spelled(one)} | {_meaning(one)} |\n" for one in _parameters(command))
    table = f"\n{HEAD_LINE}{rows}" if rows else ""
    synopsis = " ".join([name, *(["[OPTIONS]"] if len(usage) < len(_parameters(command)) else []), *usage])
    return f"## `{name}`\n\n{_paragraphs(command)}\n\n```console\n$ {synopsis}\n```\n{table}"


def _parameters(command: Any) -> list[Any]:
    return [one for one in command.params if not getattr(one, "hidden", False)]


def _arguments(command: Any) -> list[Any]:
    return [one for one in _parameters(command) if one.param_type_name == "argument"]


def _name(parameter: Any) -> str:
    return str(parameter.metavar or parameter.name.upper()) + ("..." if parameter.nargs == -1 else "")


def _spelled(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return f"`{_name(parameter)}`"
    value = "" if getattr(parameter, "is_flag", False) else f" {_value_name(parameter)}"
    return f"`{', '.join(parameter.opts)}{value}`"


def _value_name(parameter: Any) -> str:
    if parameter.metavar:
        return str(parameter.metavar)
    annotation = parameter.type_descriptor.annotation
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return "\\|".join(str(one.value) for one in annotation)
    return {int: "NUMBER", float: "NUMBER", Path: "PATH"}.get(annotation, "TEXT")


def _meaning(parameter: Any) -> str:
    parts = [_cell(parameter.help or "")]
    if parameter.required and parameter.param_type_name == "option":
        parts.append("Required.")
    if (default := _default(parameter)) and "default" not in parts[0].lower():
        parts.append(f"Default: `{default}`.")
    if parameter.envvar:
        parts.append(f"Variable: `{parameter.envvar}`.")
    return " ".join(parts)


def _default(parameter: Any) -> str:
    value = parameter.default
    if value is None or value is False or value == "" or callable(value):
        return ""
    if isinstance(value, enum.Enum):
        return str(value.value)
    if isinstance(value, Path):
        return project.relative(value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _summary(command: Any) -> str:
    return _cell(str(command.help or "").split("\n\n")[0])


def _paragraphs(command: Any) -> str:
    paragraphs = str(command.help or "").strip().split("\n\n")
    return "\n\n".join(" ".join(one.split()) for one in paragraphs)


def _exit_codes() -> str:
    rows = "".join(f"| {code} | {_cell(meaning)} |\n" for code, meaning in errors.EXIT_CODES.items())
    return f"| code | meaning |\n|---|---|\n{rows}"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _anchor(name: str) -> str:
    return name.replace(" ", "-")


if __name__ == "__main__":
    main()
