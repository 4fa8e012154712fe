"""`.ci/hosted_runner.py`: targets of make as steps of GitHub's hosted runner; nothing is left of them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from tests.environment import FOREIGN, ROOT

GIT = shutil.which("git") or "git"
SCRIPT = ROOT / ".ci" / "hosted_runner.py"
# https://docs.github.com/actions/reference/variables-reference, without what only some steps have.
NAMES = """
CI GITHUB_ACTION GITHUB_ACTION_REPOSITORY GITHUB_ACTIONS GITHUB_ACTOR GITHUB_ACTOR_ID GITHUB_API_URL
GITHUB_BASE_REF GITHUB_ENV GITHUB_EVENT_NAME GITHUB_EVENT_PATH GITHUB_GRAPHQL_URL GITHUB_HEAD_REF GITHUB_JOB
GITHUB_OUTPUT GITHUB_PATH GITHUB_REF GITHUB_REF_NAME GITHUB_REF_PROTECTED GITHUB_REF_TYPE GITHUB_REPOSITORY
GITHUB_REPOSITORY_ID GITHUB_REPOSITORY_OWNER GITHUB_REPOSITORY_OWNER_ID GITHUB_RETENTION_DAYS
GITHUB_RUN_ATTEMPT GITHUB_RUN_ID GITHUB_RUN_NUMBER GITHUB_SERVER_URL GITHUB_SHA GITHUB_STEP_SUMMARY
GITHUB_TRIGGERING_ACTOR GITHUB_WORKFLOW GITHUB_WORKFLOW_REF GITHUB_WORKFLOW_SHA GITHUB_WORKSPACE RUNNER_ARCH
RUNNER_ENVIRONMENT RUNNER_NAME RUNNER_OS RUNNER_TEMP RUNNER_TOOL_CACHE
"""
DOCUMENTED = set(NAMES.split())
MORE = {"GITHUB_ACTION_REF", "GITHUB_STATE", "RUNNER_TRACKING_ID", "RUNNER_WORKSPACE"}
OF_MAKE = {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}
REPORT = """
import json, os, subprocess, sys
said = subprocess.run(["git", "log", "--format=%s"], capture_output=True, text=True).stdout.split("\\n")
print("report", json.dumps({
    "environment": dict(os.environ), "user": os.getuid(), "owner": os.stat(".").st_uid, "commits": said[:-1],
    "files": sorted(os.listdir(".")), "terminal": sys.stdout.isatty(), "input": sys.stdin.read(),
    "home": os.listdir(os.environ["HOME"]), "session": os.getsid(0),
    "event": open(os.environ["GITHUB_EVENT_PATH"]).read(),
}))
"""
MAKEFILE = """
lint:
	@python3 report.py
test:
	@echo "7 passed in 1.00s" >&2; exit 3
summary:
	@echo told >> "$$GITHUB_STEP_SUMMARY"
hang:
	@echo hanging $$PPID; exec sleep 600
"""


def load() -> ModuleType:
    spec = spec_from_file_location("hosted_runner", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with the script, two commits and a change that is not committed."""
    folder = tmp_path / "project"
    (folder / ".ci").mkdir(parents=True)
    (folder / ".ci" / SCRIPT.name).write_bytes(SCRIPT.read_bytes())
    (folder / "report.py").write_text(REPORT)
    (folder / "Makefile").write_text("lint:\n\tfalse\n")
    git(folder, "init", "--quiet", "--initial-branch", "main")
    commit(folder, "first")
    (folder / "Makefile").write_text(MAKEFILE)
    commit(folder, "second")
    (folder / "new.txt").write_text("not committed")
    return folder


def git(folder: Path, *words: str) -> None:
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
    subprocess.run([GIT, *identity, *words], cwd=folder, check=True)


def commit(folder: Path, message: str) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", message)


def run(project: Path, *targets: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, ".ci/hosted_runner.py", *targets],
        cwd=project,
        env=os.environ | environment,
        capture_output=True,
        text=True,
    )


