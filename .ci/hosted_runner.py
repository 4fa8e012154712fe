"""Run make's targets as steps of GitHub's hosted runner: python .ci/hosted_runner.py [TARGET ...]

In a shallow clone of the last commit, as an ordinary user who owns it, with an empty home, the runner's
variables, no terminal and no input. Root becomes `nobody`, whom every system has: no user is made that
somebody would have to remove. Everything is in one temporary folder, which is removed at the end. Needs
Python's standard library, git and make. Exit code: that of the first target that fails.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

ROOT = Path(__file__).resolve().parents[1]
REPOSITORY = "octo-org/covid-lake"
STEP_FILES = ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STATE")
# Of the caller's variables only those by which an installation finds the network and the packages.
NETWORK = re.compile(
    r"\w+_PROXY|(PIP|UV)_(?!CACHE)\w+|(?!AWS_)\w*(CERT|CA_BUNDLE|CA_CERTS|CAINFO)\w*", re.IGNORECASE
)
SECONDS_TO_END = 30


class HostedRunnerError(Exception):
    """One line for the user: what is missing, and a hint."""


@dataclass(frozen=True)
class Runner:
    """A machine for one job: its folders, laid out as on GitHub, and who works there."""

    place: Path
    user: pwd.struct_passwd

    @property
    def home(self) -> Path:
        return self.place / "home"

    @property
    def workspace(self) -> Path:
        name = REPOSITORY.split("/")[1]
        return self.place / "work" / name / name

    @property
    def temporary(self) -> Path:
        return self.place / "work" / "_temp"

    @property
    def tools(self) -> Path:
        return self.place / "tools"

    def identity(self) -> dict[str, Any]:
        """What makes a process of root's one of the user's; nothing where we are that user."""
        if os.geteuid() == self.user.pw_uid:
            return {}
        return {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}

    def can(self, command: Sequence[str]) -> bool:
        """Whether a command of the user's succeeds."""
        try:
            done = subprocess.run(command, cwd="/", env={}, capture_output=True, **self.identity())
        except OSError:
            return False
        return done.returncode == 0


def main(targets: Sequence[str]) -> int:
    """Prepare a runner, run the targets on it, remove it."""
    with tempfile.TemporaryDirectory(prefix="hosted-runner-", ignore_cleanup_errors=True) as place:
        runner = Runner(Path(place).resolve(), ordinary_user())
        runner.place.chmod(0o755)  # the user, too, enters it
        for folder in (runner.home, runner.temporary, runner.tools, runner.place / "tmp"):
            folder.mkdir(parents=True)
        check_out(runner)
        environment = variables(runner, python_home(runner))
        give(runner)
        say(f"as {runner.user.pw_name}, in {runner.workspace}, Python {platform.python_version()}")
        for target in targets or ("lint", "test"):
            if code := step(["make", target], runner, environment):
                return code
        return written(environment)


def ordinary_user() -> pwd.struct_passwd:
    """Who runs the tests: the caller, or `nobody` in place of root."""
    try:
        return pwd.getpwuid(os.geteuid()) if os.geteuid() else pwd.getpwnam("nobody")
    except KeyError as error:
        raise HostedRunnerError(f"{error}: run it as a user that the system knows") from error


def check_out(runner: Runner) -> None:
    """The last commit alone, as actions/checkout fetches it."""
    if left_out := git("status", "--porcelain"):
        say(f"{len(left_out.splitlines())} changes are not committed: they are not tested")
    git("clone", "--quiet", "--depth", "1", f"file://{ROOT}", str(runner.workspace))
    origin = f"https://github.com/{REPOSITORY}"
    git("-C", str(runner.workspace), "remote", "set-url", "origin", origin)


def git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise HostedRunnerError(f"git {words[0]}: {done.stderr.strip()}: run it in a git checkout")
    return done.stdout.strip()


