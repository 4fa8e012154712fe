"""Which Python make takes, and what it does or says where the machine has none that fits."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

from covidlake.doctor import machine as doctor_machine
from tests.environment import ROOT

TOOLS = ("sh", "sed", "readlink", "dirname", "mkdir", "ln")
VERSIONS = [f"3.{minor}" for minor in range(8, 17)]
PRETENDS = """\
#!/bin/sh
[ "$1" != -c ] || exec "{python}" "$@"
exec "{python}" -c 'import runpy, sys
sys.version_info = ({version}, 0)
runpy.run_path(sys.argv[1], run_name="__main__")' "$@"
"""
FETCHES = """\
#!/bin/sh
echo "$UV_PYTHON_INSTALL_DIR $UV_PYTHON_INSTALL_BIN $*" >>"{log}"
mkdir -p "$UV_PYTHON_INSTALL_DIR/cpython-3.11-here/bin"
ln -s "{python}" "$UV_PYTHON_INSTALL_DIR/cpython-3.11-here/bin/python3.11"
"""
IS_OFFLINE = """\
#!/bin/sh
echo "error: Failed to install cpython-3.11" >&2
echo "  cause: Request failed after 3 retries" >&2
echo "  cause: error resolving DNS" >&2
exit 1
"""


class Machine:
    """A copy of `requirements/` in a project of its own, and a path that holds no Python yet."""

    def __init__(self, folder: Path) -> None:
        self.project = folder / "project"
        self.path = folder / "bin"
        self.path.mkdir()
        shutil.copytree(ROOT / "requirements", self.project / "requirements")
        for tool in TOOLS:
            (self.path / tool).symlink_to(shutil.which(tool) or tool)

    def has(self, name: str, script: str) -> Path:
        command = self.path / name
        command.write_text(script)
        command.chmod(0o755)
        return command

    def has_python(self, name: str, version: str) -> Path:
        """A Python that says it is of another version."""
        script = PRETENDS.format(python=sys.executable, version=version.replace(".", ", "))
        return self.has(name, script)

    def asks(self, python: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.project / "requirements" / "python.sh", python],
            env=os.environ | {"PATH": str(self.path)},
            capture_output=True,
            text=True,
        )

    def is_refused(self, python: str = "") -> str:
        """The last line, which says what to do."""
        done = self.asks(python)
        assert (done.returncode, done.stdout) == (1, "")
        line = done.stderr.splitlines()[-1]
        assert line.startswith("error: ")
        return line


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_the_python_of_glue_is_taken_where_several_fit(machine: Machine) -> None:
    for version in ("3.14", "3.13", "3.12"):
        machine.has_python(f"python{version}", version)
    machine.has_python("python3", "3.14")
    assert machine.asks().stdout == "python3.12\n"
    machine.has_python("python3.11", "3.11")
    assert machine.asks().stdout == "python3.11\n"


def test_a_python_is_known_by_its_version_not_by_its_name(machine: Machine) -> None:
    machine.has_python("python3.11", "3.10")
    machine.has_python("python", "3.13")
    assert machine.asks().stdout == "python\n"


def test_the_python_of_the_environment_stays(machine: Machine) -> None:
    machine.has_python("python3.11", "3.11")
    newer = machine.has_python("python3.14", "3.14")
    (machine.project / ".venv" / "bin").mkdir(parents=True)
    (machine.project / ".venv" / "bin" / "python").symlink_to(newer)
    assert machine.asks().stdout == f"{newer}\n"


@pytest.mark.parametrize(
    ("version", "dependency"), [("3.10", "annotated-doc"), ("2.7", "annotated-doc"), ("3.15", "PyYAML")]
)
def test_a_named_python_that_does_not_fit_is_refused_with_the_dependency(
    machine: Machine, version: str, dependency: str
) -> None:
    other = machine.has_python("other", version)
    machine.has_python("python3.11", "3.11")
    line = machine.is_refused(str(other))
    assert re.fullmatch(rf"error: PYTHON={other}: Python {version} is too .*{dependency}.*", line)


def test_a_name_that_is_no_python_is_refused(machine: Machine) -> None:
    machine.has_python("python3.11", "3.11")
    assert "PYTHON=nowhere is not a Python 3.11 to 3.14" in machine.is_refused("nowhere")


@pytest.mark.parametrize("name", ["true", "cat", "echo"])
def test_a_program_that_succeeds_at_anything_is_no_python(name: str, machine: Machine) -> None:
    program = shutil.which(name)
    assert program
    assert "is not a Python 3.11 to 3.14" in machine.is_refused(program)


def test_what_refuses_a_python_is_locked() -> None:
    locked = (ROOT / "requirements" / "local.txt").read_text().lower()
    said = (ROOT / "requirements" / "supported.py").read_text()
    for name in ("annotated-doc", "typer", "PyYAML", "pyspark"):
        assert name in said
        assert f"\n{name.lower()}==" in locked
    assert "pyspark 3.5.6 " in said
    assert "\npyspark==3.5.6 " in locked


@pytest.mark.parametrize("version", VERSIONS)
def test_the_package_the_doctor_and_make_support_the_same(machine: Machine, version: str) -> None:
    taken = machine.asks(str(machine.has_python("python", version))).returncode == 0
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert taken == SpecifierSet(project["requires-python"]).contains(f"{version}.1")
    assert taken == (tuple(map(int, version.split("."))) in doctor_machine.PYTHONS)


def test_uv_fetches_python_into_the_project_once(machine: Machine, tmp_path: Path) -> None:
    log = tmp_path / "calls"
    machine.has("uv", FETCHES.format(log=log, python=sys.executable))
    machine.has_python("python3", "3.10")
    fetched = machine.project / ".cache" / "python"
    for _ in range(2):
        done = machine.asks()
        assert done.stdout == f"{fetched}/cpython-3.11-here/bin/python3.11\n", done.stderr
    assert log.read_text() == f"{fetched} 0 python install 3.11\n"


def test_without_uv_any_python_installs_it_into_the_project(machine: Machine, tmp_path: Path) -> None:
    """The old Python is a script that writes down how it is called, and makes what a venv would hold."""
    log = tmp_path / "calls"
    inner = FETCHES.format(log=log, python=sys.executable)
    pip = f'#!/bin/sh\necho "$*" >>"{log}"\ncp "{tmp_path}/uv" "${{0%python}}uv"\n'
    (tmp_path / "uv").write_text(inner)
    (tmp_path / "uv").chmod(0o755)
    (tmp_path / "pip").write_text(pip)
    (tmp_path / "pip").chmod(0o755)
    (machine.path / "cp").symlink_to(shutil.which("cp") or "cp")
    machine.has(
        "python3",
        '#!/bin/sh\n[ "$1" = -m ] || { echo Python 3.9 is too old >&2; exit 1; }\n'
        f'mkdir -p "$4/bin"; cp "{tmp_path}/pip" "$4/bin/python"\n',
    )
    own = machine.project / ".cache" / "uv"
    done = machine.asks()
    assert done.returncode == 0, done.stderr
    assert "(Python 3.9 is too old): uv fetches Python 3.11 into .cache/python" in done.stderr
    options = "--only-binary :all: --require-hashes --requirement"
    assert log.read_text().splitlines()[0] == f"-m pip install {options} {own}/uv.txt"
    locked = (own / "uv.txt").read_text()
    assert re.fullmatch(r"uv==[\d.]+ \\\n(    --hash=sha256:[0-9a-f]{64}( \\)?\n)+", locked)


def test_where_uv_cannot_fetch_one_line_says_why_and_what_to_do(machine: Machine) -> None:
    machine.has("uv", IS_OFFLINE)
    assert machine.is_refused() == (
        "error: uv could not fetch Python 3.11 (error resolving DNS): "
        "install one, or name it with make PYTHON=/path/to/python3.12"
    )


def test_without_uv_and_python_one_line_says_what_to_do(machine: Machine) -> None:
    line = "no Python 3.11 to 3.14 found, nor uv, which could fetch one: install one, or name it with make"
    assert machine.is_refused() == f"error: {line} PYTHON=/path/to/python3.12"
    assert machine.asks().stderr.count("\n") == 1


IS_CURRENT = """
import sys
sys.path.insert(0, "requirements")
import install
stamp = install.VENV / "local.stamp"
if not stamp.exists():
    stamp.write_text(install.digest("local"))