def test_a_step_sees_the_runner_and_nothing_of_the_caller(project: Path, tmp_path: Path) -> None:
    callers = {
        **dict.fromkeys(
            ("GITHUB_TOKEN", "AWS_CA_BUNDLE", "COVIDLAKE_REPLAY_DAYS", "PYTHONPATH", "MAKEFLAGS"), "x"
        ),
        "XDG_CACHE_HOME": "x",
        "PIP_CACHE_DIR": "x",
        "HTTPS_PROXY": "http://proxy.example.org",
        "COVIDLAKE_REAL_DATA": str(tmp_path / "none"),
    }
    done = run(project, "lint", **callers)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 changes are not committed" in done.stdout
    (line,) = (line for line in done.stdout.splitlines() if line.startswith("report"))
    found = json.loads(line.removeprefix("report"))
    environment = found["environment"]
    assert set(DOCUMENTED) <= set(environment)
    assert {name for name in callers if environment.get(name) == "x"} == set()
    assert environment["HTTPS_PROXY"] == callers["HTTPS_PROXY"]
    assert "TERM" not in environment
    assert {name for name in environment if FOREIGN.fullmatch(name)} <= DOCUMENTED | MORE | OF_MAKE
    assert (found["terminal"], found["input"], found["home"]) == (False, "", [])
    assert found["user"] == found["owner"] != 0
    assert found["session"] != os.getsid(0)
    assert (found["commits"], found["files"]) == (["second"], [".ci", ".git", "Makefile", "report.py"])
    assert json.loads(found["event"])["number"] == 7
    assert not Path(environment["HOME"]).exists()


def test_the_first_target_that_fails_ends_the_run_and_its_output_is_on_standard_output(project: Path) -> None:
    done = run(project)
    assert done.returncode == 2  # make's own code
    assert "7 passed in 1.00s" in done.stdout
    assert done.stdout.index("hosted runner: make lint") < done.stdout.index("hosted runner: make test")
    assert run(project, "test", "lint").stdout.count("hosted runner: make") == 1


def test_tests_that_speak_to_the_workflow_fail_the_run(project: Path) -> None:
    done = run(project, "summary")
    assert done.returncode == 1
    assert "the tests wrote to $GITHUB_STEP_SUMMARY: 'told\\n'" in done.stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_the_target_and_removes_everything(
    project: Path, tmp_path: Path, number: signal.Signals
) -> None:
    command = [sys.executable, ".ci/hosted_runner.py", "hang"]
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        environment = os.environ | {"TMPDIR": place}
        with subprocess.Popen(
            command, cwd=project, env=environment, stdout=subprocess.PIPE, text=True
        ) as run:
            assert run.stdout is not None
            make = next(int(line.split()[1]) for line in run.stdout if line.startswith("hanging"))
            run.send_signal(number)
            assert run.wait(timeout=60) == 130
        assert list(Path(place).iterdir()) == []
        assert not Path(f"/proc/{make}").exists()


def test_real_objects_are_copied_where_the_user_cannot_read_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = load()
    lake = tmp_path / "data" / "covid19-lake"
    lake.mkdir(parents=True)
    (lake / "object").write_text("{}")
    monkeypatch.setenv("COVIDLAKE_REAL_DATA", str(lake.parent))
    runner = module.Runner(tmp_path / "runner", module.ordinary_user())
    runner.place.mkdir()
    monkeypatch.setattr(module.Runner, "can", lambda *_: True)
    assert module.real_data(runner) == {"COVIDLAKE_REAL_DATA": str(lake.parent)}
    monkeypatch.setattr(module.Runner, "can", lambda *_: False)
    copied = Path(module.real_data(runner)["COVIDLAKE_REAL_DATA"])
    assert (copied / "covid19-lake" / "object").read_text() == "{}"
    assert runner.place in copied.parents


def test_a_copied_python_looks_for_its_library_beside_itself(tmp_path: Path) -> None:
    module = load()
    executable = tmp_path / "python"
    executable.write_bytes(b"\0/private/pyenv/versions/3.11.7/lib\0/private/other\0")
    module.look_beside(executable, Path("/private/pyenv/versions/3.11.7/lib"))
    text = executable.read_bytes()
    assert text.startswith(b"\0$ORIGIN/../lib\0")
    assert text.endswith(b"\0/private/other\0")
    assert len(text) == 51
    module.look_beside(executable, Path("/lib"))  # too short to be replaced: a Python that anybody can run
    assert executable.read_bytes() == text