def python_home(runner: Runner) -> Path:
    """Where the user finds this Python: where it is, or in a copy.

    An administrator's Python, of pyenv for example, may be in a folder that only root can enter. Opening
    that folder would change the machine, and a mount needs rights that a container often lacks; a copy of the
    interpreter and its library always works, and is what the runner's tool cache is, too.
    """
    home = Path(sys.base_prefix)
    if works(runner, home):
        return home
    copied = runner.tools / "Python" / platform.python_version() / "x64"
    left_out = shutil.ignore_patterns("site-packages", "test", "__pycache__", "*.a")
    shutil.copytree(home, copied, symlinks=True, ignore=left_out)
    look_beside(copied / "bin" / python_name(), home / "lib")
    if not works(runner, copied):
        raise HostedRunnerError(
            f"{runner.user.pw_name} can run Python neither in {home} nor in a copy: "
            "name another with PYTHON=/path/to/python3.12"
        )
    return copied


def works(runner: Runner, home: Path) -> bool:
    """Whether the user can run the Python there, with its own library, and without any variable."""
    check = f"import ssl, sys; sys.exit(sys.version != {sys.version!r})"
    return runner.can([str(home / "bin" / python_name()), "-c", check])


def look_beside(executable: Path, libraries: Path) -> None:
    """Have the copy find its shared library beside itself; it names the folder that it was built for."""
    old, new = bytes(libraries) + b"\0", b"$ORIGIN/../lib\0"
    if len(new) <= len(old):
        executable.write_bytes(executable.read_bytes().replace(old, new.ljust(len(old), b"\0")))


def python_name() -> str:
    return f"python{sys.version_info.major}.{sys.version_info.minor}"


def variables(runner: Runner, python: Path) -> dict[str, str]:
    """The whole environment of a step: the runner's own, the job's, and what the tests may use of ours."""
    kept = {name: value for name, value in os.environ.items() if NETWORK.fullmatch(name)}
    path = os.pathsep.join([str(python / "bin"), os.environ.get("PATH", os.defpath)])
    return {
        **kept,
        **machine(runner, python),
        **job(runner),
        **real_data(runner),
        "PATH": path,
    }


def machine(runner: Runner, python: Path) -> dict[str, str]:
    """What the runner's image and actions/setup-python set."""
    return {
        "CI": "true",
        "DEBIAN_FRONTEND": "noninteractive",
        "HOME": str(runner.home),
        "ImageOS": "ubuntu24",
        "JAVA_HOME": "/usr/lib/jvm/temurin-17-jdk-amd64",
        "LANG": "C.UTF-8",
        "LD_LIBRARY_PATH": str(python / "lib"),
        "LOGNAME": runner.user.pw_name,
        "RUNNER_ARCH": "X64",
        "RUNNER_ENVIRONMENT": "github-hosted",
        "RUNNER_NAME": "GitHub Actions 1",
        "RUNNER_OS": "Linux",
        "RUNNER_TEMP": str(runner.temporary),
        "RUNNER_TOOL_CACHE": str(runner.tools),
        "RUNNER_TRACKING_ID": "github_1",
        "RUNNER_WORKSPACE": str(runner.workspace.parent),
        "SHELL": "/bin/bash",
        "TMPDIR": str(runner.place / "tmp"),  # theirs is /tmp; what tests leave must go with the rest
        "USER": runner.user.pw_name,
        "XDG_CONFIG_HOME": str(runner.home / ".config"),
        "pythonLocation": str(python),
    }


