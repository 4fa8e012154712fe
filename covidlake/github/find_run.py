"""`covidlake find-run`: the run of ci that made the bundle of a commit of main, and still has it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from covidlake.base.errors import GitHubError
from covidlake.github.api import GitHub

ARTIFACT = "bundle"
BRANCH = "main"
_COMMIT = re.compile(r"[0-9a-f]{7,40}")
_RUN = re.compile(r"[1-9][0-9]{0,19}")
_RUNS_LOOKED_AT = 500


def find_run(commit: str = "", run: str = "", workflow: str = "ci.yml") -> str:
    """The id of the newest run with the bundle of this commit, of the run itself, or of the newest of all.

    Only a push to main counts: the bundle of a pull request was never merged. Raises `GitHubError` where
    no such run exists, or its bundle has expired.
    """
    github = GitHub.from_environment()
    if run:
        named_run = _named_run(github, run, workflow)
        if fault := _bundle_fault(github, named_run):
            raise GitHubError(fault)
        return str(named_run["id"])
    if commit and not _COMMIT.fullmatch(commit):
        raise GitHubError(f"commit {commit!r}: give 7 to 40 hexadecimal digits of a commit of {BRANCH}")
    newest_fault = ""
    for found in _pushes(github, workflow):
        if not found["head_sha"].startswith(commit):
            continue
        if not (fault := _bundle_fault(github, found)):
            return str(found["id"])
        newest_fault = newest_fault or fault
    named = f"commit {commit}" if commit else "any commit"
    raise GitHubError(
        newest_fault or f"no run of {workflow} for a push of {named} to {BRANCH}: merge it first"
    )


def _pushes(github: GitHub, workflow: str) -> Iterator[Mapping[str, Any]]:
    """The newest first. A run has its bundle even if its deploy failed."""
    runs = github.all(
        f"actions/workflows/{workflow}/runs", within="workflow_runs", branch=BRANCH, event="push"
    )
    for number, found in enumerate(runs):
        if number == _RUNS_LOOKED_AT:
            return
        if not _fault(found, github, workflow):
            yield found


def _named_run(github: GitHub, run: str, workflow: str) -> Mapping[str, Any]:
    if not _RUN.fullmatch(run):
        raise GitHubError(f"run {run!r}: give the number at the end of the run's address")
    found: Mapping[str, Any] = github.get(f"actions/runs/{run}")
    if fault := _fault(found, github, workflow):
        raise GitHubError(f"run {run} {fault}: only what was merged to {BRANCH} is deployed")
    return found


def _fault(found: Mapping[str, Any], github: GitHub, workflow: str) -> str:
    if not str(found.get("path", "")).split("@")[0].endswith(f"/{workflow}"):
        return f"is not of {workflow}"
    if found.get("event") != "push" or found.get("head_branch") != BRANCH:
        return f"is not of a push to {BRANCH}"
    if (found.get("head_repository") or {}).get("full_name") != github.repository:
        return "is of another repository"
    return ""


def _bundle_fault(github: GitHub, found: Mapping[str, Any]) -> str:
    """Why the run's bundle cannot be downloaded; empty when it can."""
    identity = str(found["id"])
    artifacts = github.all(f"actions/runs/{identity}/artifacts", within="artifacts", name=ARTIFACT)
    states = [one["expired"] for one in artifacts if one["name"] == ARTIFACT]
    if not states:
        return f"run {identity} of commit {found['head_sha'][:12]} made no bundle: run it again"
    if all(states):
        return (
            f"the bundle of run {identity} has expired: for 30 days gh run rerun {identity} makes it again, "
            "later a push to main makes another; what was deployed in ENV before is in its artifact bucket: "
            "covidlake rollback ENV --to DIGEST"
        )
    return ""
