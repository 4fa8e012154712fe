"""The commands `bootstrap` and `doctor`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from covidlake.base import console

if TYPE_CHECKING:
    from covidlake.ship.bootstrap.repository import Repository

Environment = Annotated[str, typer.Argument(help="A file name in environments/, without .yaml.")]
RepositoryId = Annotated[str, typer.Option("--repository-id", help="gh api repos/ORG/REPO --jq .id")]
OwnerId = Annotated[str, typer.Option("--owner-id", help="gh api repos/ORG/REPO --jq .owner.id")]
Legacy = Annotated[
    bool,
    typer.Option(
        "--legacy-subject",
        help="GitHub names the repository without ids: it was made before 15 July 2026, neither renamed nor "
        "transferred since, and nobody opted in. doctor, with GITHUB_TOKEN, says which it is.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command()(bootstrap)
    app.command()(doctor)


def bootstrap(
    environment: Environment,
    repository: Annotated[str, typer.Option(help="ORGANIZATION/REPOSITORY on GitHub.")],
    repository_id: RepositoryId,
    owner_id: OwnerId,
    legacy_subject: Legacy = False,
    operations_environment: Annotated[
        str, typer.Option(help="GitHub environment that runs the ingestion; default: <environment>-ops.")
    ] = "",
) -> None:
    """Make what an environment needs before its stack, as yourself; say what GitHub must know."""
    from covidlake.ship.bootstrap import bootstrap as verb
    from covidlake.ship.bootstrap import repository as github

    trusted = _repository(repository, repository_id, owner_id, legacy_subject)
    variables = verb.bootstrap(
        environment, trusted, operations_environment=operations_environment, progress=console.detail
    )
    for name in sorted({item.environment for item in variables if item.environment}):
        for command in github.environment_commands(name, repository):
            _say(command)
    for variable in variables:
        _say(variable.command())


def doctor(
    environment: Environment,
    repository: Annotated[
        str | None, typer.Option(help="ORGANIZATION/REPOSITORY that the roles must trust.")
    ] = None,
    repository_id: Annotated[str, typer.Option(help="Its id.")] = "",
    owner_id: Annotated[str, typer.Option(help="Its owner's id.")] = "",
    legacy_subject: Legacy = False,
) -> None:
    """Check everything between here and a running ingestion; say what to do about what is wrong."""
    from covidlake.doctor.check import line
    from covidlake.doctor.examine import checks

    expected = None
    if repository is not None:
        expected = _repository(repository, repository_id, owner_id, legacy_subject)
    failed = 0
    for check in checks(environment, expected):
        console.results.print(line(check), markup=False, highlight=False)
        failed += check.status == "FAIL"
    if failed:
        raise typer.Exit(1)


def _repository(full_name: str, repository_id: str, owner_id: str, legacy_subject: bool) -> Repository:
    from covidlake.ship.bootstrap.repository import Repository

    try:
        return Repository.parse(full_name, repository_id, owner_id, legacy_subject)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def _say(text: str) -> None:
    console.results.print(text, markup=False, highlight=False)
