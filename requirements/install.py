"""Make the virtual environment and install the locked packages: python requirements/install.py local|dev.

Standard library only, because it runs before anything is installed. Nothing outside `.venv` is changed.
uv installs what the lock files name, checked by hash; where uv has no wheel, plain pip does the same.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REQUIREMENTS = ROOT / "requirements"
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
SUPPORTED = ((3, 11), (3, 12))
VERSION = sys.version.split()[0]


class InstallError(Exception):
    """One line for the user: what failed and the cure."""


def main(profile: str) -> None:
    """Bring `.venv` up to date with a lock file (`local` or `dev`); `dev` holds all that `local` does."""
    if sys.version_info[:2] not in SUPPORTED:
        raise InstallError(
            f"Python {VERSION} is not supported: use 3.11 or 3.12, e.g. make PYTHON=python3.12"
        )
    wanted = digest(profile)
    if any(stamp.is_file() and stamp.read_text() == digest(stamp.stem) for stamp in stamps(profile)):
        return
    make_environment()
    run("installing the installer", [python(), "-m", "pip", "install", "--quiet", *LOCKED, file("bootstrap")])
    run(f"installing the locked packages ({profile})", [*installer(), *SOURCE, *LOCKED, file(profile)])
    run("installing covidlake itself", [*installer(), *SOURCE, "--editable", str(ROOT)])
    (VENV / f"{profile}.stamp").write_text(wanted)


LOCKED = ["--require-hashes", "--requirement"]
SOURCE = ["--no-deps", "--no-build-isolation"]


def stamps(profile: str) -> list[Path]:
    return [VENV / f"{name}.stamp" for name in ("dev", "local") if name in (profile, "dev")]


def digest(profile: str) -> str:
    """What the environment depends on: the lock files, the project and its packages, the Python."""
    parts = [sys.version.encode(), sysconfig.get_platform().encode(), str(ROOT).encode()]
    parts += [(ROOT / name).read_bytes() for name in ("pyproject.toml", f"requirements/{profile}.txt")]
    parts += [(REQUIREMENTS / "bootstrap.txt").read_bytes()]
    parts += [str(path.parent).encode() for path in sorted(ROOT.glob("jobs/*/__init__.py"))]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def make_environment() -> None:
    """A fresh virtual environment, unless the one that is there is of this very Python."""
    if python_version_of(VENV) == sys.version:
        return
    shutil.rmtree(VENV, ignore_errors=True)
    try:
        run(f"making .venv with Python {VERSION}", [sys.executable, "-m", "venv", str(VENV)])
    except InstallError as error:
        shutil.rmtree(VENV, ignore_errors=True)
        raise InstallError(f"{error}; on Debian and Ubuntu install the package python3-venv") from error


def python_version_of(environment: Path) -> str | None:
    """`sys.version` of an environment's Python; None when there is none that starts."""
    executable = environment / BIN.relative_to(VENV) / "python"
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


def run(title: str, command: list[str]) -> None:
    print(f"{title} ...", file=sys.stderr, flush=True)
    environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    environment.pop("VIRTUAL_ENV", None)
    if code := subprocess.run(command, env=environment).returncode:
        raise InstallError(f"{title} failed (exit code {code}): see above; the network is needed once")


if __name__ == "__main__":
    try:
        if sys.argv[1:] not in (["local"], ["dev"]):
            raise InstallError("usage: python requirements/install.py local|dev")
        main(sys.argv[1])
    except InstallError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit("interrupted; the next call goes on")
