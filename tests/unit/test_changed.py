"""Which tests a change selects: in a small project, and how the change is found."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.changed import Project
from tests.environment import ROOT

FILES = {
    "pyproject.toml": '[tool.pytest.ini_options]\npythonpath = [".", "jobs", "packages/cloud"]\n',
    "requirements/dev.txt": "pytest==1\n",
    "environments/dev.yaml": "parameters: {}\n",
    ".github/workflows/drift.yml": "on: push\n",
    ".gitignore": "__pycache__/\n.pytest_cache/\n",
    "NOTES": "nobody reads this\n",
    "lake/__init__.py": "",
    "lake/__main__.py": "def main() -> None:\n    from lake.commands import plan\n",
    "lake/base.py": 'from pathlib import Path\nENVIRONMENTS = Path("environments")\nNAME = "lake"\n',
    "lake/commands/__init__.py": "",
    "lake/commands/plan.py": "from lake import middle\n",
    "lake/middle.py": "from lake import base\n",
    "lake/target.py": "from lake import base\nnames = list(base.ENVIRONMENTS.iterdir())\n",
    "lake/ship.py": 'SENT = ["jobs/load.py", "handlers"]\n\n\ndef ship() -> list[str]:\n    return SENT\n',
    "lake/words.sql": "SELECT 1",
    "handlers/start/handler.py": "",
    "jobs/load.py": "import rows\n",
    "jobs/rows/__init__.py": "from rows import fields\n",
    "jobs/rows/fields.py": "",
    "packages/cloud/cloud/__init__.py": "",
    "packages/cloud/cloud/server.py": "",
    "packages/cloud/cloud/handle.py": 'import sys\nCOMMAND = [sys.executable, "-m", "cloud.server"]\n'
    "def start() -> None:\n    print(COMMAND)\n",
    "tests/conftest.py": "",
    "tests/unit/test_plan.py": "from lake.commands import plan\n",
    "tests/unit/test_target.py": "def test() -> None:\n    from lake import target\n",
    "tests/unit/test_ship.py": "from lake import ship\n",
    "tests/unit/test_sent.py": 'SENT = ["a word of its own"]\nprint(SENT)\n',
    "tests/unit/test_fields.py": "from rows.fields import *\n",
    "tests/unit/cloud/conftest.py": "from cloud import handle\n",
    "tests/unit/cloud/test_cloud.py": "",
    "tests/e2e/test_command.py": 'import subprocess\nsubprocess.run([".venv/bin/lake", "plan"])\n',
    "tests/workflows/rig.py": 'from pathlib import Path\nFOLDER = Path(".github") / "workflows"\n'
    "def read(name: str) -> str:\n    return (FOLDER / name).read_text()\n",
    "tests/workflows/test_drift.py": "from tests.workflows import rig\n",
}
SELECT_EACH = """
import json, sys
from pathlib import Path
from tests.changed import Project
project = Project(Path.cwd())
selections = {path: project.select([path]) for path in [*project.files, "lake/gone.py"]}
print(json.dumps({path: [one.tests, one.left_out, one.all_because] for path, one in selections.items()}))
"""
ALL = {path for path in FILES if "/test_" in path}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Committed on main, and a branch at the same commit."""
    root = tmp_path_factory.mktemp("project")
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    shutil.copy(ROOT / "tests" / "changed.py", root / "tests")
    for words in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "first"]):
        git(root, *words)
    git(root, "switch", "-q", "-c", "branch")
    return root


def git(root: Path, *words: str) -> None:
    author = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    subprocess.run(
        [shutil.which("git") or "git", "-C", str(root), *author, *words], check=True, capture_output=True
    )