print(install.is_current("local"))
"""


def test_an_environment_without_its_entry_point_is_installed_anew(machine: Machine) -> None:
    for name in ("pyproject.toml", "packages/localcloud/pyproject.toml"):
        (machine.project / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, machine.project / name)
    environment = machine.project / ".venv" / "bin"
    environment.mkdir(parents=True)
    for name in ("python", "covidlake"):
        (environment / name).touch()
    command = [sys.executable, "-c", IS_CURRENT]

    def is_current() -> str:
        done = subprocess.run(command, cwd=machine.project, capture_output=True, text=True)
        return done.stdout or done.stderr

    assert is_current() == "True\n"
    packages = machine.project / ".venv" / "lib" / "python3.11" / "site-packages" / "boto3"
    packages.mkdir(parents=True)
    put = ["bin/covidlake", "lib/python3.11/site-packages/boto3"]
    (machine.project / ".venv" / "local.contents").write_text("\n".join(put))
    assert is_current() == "True\n"
    packages.rmdir()
    assert is_current() == "False\n"
    packages.mkdir()
    (environment / "covidlake").unlink()
    assert is_current() == "False\n"


def test_bytecode_is_no_part_of_an_installation(machine: Machine) -> None:
    packages = machine.project / ".venv" / "lib" / "python3.11" / "site-packages"
    for name in ("boto3", "__pycache__"):
        (packages / name).mkdir(parents=True)
    (machine.project / ".venv" / "bin").mkdir()
    script = "import sys; sys.path.insert(0, 'requirements'); import install; print(install.contents())"
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=machine.project, capture_output=True, text=True, check=True)
    assert done.stdout == "['lib/python3.11/site-packages/boto3']\n"


def test_no_shell_sees_the_variables_of_make_as_code() -> None:
    evil = "dev; touch pwned"
    given = [f"{name}={evil}" for name in ("ENVIRONMENT", "SOURCE", "DATASETS", "CHANGED", "PYTHON")]
    for target in ("run", "up", "test"):
        command = ["make", "--dry-run", target, *given]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        assert "covidlake" in done.stdout or "tests.changed" in done.stdout
        assert "pwned" not in done.stdout


@pytest.mark.parametrize(
    ("python", "runs", "stopped", "cleaned"),
    [
        ("exit 0", True, True, True),
        ("exit 1", True, False, False),
        (None, True, False, False),
        (None, False, False, True),
    ],
)
def test_make_clean_leaves_no_cloud_running_unsaid(
    tmp_path: Path, python: str | None, runs: bool, stopped: bool, cleaned: bool
) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / ".localcloud").mkdir()
    if runs:
        (tmp_path / ".localcloud" / "run.json").write_text("{}")
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    if python:
        command = tmp_path / ".venv" / "bin" / "python"
        command.write_text(f'#!/bin/sh\necho "$*" >>calls\n{python}\n')
        command.chmod(0o755)
    make = ["make", "clean"]
    done = subprocess.run(make, cwd=tmp_path, capture_output=True, text=True, check=False)
    calls = tmp_path / "calls"
    assert (calls.exists() and "-m localcloud down" in calls.read_text()) is stopped
    assert (done.returncode == 0) is cleaned
    assert (tmp_path / ".venv").exists() is not cleaned
    assert ("a local cloud runs" in done.stderr) is not cleaned
