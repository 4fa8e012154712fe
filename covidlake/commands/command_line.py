"""The command line itself: every group of verbs, and how a command ends."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from covidlake.base import console, interruption, project
from covidlake.base.errors import EXIT_CODES, INTERRUPTED, CovidLakeError
from covidlake.base.text import shorten
from covidlake.commands import (
    bootstrap,
    build,
    cost,
    dataset,
    deploy,
    drift,
    executions,
    github,
    ingest,
    lineage,
    local,
    plan,
    preview,
    quarantine,
    query,
    report,
)
from covidlake.github import actions

DEFECT = "a defect of covidlake"
_SYSTEM_HINTS = {
    errno.ENOSPC: ": make room there",
    errno.EDQUOT: ": make room there",
    errno.EACCES: ": make it a place that you may read and write",
    errno.EPERM: ": make it a place that you may read and write",
    errno.EROFS: ": make it a place that you may write",
    errno.ENOENT: ": restore it, or give another path",
    errno.ENAMETOOLONG: ": give a shorter name",
}

app = typer.Typer(
    name="covidlake",
    help="Build, ship, run and report the Covid lake, on AWS or on the laptop.",
    epilog=f"Exit codes: {', '.join(f'{code} {meaning}' for code, meaning in EXIT_CODES.items())}.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    """The version of the package, and the Python that runs it."""
    if wanted:
        from importlib.metadata import version

        console.say(f"covidlake {version('covidlake')}, Python {sys.version.split()[0]}")
        raise typer.Exit


@app.callback()
def main_options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and end."),
    ] = False,
) -> None:
    """Build, ship, run and report the Covid lake, on AWS or on the laptop."""


for commands in (
    build,
    dataset,
    plan,
    deploy,
    ingest,
    lineage,
    executions,
    query,
    report,
    quarantine,
    cost,
    drift,
    github,
    preview,
    bootstrap,
    local,
):
    commands.register(app)


def main() -> NoReturn:
    """Run a command; an error that a user can cause is one line and a documented exit code."""
    interruption.interrupts()
    try:
        app(standalone_mode=True)
    except CovidLakeError as error:
        _fail(error)
    except KeyboardInterrupt:
        _say_interrupted()
    except SystemExit as ended:  # Typer turns an interrupt inside a command into this
        if ended.code == INTERRUPTED:
            _say_interrupted()
        raise
    except Exception as error:
        if interruption.came():  # a library made an error of its own of it
            _say_interrupted()
        from covidlake.aws.errors import from_aws  # here, because it takes botocore with it

        _fail(from_aws(error) or _from_system(error) or _defect(error))
    sys.exit(0)


def _say_interrupted() -> NoReturn:
    console.error("interrupted")
    sys.exit(INTERRUPTED)


def _fail(error: CovidLakeError) -> NoReturn:
    console.error(str(error))
    actions.error(str(error))
    sys.exit(error.exit_code)


def _from_system(error: Exception) -> CovidLakeError | None:
    """A full disk, a folder without the right to write and the like; None for anything else."""
    if not isinstance(error, OSError) or not error.strerror:
        return None
    path = error.filename or error.filename2
    where = f"{os.fsdecode(path)}: " if isinstance(path, str | bytes | os.PathLike) else ""
    return CovidLakeError(f"{where}{error.strerror}{_SYSTEM_HINTS.get(error.errno or 0, '')}")


def _defect(error: Exception) -> CovidLakeError:
    """One line for what nobody foresaw; raises the error itself where a developer asks for it."""
    if os.environ.get("COVIDLAKE_TRACEBACK"):
        raise error
    *_, last = traceback.extract_tb(error.__traceback__)
    where = f"{project.relative(Path(last.filename))}:{last.lineno}"
    return CovidLakeError(
        f"{DEFECT} in {where}: {type(error).__name__}: {shorten(str(error))}: report it, "
        "with what COVIDLAKE_TRACEBACK=1 shows"
    )
