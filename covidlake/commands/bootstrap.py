"""The commands `bootstrap` and `doctor`."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from covidlake.base import console
from covidlake.commands import options
from covidlake.commands.options import Environment, ListFormat, ShownList

if TYPE_CHECKING:
    from covidlake.ship.bootstrap.repository import Repository

LegacySubject = Annotated[
    bool,
    typer.Option(
        "--legacy-subject",
        help="GitHub names the repository without ids: it was made before 15 July 2026, neither renamed nor "
        "transferred since, and nobody opted in. doctor, with GITHUB_TOKEN, says which it is.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    options.add(app, {"bootstrap": bootstrap, "doctor": doctor})


def bootstrap(
    environment: Environment,
    repository: Annotated[str, typer.Option(help="ORGANIZATION/REPOSITORY on GitHub.")],
    repository_id: Annotated[str, typer.Option(help="gh api repos/ORG/REPO --jq .id")],
    owner_id: Annotated[str, typer.Option(help="gh api repos/ORG/REPO --jq .owner.id")],
    legacy_subject: LegacySubject = False,
    operations_environment: Annotated[
        str, typer.Option(help="GitHub environment that runs the ingestion; default: <environment>-ops.")
    ] = "",
) -> None:
    """Make what an environment needs before its stack, as yourself; print the commands for GitHub."""
    from covidlake.ship.bootstrap.bootstrap import bootstrap
    from covidlake.ship.bootstrap.repository import environment_commands

    variables = bootstrap(
        environment,
        _repository(repository, repository_id, owner_id, legacy_subject),
        operations_environment=operations_environment,
        progress=console.detail,
    )
    for name in sorted({one.environment for one in variables if one.environment}):
        for command in environment_commands(name, repository):
            console.say(command)
    for variable in variables:
        console.say(variable.command())


def doctor(
    environment: Environment,
    repository: Annotated[
        str | None, typer.Option(help="ORGANIZATION/REPOSITORY that the roles must trust.")
    ] = None,
    repository_id: Annotated[str, typer.Option(help="Its id.")] = "",
    owner_id: Annotated[str, typer.Option(help="Its owner's id.")] = "",
    legacy_subject: LegacySubject = False,
    shown: ShownList = ListFormat.TABLE,
) -> None:
    """Check everything between here and a running ingestion; give a hint for each problem."""
    from covidlake.doctor.check import line
    from covidlake.doctor.examine import checks

    expected = None
    if repository is not None:
        expected = _repository(repository, repository_id, owner_id, legacy_subject)
    found = []
    for check in checks(environment, expected):
        found.append(check)
        if shown is ListFormat.TABLE:
            console.say(line(check))
    if shown is ListFormat.JSON:
        console.write(json.dumps([asdict(check) for check in found], indent=1))
    if any(check.status == "FAIL" for check in found):
        raise typer.Exit(1)


def _repository(full_name: str, repository_id: str, owner_id: str, legacy_subject: bool) -> Repository:
    from covidlake.ship.bootstrap.repository import Repository

    try:
        return Repository.parse(full_name, repository_id, owner_id, legacy_subject)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
