"""The browser of this machine, and what drives it: found, never downloaded by a test."""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec

CHOSEN = "COVIDLAKE_BROWSER"  # the path of another one
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGES = ("playwright", "axe_playwright_python")
INSTALL = "make test-browser installs what it can"
# A sandbox needs rights that a container and root do not have; the rest keeps it from calling home.
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


def executable() -> str | None:
    """The path of the browser, if there is one."""
    if chosen := os.environ.get(CHOSEN):
        return shutil.which(chosen) or chosen
    return next(filter(None, map(shutil.which, NAMES)), None)


def wrong() -> str:
    """Why the chosen browser cannot be run: whoever names one does not want the tests skipped."""
    chosen = os.environ.get(CHOSEN)
    return f"{CHOSEN}: no program {chosen}" if chosen and shutil.which(chosen) is None else ""


def missing() -> str:
    """Why the tests cannot run here; empty if they can."""
    if lacking := [name for name in PACKAGES if find_spec(name) is None]:
        return f"no package {lacking[0]}: {INSTALL}"
    if reason := wrong():
        return reason
    return "" if executable() else f"no browser ({', '.join(NAMES)}; {CHOSEN} names another): {INSTALL}"
