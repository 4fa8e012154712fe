"""Install what the browser tests need into .venv, and a browser where this user may: `make test-browser`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from tests.browser import browsers
from tests.environment import ROOT

LOCK = ROOT / "requirements" / "browser.txt"


def main() -> None:
    """Leave what is there as it is; say what is missing afterwards."""
    if any(name in browsers.missing() for name in browsers.PACKAGES):
        uv = ROOT / ".venv" / "bin" / "uv"
        installer = [str(uv), "pip", "install", "--quiet", "--python", sys.executable] if uv.exists() else []
        installer = installer or [sys.executable, "-m", "pip", "install", "--quiet"]
        subprocess.run([*installer, "--require-hashes", "--requirement", str(LOCK)], check=True)
    if browsers.executable() is None and os.geteuid() == 0 and (apt := shutil.which("apt-get")):
        subprocess.run([apt, "install", "--yes", "--quiet", "chromium"], check=False)
    if reason := browsers.wrong():
        raise SystemExit(f"error: {reason}")
    if reason := browsers.missing():
        sys.stderr.write(f"the browser tests will be skipped: {reason}\n")


if __name__ == "__main__":
    main()
