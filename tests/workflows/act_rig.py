"""Runs the repository's own workflow files with act, on this machine, without network or Docker.

The files are used as they are, but for the lines `queue: max`, which act's schema does not know yet (it knows
no queues at all: `github_queues.py` does). Replaced are the actions of others, by the stubs beside this file,
and our own `setup`, whose stub runs the code that was checked out instead of installing it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
WORKFLOWS = ROOT / ".github" / "workflows"
STUBS = HERE / "stubs"
PIN = re.compile(r"uses: ([\w.-]+/[\w.-]+)@([0-9a-f]{40}) # v[0-9]+\.[0-9]+\.[0-9]+$", re.MULTILINE)
QUEUE = re.compile(r"^ +queue: max\b.*\n", re.MULTILINE)
LEFT_OUT = re.compile(r"(packages/[^/]+/)?(tests|docs)/")
REPOSITORY = "acme/lake"
TOKEN = "a-token-of-the-tests"
GIT = shutil.which("git") or "git"
SECONDS = 840  # less than a test may take, so that the output of a run that hangs is shown


@dataclass
class Run:
    """One run of a workflow: the result of each job by its path, what it wrote, what it summed up."""

    code: int
    events: list[dict[str, Any]]
    output: str
    jobs: dict[str, str] = field(default_factory=dict)
    summaries: str = ""

    @classmethod
    def of(cls, done: subprocess.CompletedProcess[str]) -> Run:
        output = done.stdout + done.stderr
        events = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
        run = cls(done.returncode, events, "".join(str(event.get("msg", "")) + "\n" for event in events))
        for event in events:
            if event.get("jobResult"):
                run.jobs[event["job"].strip()] = event["jobResult"]
            if event.get("command") == "summary":
                run.summaries += event.get("content", "")
        return run


DATA_SET = "country_codes"


class Checkout:
    """A copy of the repository in a folder of its own, as a clone of it would be on a runner."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "repository"
        self.state = folder / "state"
        self.artifacts = self.state / "artifacts"
        self.artifacts.mkdir(parents=True)
        self._actions = folder / "actions"
        for name in _files():
            target = self.folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)
        shutil.copy2(STUBS / "setup" / "action.yml", self.folder / ".github/actions/setup/action.yml")
        for path in (self.folder / ".github/workflows").glob("*.yml"):
            path.write_text(QUEUE.sub("", path.read_text()))
        for path in (self.folder / "environments").glob("*.yaml"):  # one, small data set has a source here
            path.write_text(path.read_text().replace('DataSets: "*"', f'DataSets: "{DATA_SET}"'))
        self.git("init", "--quiet", "--initial-branch", "main")
        self.commit("a commit")
        self.git("gc", "--quiet")  # a clone has one pack, and act copies every file for every job

    def git(self, *words: str) -> str:
        identity = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
        done = subprocess.run(
            [GIT, *identity, *words], cwd=self.folder, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def commit(self, message: str) -> str:
        """Commit everything and return the commit."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")

    def new_run(self) -> None:
        """Each run of a workflow has artifacts of its own."""
        shutil.rmtree(self.artifacts)
        self.artifacts.mkdir()

    def act(
        self,
        event: str,
        workflow: str,
        *,
        payload: Mapping[str, Any] | None = None,
        inputs: Mapping[str, str] | None = None,
        variables: Mapping[str, str] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Run:
        """Run a workflow for an event; the environment of the tests does not reach it."""
        event_file = self.state / "event.json"
        event_file.write_text(json.dumps({**(payload or {}), **({"inputs": dict(inputs)} if inputs else {})}))
        command = [*self._command(event, workflow), "-e", str(event_file)]
        for name, value in {**self._environment(), **(environment or {})}.items():
            command += ["--env", f"{name}={value}"]
        for name, value in (variables or {}).items():
            command += ["--var", f"{name}={value}"]
        for name, value in (inputs or {}).items():
            command += ["--input", f"{name}={value}"]
        done = subprocess.run(
            command, cwd=self.folder, env=self._clean(), capture_output=True, text=True, timeout=SECONDS
        )
        return Run.of(done)

    def _command(self, event: str, workflow: str) -> list[str]:
        act = Path(sys.executable).with_name("act")
        command = [str(act), event, "--json", "-W", f".github/workflows/{workflow}"]
        command += ["-P", "ubuntu-24.04=-self-hosted", "--no-cache-server", "--action-offline-mode"]
        command += [
            "--action-cache-path",
            str(self._actions),
            "--secret",
            "GITHUB_TOKEN=a-token-of-the-tests",
        ]
        for name, commit in sorted(pins()):
            command += ["--local-repository", f"{name}@{commit}={STUBS / name.split('/')[1]}"]
        return command

    def _environment(self) -> dict[str, str]:
        return {
            "ACT_PYTHON": sys.executable,
            "ACT_ARTIFACTS": str(self.artifacts),
            "ACT_REPOSITORY": str(self.folder),
            "ACT_STATE": str(self.state),
            "ACT_ASSUME": str(HERE / "assume_role.py"),
            "ACT_ROLES": str(self.state / "roles.log"),
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_SERVER_URL": "https://github.com",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def _clean(self) -> dict[str, str]:
        """In host mode a step inherits what act was started with, so it starts with next to nothing."""
        home = self.state / "home"
        home.mkdir(exist_ok=True)
        path = os.pathsep.join([str(HERE / "bin"), os.environ.get("PATH", os.defpath)])
        return {"PATH": path, "HOME": str(home), "LANG": "C.UTF-8"}

    def log(self, name: str) -> list[str]:
        """The lines that stubs left in a file of this name."""
        path = self.state / name
        return path.read_text().splitlines() if path.exists() else []


def pins() -> set[tuple[str, str]]:
    """Each action of others that the workflow files and our own actions use, with its commit."""
    files: Iterable[Path] = [*WORKFLOWS.glob("*.yml"), *ROOT.glob(".github/actions/*/action.yml")]
    return {found for file in files for found in PIN.findall(file.read_text())}


def _files() -> list[str]:
    """What git would track, if all of it were added; no tests and documents, which no workflow reads.

    act copies every file for every job, and `make`, which would run the tests, is replaced.
    """
    listed = subprocess.run(
        [GIT, "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    names = [name for name in listed.stdout.split("\0") if name and not LEFT_OUT.match(name)]
    return [name for name in names if (ROOT / name).is_file()]
