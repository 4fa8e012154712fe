"""The commands that write on GitHub or read from it: comment, issue, gate, find-run, require."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from covidlake.base import console
from covidlake.base.markdown import code, escape, table
from covidlake.github import actions


class Kind(StrEnum):
    """What an issue is about."""

    INGEST = "ingest"
    DRIFT = "drift"


Jobs = Annotated[list[str] | None, typer.Option(metavar="JOB", help="A job; repeat for more.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command()(comment)
    app.command()(issue)
    app.command()(gate)
    app.command("find-run")(find_run)
    app.command()(require)


def comment(
    places: Annotated[list[Path], typer.Argument(help="Markdown files, or folders of them.")],
    pull_request: Annotated[
        int, typer.Option(min=1, envvar="COVIDLAKE_PULL_REQUEST", help="The pull request's number.")
    ],
    key: Annotated[str, typer.Option(help="Which of our comments it is.")] = "plan",
) -> None:
    """Keep one comment on a pull request up to date, a section for each environment."""
    from covidlake.github.comment import comment as verb

    _say(f"comment on #{pull_request} {verb(pull_request, places, key)}")


def issue(
    places: Annotated[list[Path], typer.Argument(help="Reports (--report FILE), or folders of them.")],
    kind: Annotated[Kind, typer.Option(help="What it is about.")],
    environment: Annotated[str, typer.Option(help="Whose issue it is; none: of all.")] = "",
    result: Annotated[
        str, typer.Option(envvar="COVIDLAKE_RESULT", help="How the job ended that should have reported.")
    ] = "",
) -> None:
    """Open the one issue about what is wrong, keep it up to date, close it when all is well."""
    from covidlake.github import issue as verb

    if result not in {"", *verb.RESULTS}:
        raise typer.BadParameter(f"{result!r} is none of {', '.join(verb.RESULTS)}", param_hint="--result")
    _say(verb.issue(kind.value, places, environment, result))


def gate(
    always: Jobs = None,
    on_pull_request: Jobs = None,
    on_fork: Jobs = None,
    on_push: Jobs = None,
    on_merge_group: Jobs = None,
    may_skip: Jobs = None,
) -> None:
    """Be red unless every job in NEEDS that this event needs succeeded, and no other one failed."""
    from covidlake.github import gate as verb

    must = {
        "always": always or (),
        "pull_request": on_pull_request or (),
        "fork": on_fork or (),
        "push": on_push or (),
        "merge_group": on_merge_group or (),
    }
    verdicts = verb.judge(verb.needs(), verb.event_kind(), must, may_skip or ())
    for verdict in verdicts:
        _say(f"{verdict.job:<20} {verdict.result:<10} {verdict.problem or 'good'}")
    rows = [[code(one.job), code(one.result), escape(one.problem or "good")] for one in verdicts]
    actions.summary(table(["job", "result", "verdict"], rows))
    verb.check(verdicts)


def find_run(
    commit: Annotated[
        str, typer.Option(envvar="COVIDLAKE_COMMIT", help="A commit of main; default: the newest.")
    ] = "",
    run: Annotated[str, typer.Option(envvar="COVIDLAKE_RUN", help="Or the id of the run itself.")] = "",
    workflow: Annotated[str, typer.Option(help="The file of the workflow that makes bundles.")] = "ci.yml",
) -> None:
    """Find the run whose bundle is to be deployed again."""
    from covidlake.github.find_run import find_run as verb

    found = verb(commit, run, workflow)
    actions.output("run-id", found)
    _say(f"run {found}")


def require(
    names: Annotated[list[str], typer.Argument(metavar="VARIABLE", help="What must not be empty.")],
) -> None:
    """Fail in plain words where GitHub gave a job an empty variable."""
    from covidlake.github.required_variables import require as verb

    verb(names)
    _say(f"{', '.join(names)}: set")


def _say(text: str) -> None:
    console.results.print(text, markup=False, highlight=False)
