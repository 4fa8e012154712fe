"""The commands that need no cloud: build, lint, package, verify."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from covidlake.base import console, project
from covidlake.commands import options
from covidlake.commands.options import Digest
from covidlake.github import actions

if TYPE_CHECKING:
    from covidlake.bundle.manifest import Bundle


SHOWN = 5  # names of files that differ


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    options.add(app, {"build": build, "lint": lint, "package": package, "verify": verify})


def build() -> None:
    """Write the CloudFormation template of each pipeline: build/template.json is the main one's."""
    from covidlake.bundle.template import build_all

    for built in build_all():
        console.say(f"{project.relative(built.path)}: {built.resources} resources, {built.size:,} bytes")


def lint() -> None:
    """Check the built templates, the state machines and the parameter files."""
    from covidlake.bundle.lint import lint
    from covidlake.bundle.template import build

    build()
    console.say(f"passed: {lint().summary}")


def package(
    output: Annotated[
        Path, typer.Option(metavar="DIR", help="The folder of the bundle; an older bundle is replaced.")
    ] = project.BUNDLE,
) -> None:
    """Make the bundle that every environment gets: templates, artifacts, parameter files, manifest."""
    from covidlake.bundle.manifest import DIRTY
    from covidlake.bundle.package import differences, package

    made = package(output)
    if made.commit.endswith(DIRTY):
        found = differences()
        more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        console.warning(f"the checkout differs from its commit: {', '.join(found[:SHOWN])}{more}")
    actions.output("digest", made.digest)
    actions.summary(f"Bundle `{made.digest}` of commit `{made.commit}`: {len(made.manifest)} files")
    _say(made)


def verify(
    bundle: Annotated[Path, typer.Argument(help="The folder of a bundle.")] = project.BUNDLE,
    digest: Digest = None,
) -> None:
    """Refuse a bundle with a changed, missing or extra file, or with another digest."""
    from covidlake.bundle.manifest import verify

    _say(verify(bundle, digest))


def _say(bundle: Bundle) -> None:
    shown = project.relative(bundle.folder)
    console.say(f"{shown}: {len(bundle.manifest)} files, commit {bundle.commit}, digest {bundle.digest}")
