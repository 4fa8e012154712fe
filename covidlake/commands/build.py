"""The commands that need no cloud: build, lint."""

from __future__ import annotations

import typer

from covidlake.base import console, project


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command()(build)
    app.command()(lint)


def build() -> None:
    """Write the CloudFormation template to build/template.json."""
    from covidlake.bundle.template import build

    built = build()
    _say(f"{project.relative(built.path)}: {built.resources} resources, {built.size:,} bytes")


def lint() -> None:
    """Check the built template, the state machine and the parameter files."""
    from covidlake.bundle.lint import lint
    from covidlake.bundle.template import build

    build()
    _say(f"passed: {lint().summary}")


def _say(text: str) -> None:
    console.results.print(text, markup=False, highlight=False)
