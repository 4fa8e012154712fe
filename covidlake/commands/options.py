"""Arguments and options that several commands share, so that each is spelled and explained once."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer
from typer.core import TyperCommand

from covidlake.base import console, project, workflow
from covidlake.base.text import printable, shorten

if TYPE_CHECKING:
    from rich.console import RenderableType
    from typer.core import TyperArgument, TyperOption

    from covidlake.bundle.manifest import Bundle as OpenedBundle


class Format(StrEnum):
    """How a plan, a comparison or a drift is shown."""

    TABLE = "table"
    MARKDOWN = "markdown"
    JSON = "json"


class RowsFormat(StrEnum):
    """How rows are shown."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


class ListFormat(StrEnum):
    """How records are shown."""

    TABLE = "table"
    JSON = "json"


_FORMAT = typer.Option("--format", case_sensitive=False, help="How to show it.")


def _environments(typed: str) -> list[str]:
    """For the shell's completion: the environments whose names begin like this."""
    files = project.ENVIRONMENTS.rglob("*.yaml")
    names = (file.relative_to(project.ENVIRONMENTS).with_suffix("").as_posix() for file in files)
    return sorted(name for name in names if name.startswith(typed))


def environment_name(given: str) -> str:
    """A name that could be an environment's; raises `EnvironmentFileError` with the nearest one."""
    from covidlake.base.errors import EnvironmentFileError
    from covidlake.base.nearest import instead

    if not re.fullmatch(r"[\w./-]{1,60}", given, re.ASCII):
        shown = shorten(printable(given))
        hint = instead(given, _environments(""))
        raise EnvironmentFileError(f"environments/{shown}.yaml: no such environment; {hint}")
    return given


Environment = Annotated[
    str,
    typer.Argument(
        help="A file in environments/, without .yaml: dev; PIPELINE/dev for the dev of another pipeline.",
        autocompletion=_environments,
        callback=environment_name,
    ),
]
Shown = Annotated[Format, _FORMAT]
ShownRows = Annotated[RowsFormat, _FORMAT]
ShownList = Annotated[ListFormat, _FORMAT]
AsJson = Annotated[
    bool, typer.Option("--json", help="Write what happens as JSON, one object a line, in place of text.")
]
Output = Annotated[Path | None, typer.Option(dir_okay=False, help="Write it to this file instead.")]
Report = Annotated[
    Path | None, typer.Option(help="A file for `covidlake issue`, written whatever the outcome is.")
]

Bundle = Annotated[Path, typer.Option(help="The folder of the bundle.")]
Digest = Annotated[
    str | None, typer.Option(envvar="COVIDLAKE_DIGEST", help="The digest that the bundle must have.")
]
DataSet = Annotated[str, typer.Option(help="One data set; default: all of the environment.")]

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Promoted = Annotated[
    bool,
    typer.Option(
        "--promoted",
        help="And the environment's other pipelines whose file has the tag covidlake:promote.",
    ),
]

SHOWN_STALE = 5
Commands = Mapping[str, Callable[..., Any]]


