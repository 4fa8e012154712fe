"""What plug-ins use inside ministack and moto is checked first, and written down."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[2]
# Installs the plug-ins as a server does; prints what they replaced without having asked for it.
UNCHECKED = """
import inspect, sys, tempfile
from pathlib import Path
from localcloud import plugins, server
from localcloud.home import Home
from localcloud.plugin.api import REQUIRED

server.configure(server.Settings(Home(Path(sys.argv[1])), ephemeral=True), port=0)
from ministack import app
from localcloud.plugin import api
import importlib, pkgutil, ministack.core, ministack.services
for package in (ministack.core, ministack.services):
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        importlib.import_module(found.name)

def functions():
    held = {}
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] == "ministack":
            own = (c for c in vars(module).values() if inspect.isclass(c) and c.__module__ == name)
            for owner in (module, *own):
                held |= {(owner, key): value for key, value in vars(owner).items() if callable(value)}
    return held

before = functions()
plugins.install(app)
after = functions()
asked = {(one.owner, one.name) for one in REQUIRED}
changed = {key for key, value in after.items() if key in before and before[key] is not value}
print(len(changed & asked))
print(*sorted(f"{owner.__name__}.{name}" for owner, name in changed - asked), sep="\\n")
"""


def test_the_list_is_current() -> None:
    command = [sys.executable, "-m", "localcloud.private_names"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (PROJECT / "PRIVATE_NAMES.md").read_text() == done.stdout, f"renew it: {' '.join(command[1:])}"


def test_nothing_is_replaced_that_was_not_checked(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", UNCHECKED, str(tmp_path)], cwd=PROJECT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    checked, *unchecked = done.stdout.split()
    assert int(checked) > 20
    assert unchecked == []