@pytest.fixture(scope="module")
def selections(project: Path) -> dict[str, tuple[list[str], list[str], str]]:
    """What a change of each file selects; in a process of its own, where `tests` is the project's."""
    done = subprocess.run([sys.executable, "-c", SELECT_EACH], cwd=project, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return {path: tuple(one) for path, one in json.loads(done.stdout).items()}


CLOUD = {"tests/unit/cloud/test_cloud.py"}
COMMAND = {"tests/e2e/test_command.py"}
PLAN = {"tests/unit/test_plan.py"}
SHIP = {"tests/unit/test_ship.py"}
TARGET = {"tests/unit/test_target.py"}
DRIFT = {"tests/workflows/test_drift.py"}


@pytest.mark.parametrize(
    ("path", "tests"),
    [
        pytest.param("tests/unit/test_plan.py", PLAN, id="a test itself"),
        pytest.param("lake/target.py", TARGET | COMMAND, id="a module that a test imports in a function"),
        pytest.param("lake/middle.py", PLAN | COMMAND, id="a module that is imported by another"),
        pytest.param("lake/commands/__init__.py", PLAN | COMMAND, id="the package of an imported module"),
        pytest.param("lake/__main__.py", COMMAND, id="a command that a test starts"),
        pytest.param("packages/cloud/cloud/server.py", CLOUD, id="a module that product code starts"),
        pytest.param("packages/cloud/cloud/handle.py", CLOUD, id="a module that a conftest imports"),
        pytest.param("tests/unit/cloud/conftest.py", CLOUD, id="the conftest of a folder"),
        pytest.param("jobs/load.py", SHIP | COMMAND, id="a script that product code ships"),
        pytest.param(
            "jobs/rows/fields.py", {"tests/unit/test_fields.py"} | SHIP | COMMAND, id="what it imports"
        ),
        pytest.param("handlers/start/handler.py", SHIP | COMMAND, id="a folder that product code ships"),
        pytest.param("environments/dev.yaml", TARGET | COMMAND, id="a folder that a constant names"),
        pytest.param(".github/workflows/drift.yml", DRIFT, id="a workflow that a test's helper reads"),
    ],
)
def test_a_change_selects_the_tests_that_it_reaches(
    path: str, tests: set[str], selections: dict[str, tuple[list[str], list[str], str]]
) -> None:
    selected, left_out, because = selections[path]
    assert (set(selected), set(left_out), because) == (tests, ALL - tests, "")


@pytest.mark.parametrize(
    ("path", "because"),
    [
        ("NOTES", "no test is known to use NOTES"),
        ("lake/gone.py", "lake/gone.py is gone, and who used it is not known"),
        ("pyproject.toml", "pyproject.toml is what every test runs with"),
        ("requirements/dev.txt", "requirements/dev.txt is what every test runs with"),
        ("tests/conftest.py", ""),
    ],
)
def test_every_test_runs_where_the_reach_is_not_known(
    path: str, because: str, selections: dict[str, tuple[list[str], list[str], str]]
) -> None:
    assert (set(selections[path][0]), selections[path][2]) == (ALL, because)


def test_data_of_a_package_reaches_the_tests_of_the_package(
    selections: dict[str, tuple[list[str], list[str], str]],
) -> None:
    assert set(selections["lake/words.sql"][0]) == PLAN | TARGET | SHIP | COMMAND


def run(project: Path, base: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.changed", base]
    return subprocess.run(command, cwd=project, capture_output=True, text=True)


def test_the_change_is_all_since_the_branch_left_and_the_rest_is_said_to_be_left_out(project: Path) -> None:
    assert run(project, "main").stdout == "nothing differs from main: no test runs\n"
    try:
        (project / "tests/unit/test_plan.py").write_text("def test_plan() -> None:\n    pass\n")
        git(project, "commit", "-qam", "second")
        (project / "tests/unit/test_new.py").write_text("def test_new() -> None:\n    pass\n")
        done = run(project, "main")
    finally:
        (project / "tests/unit/test_new.py").unlink()
        git(project, "reset", "-q", "--hard", "main")
    left_out = "7 are left out (tests/e2e 1, tests/unit 4, tests/unit/cloud 1, tests/workflows 1)"
    said = f"CHANGED: 2 files differ from main: 2 test files run, {left_out}"
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert (lines[0], lines[-1]) == (said, f"{said}; make test runs them all")
    assert "2 passed" in done.stdout


def test_an_unknown_base_is_one_line(project: Path) -> None:
    done = run(project, "nowhere")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == ("error: CHANGED=nowhere: no such commit: name a branch or commit\n")


def test_one_file_is_counted_as_one(project: Path) -> None:
    try:
        (project / "tests/unit/test_plan.py").write_text("def test_plan() -> None:\n    pass\n")
        done = run(project, "main")
    finally:
        git(project, "reset", "-q", "--hard", "main")
    assert done.stdout.startswith("CHANGED: 1 file differs from main: 1 test files run, ")


def test_a_commit_of_another_history_is_one_line(project: Path) -> None:
    tree = [
        "git",
        "-C",
        str(project),
        "-c",
        "user.name=a",
        "-c",
        "user.email=a@b",
        "commit-tree",
        "HEAD^{tree}",
    ]
    other = subprocess.run([*tree, "-m", "other"], check=True, capture_output=True, text=True).stdout.strip()
    assert run(project, other).stderr == (
        f"error: CHANGED={other} has no commit in common with HEAD: name a branch or commit\n"
    )


@pytest.fixture(scope="module")
def ours() -> Project:
    return Project(ROOT)


@pytest.mark.parametrize(
    ("change", "folders"),
    [
        ("lambdas/*/handler.py", ["tests/unit/lambdas", "tests/e2e/ingestion"]),
        ("jobs/ingest.py", ["tests/unit/jobs", "tests/e2e/ingestion", "tests/workflows"]),
        ("environments/dev.yaml", ["tests/e2e/ingestion", "tests/workflows"]),
        (".github/workflows/deploy*.yml", ["tests/workflows"]),
        ("covidlake/commands/command_line.py", ["tests/unit/covidlake/commands", "tests/workflows"]),
        ("infra/**/__init__.py", ["tests/unit/infra", "tests/e2e/ingestion", "tests/facts"]),
    ],
)
def test_a_change_of_this_project_reaches(change: str, folders: list[str], ours: Project) -> None:
    changed = [str(path.relative_to(ROOT)) for path in ROOT.glob(change)]
    assert changed
    for path in changed:
        selected = ours.select([path]).tests
        assert all(any(test.startswith(f"{folder}/") for test in selected) for folder in folders), selected


def test_a_benchmark_carries_no_change_of_what_it_names(ours: Project) -> None:
    assert "benchmarks/deploy.py" not in ours.dependents(".github/workflows/ingest.yml")
    assert len(ours.select([".github/workflows/ingest.yml"]).tests) < len(ours.tests) / 4


@pytest.mark.prove
def test_most_changes_of_the_tool_leave_most_tests_out(ours: Project) -> None:
    modules = [path for path in ours.files if path.startswith("covidlake/")]
    shares = sorted(len(ours.touched_by(path)) / len(ours.tests) for path in modules)
    assert shares[len(shares) // 2] < 0.5