class Command(TyperCommand):
    """Refuses an empty value that somebody typed, often a variable that is not set: it would count as none.

    What comes from a variable of the environment may be empty: workflows pass what nobody chose.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not ctx.resilient_parsing:  # the shell's completion
            typed, _, _ = self.make_parser(ctx).parse_args(args=list(args))
            for parameter in self.get_params(ctx):
                if _has_empty(typed.get(parameter.name)):
                    hint = "give it a value" if parameter.required else "leave it out, or give it a value"
                    name = cast("TyperOption | TyperArgument", parameter).get_error_hint()
                    raise typer.BadParameter(f"it is empty: {hint}", ctx=ctx, param_hint=name)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except Exception as error:
            _refuse_unknown(ctx.params.get("environment"), error)
            raise


def _refuse_unknown(environment: object, error: Exception) -> None:
    """Where neither AWS nor a bundle could be asked, a name that no file has is what is wrong first."""
    from covidlake.base.errors import BundleError

    botocore = sys.modules.get("botocore.exceptions")  # not imported: nothing of it was raised
    nobody_asked = (BundleError, botocore.BotoCoreError) if botocore else BundleError
    if isinstance(environment, str) and isinstance(error, nobody_asked):
        from covidlake.environment import environment_file

        if environment not in environment_file.names():
            environment_file.load(environment)


def _has_empty(typed: Any) -> bool:
    """Whether a value, or one of several, is a text of nothing but blanks."""
    values = typed if isinstance(typed, list | tuple) else [typed]
    return any(isinstance(one, str) and not one.strip() for one in values)


def add(app: typer.Typer, commands: Commands) -> None:
    """Give the command line its commands, by name."""
    for name, command in commands.items():
        app.command(name, cls=Command)(command)


def group(app: typer.Typer, name: str, purpose: str, commands: Commands) -> None:
    """Give the command line a group of commands, such as `local up` and `local down`."""
    made = typer.Typer(help=purpose, no_args_is_help=True)
    add(made, commands)
    app.add_typer(made, name=name)


def warn_of_stale(folder: Path, opened: OpenedBundle) -> None:
    """Say so when the checkout's own bundle is not what the files make that it is made from."""
    from covidlake.bundle.stale import stale_files

    if folder != project.BUNDLE or workflow.active():
        return
    if stale := stale_files(opened):
        more = f" and {len(stale) - SHOWN_STALE} more" if len(stale) > SHOWN_STALE else ""
        console.warning(
            f"{project.relative(folder)} is not what the files beside it make now: "
            f"{', '.join(stale[:SHOWN_STALE])}{more}; this is about the bundle as it is; to make it anew: "
            "make build"
        )


def chosen(environment: str, promoted: bool, folder: Path | None = None) -> list[str]:
    """The environment itself; with `--promoted` also those of the other pipelines that are promoted there."""
    from covidlake.environment import environment_file

    return (
        environment_file.promoted(environment, folder or project.ENVIRONMENTS) if promoted else [environment]
    )


def file_of(output: Path | None, environment: str, name: str) -> Path | None:
    """Where what concerns `name` goes when `output` is for `environment`: `dev.md` -> `dev-tiny.md`."""
    if output is None or name == environment:
        return output
    from covidlake.environment.pipeline_environment import PipelineEnvironment

    return output.with_stem(f"{output.stem}-{PipelineEnvironment.parse(name).pipeline}")


def confirm(question: str, yes: bool) -> None:
    """Ask whether to go on, unless it was said already; where nobody can answer, refuse.

    Raises `typer.Abort` for a no, `typer.BadParameter` without a terminal.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise typer.BadParameter("nobody can be asked here: add --yes", param_hint="--yes")
    typer.confirm(question, abort=True)


def rows_text(columns: list[str], rows: list[list[str | None]], shown: RowsFormat) -> str:
    """All rows as CSV with a header, or as a JSON array of objects.

    Raises `QueryError` where columns share a name, of which an object could keep only one.
    """
    if shown is RowsFormat.JSON:
        _refuse_twins(columns)
        return json.dumps([dict(zip(columns, row, strict=True)) for row in rows], indent=1)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([columns, *rows])
    return text.getvalue()


def _refuse_twins(columns: list[str]) -> None:
    from covidlake.base.errors import QueryError

    if twins := [name for name in dict.fromkeys(columns) if columns.count(name) > 1]:
        raise QueryError(
            f"{columns.count(twins[0])} columns are named {twins[0]!r}, and JSON keeps one of a name: "
            "name them apart with AS, or take --format csv"
        )


def write_or_show(content: str | RenderableType, output: Path | None, summary: str) -> None:
    """The text or table to a file, with one line that says so, or to standard output."""
    if output is None:
        if isinstance(content, str):
            console.write(content)
        else:
            console.print_result(content)
        return
    text = content if isinstance(content, str) else console.rendered(content)
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(text.rstrip("\n") + "\n", encoding="utf-8")
    console.say(printable(f"{summary}written to {output}"))
