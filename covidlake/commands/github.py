"""The commands that write on GitHub or read from it: comment, issue, gate, find-run, require."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from covidlake.base import console
from covidlake.base.markdown import code, escape, table
from covidlake.commands import options
from covidlake.github import actions


class Kind(StrEnum):
    """What an issue is about."""

    INGEST = "ingest"
    DRIFT = "drift"


Jobs = Annotated[list[str] | None, typer.Option(metavar="JOB", help="A job; repeat for more.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    options.add(
        app,
        {"comment": comment, "issue": issue, "gate": gate, "find-run": find_run, "require": require},
    )


def comment(
    places: Annotated[list[Path], typer.Argument(help="Markdown files, or folders of them.")],
    pull_request: Annotated[
        int, typer.Option(min=1, envvar="COVIDLAKE_PULL_REQUEST", help="The pull request's number.")
    ],
    key: Annotated[str, typer.Option(help="Which of our comments it is.")] = "plan",
) -> None:
    """Keep one comment on a pull request up to date, with a section for each environment."""
    from covidlake.github.comment import comment

    console.say(f"comment on #{pull_request} {comment(pull_request, places, key)}")


def issue(
    places: Annotated[list[Path], typer.Argument(help="Reports (--report FILE), or folders of them.")],
    kind: Annotated[Kind, typer.Option(help="What the issue is about.")],
    environment: Annotated[str, typer.Option(help="Whose issue it is; default: one for all.")] = "",
    result: Annotated[
        str, typer.Option(envvar="COVIDLAKE_RESULT", help="How the job ended that should have reported.")
    ] = "",
) -> None:
    """Open one issue for a problem, keep it up to date, close it when the problem is gone."""
    from covidlake.github.issue import RESULTS, issue

    if result not in {"", *RESULTS}:
        raise typer.BadParameter(f"{result!r} is not one of {', '.join(RESULTS)}", param_hint="--result")
    console.say(issue(kind.value, places, environment, result))


def gate(
    always: Jobs = None,
    on_pull_request: Jobs = None,
    on_fork: Jobs = None,
    on_push: Jobs = None,
    on_merge_group: Jobs = None,
    may_skip: Jobs = None,
) -> None:
    """Succeed only if every job that this event needs succeeded and no other job failed.

    Reads the results of the jobs from the variable NEEDS, which holds `toJSON(needs)`.
    """
    from covidlake.github import gate

    required = {
        "always": always or (),
        "pull_request": on_pull_request or (),
        "fork": on_fork or (),
        "push": on_push or (),
        "merge_group": on_merge_group or (),
    }
    verdicts = gate.judge(gate.needs(), gate.event_kind(), required, may_skip or ())
    for verdict in verdicts:
        console.say(f"{verdict.job:<20} {verdict.result:<10} {verdict.problem or 'good'}")
    rows = [[code(one.job), code(one.result), escape(one.problem or "good")] for one in verdicts]
    actions.summary(table(["job", "result", "verdict"], rows))
    gate.check(verdicts)


def find_run(
    commit: Annotated[
        str, typer.Option(envvar="COVIDLAKE_COMMIT", help="A commit of main; default: the newest.")
    ] = "",
    run: Annotated[str, typer.Option(envvar="COVIDLAKE_RUN", help="Or the id of the run itself.")] = "",
    workflow: Annotated[str, typer.Option(help="The file of the workflow that makes bundles.")] = "ci.yml",
) -> None:
    """Find the workflow run that made the bundle of a commit, to deploy it again."""
    from covidlake.github.find_run import find_run

    found = find_run(commit, run, workflow)
    actions.output("run-id", found)
    console.say(f"run {found}")


def require(
    names: Annotated[list[str], typer.Argument(metavar="VARIABLE", help="What must not be empty.")],
) -> None:
    """Fail with a hint if GitHub gave the job an empty variable."""
    from covidlake.github.required_variables import require

    require(names)
    console.say(f"{', '.join(names)}: set")