def job(runner: Runner) -> dict[str, str]:
    """A pull request's job `build`: https://docs.github.com/actions/reference/variables-reference"""
    commit = git("rev-parse", "HEAD")
    owner = REPOSITORY.split("/")[0]
    event = runner.temporary / "event.json"
    event.write_text(json.dumps({"number": 7, "repository": {"full_name": REPOSITORY}}))
    files = {name: runner.temporary / name.lower() for name in STEP_FILES}
    for file in files.values():
        file.touch()
    return {name: str(file) for name, file in files.items()} | {
        "GITHUB_ACTION": "__run_2",
        "GITHUB_ACTIONS": "true",
        "GITHUB_ACTION_REF": "",
        "GITHUB_ACTION_REPOSITORY": "",
        "GITHUB_ACTOR": "octocat",
        "GITHUB_ACTOR_ID": "583231",
        "GITHUB_API_URL": "https://api.github.com",
        "GITHUB_BASE_REF": "main",
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(event),
        "GITHUB_GRAPHQL_URL": "https://api.github.com/graphql",
        "GITHUB_HEAD_REF": "feature",
        "GITHUB_JOB": "build",
        "GITHUB_REF": "refs/pull/7/merge",
        "GITHUB_REF_NAME": "7/merge",
        "GITHUB_REF_PROTECTED": "false",
        "GITHUB_REF_TYPE": "branch",
        "GITHUB_REPOSITORY": REPOSITORY,
        "GITHUB_REPOSITORY_ID": "1296269",
        "GITHUB_REPOSITORY_OWNER": owner,
        "GITHUB_REPOSITORY_OWNER_ID": "6811672",
        "GITHUB_RETENTION_DAYS": "90",
        "GITHUB_RUN_ATTEMPT": "1",
        "GITHUB_RUN_ID": "1658821493",
        "GITHUB_RUN_NUMBER": "3",
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_SHA": commit,
        "GITHUB_TRIGGERING_ACTOR": "octocat",
        "GITHUB_WORKFLOW": "ci",
        "GITHUB_WORKFLOW_REF": f"{REPOSITORY}/.github/workflows/ci.yml@refs/pull/7/merge",
        "GITHUB_WORKFLOW_SHA": commit,
        "GITHUB_WORKSPACE": str(runner.workspace),
    }


def real_data(runner: Runner) -> dict[str, str]:
    """Real objects for the tests, where the caller has some; copied when the user cannot read them."""
    folder = Path(os.environ.get("COVIDLAKE_REAL_DATA") or ROOT.parent / "shared" / "data")
    if not (folder / "covid19-lake").is_dir():
        return {}
    if not runner.can(["/bin/ls", "-R", str(folder / "covid19-lake")]):
        folder = Path(shutil.copytree(folder, runner.place / "data"))
    return {"COVIDLAKE_REAL_DATA": str(folder)}


def give(runner: Runner) -> None:
    """Everything on the runner is the user's."""
    if runner.identity():
        for path in (runner.place, *runner.place.rglob("*")):
            os.chown(path, runner.user.pw_uid, runner.user.pw_gid, follow_symlinks=False)


def step(command: Sequence[str], runner: Runner, environment: Mapping[str, str]) -> int:
    """Run a command in a session of its own: no terminal, and its output in one stream, as in a log."""
    say(" ".join(command))
    process = subprocess.Popen(
        command,
        cwd=runner.workspace,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        **runner.identity(),
    )
    printer = threading.Thread(target=show, args=(process.stdout,), daemon=True)
    try:
        printer.start()
        return process.wait()
    except KeyboardInterrupt:
        signal_all(process.pid, signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(SECONDS_TO_END)
        raise
    finally:
        signal_all(process.pid, signal.SIGKILL)
        if printer.is_alive():
            printer.join(SECONDS_TO_END)


def show(output: BinaryIO) -> None:
    for line in output:
        sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()


def signal_all(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def written(environment: Mapping[str, str]) -> int:
    """1 where a test wrote to the files of the step, by which it would speak to the workflow."""
    names = [name for name in STEP_FILES if Path(environment[name]).stat().st_size]
    for name in names:
        say(f"the tests wrote to ${name}: {Path(environment[name]).read_text()[:200]!r}")
    return 1 if names else 0


def say(line: str) -> None:
    sys.stdout.write(f"hosted runner: {line}\n")
    sys.stdout.flush()


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, interrupt)
    try:
        sys.exit(main(sys.argv[1:]))
    except HostedRunnerError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
