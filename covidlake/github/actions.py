"""What GitHub Actions reads from a step: outputs, the job summary, annotations; nothing happens elsewhere.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from covidlake.base import workflow
from covidlake.base.markdown import cut

SUMMARY_BYTES = 1_000_000  # GitHub refuses the summary of a step above 1 MiB


def output(name: str, value: str) -> None:
    """Set an output of the step; the value may hold any characters."""
    delimiter = f"end-{secrets.token_hex(16)}"
    _append("GITHUB_OUTPUT", f"{name}<<{delimiter}\n{value}\n{delimiter}\n")


def summary(markdown: str) -> None:
    """Add to the job summary; what GitHub would refuse is cut off, with a line that says so."""
    _append("GITHUB_STEP_SUMMARY", cut(markdown, SUMMARY_BYTES, _more()) + "\n")


def error(message: str) -> None:
    """Show an error beside the job and in the pull request."""
    _annotate("error", message)


def warning(message: str) -> None:
    """Show a warning beside the job, which stays green."""
    _annotate("warning", message)


def notice(message: str) -> None:
    """Show a note beside the job."""
    _annotate("notice", message)


def _annotate(level: str, message: str) -> None:
    if workflow.active():
        escaped = message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
        print(f"::{level}::{escaped}", flush=True)  # noqa: T201 - a command to the runner, on standard output


def run_url() -> str:
    """The page of this workflow run; empty outside of one."""
    names = ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")
    server, repository, run = (os.environ.get(name, "") for name in names)
    return f"{server}/{repository}/actions/runs/{run}" if server and repository and run else ""


def _more() -> str:
    where = run_url()
    return f"\n*Cut: the whole is in the artifacts of [this run]({where}).*" if where else "\n*Cut.*"


def _append(variable: str, text: str) -> None:
    if path := os.environ.get(variable):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(text)
