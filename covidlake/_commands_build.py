"""The commands that need no cloud: build, lint."""

from __future__ import annotations

import typer

from covidlake import _console, _project


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command()(build)
    app.command()(lint)


def build() -> None:
    """Write the CloudFormation template to build/template.json."""
    from covidlake.build import build

    built = build()
    _say(f"{_project.relative(built.path)}: {built.resources} resources, {built.size:,} bytes")


def lint() -> None:
    """Check the built template, the state machine and the parameter files."""
    from covidlake.build import build
    from covidlake.lint import lint

    build()
    _say(f"passed: {lint().summary}")


def _say(text: str) -> None:
    _console.results.print(text, markup=False, highlight=False)
