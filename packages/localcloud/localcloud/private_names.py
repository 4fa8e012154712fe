"""`python -m localcloud.private_names > PRIVATE_NAMES.md`: what plug-ins use inside ministack and moto.

Each name is checked by `plugin.require` when the plug-ins are installed; this prints what was checked.
"""

from __future__ import annotations

import inspect
import os
import sys
import tempfile
from pathlib import Path

from localcloud import plugins, server
from localcloud.home import Home
from localcloud.plugin.api import REQUIRED, Required
from localcloud.step_functions.states import loading

HEADING = """\
# What the plug-ins use inside ministack and moto

Made by `python -m localcloud.private_names`. The cloud does not start on a release in which one of these is
missing or begins with other arguments: `plugin.require` looks at each when its plug-in is installed.
"""


def table() -> str:
    """The names as Markdown, by owner; installs the plug-ins into this process, which then is no server."""
    from ministack import app

    plugins.install(app)
    loading.execution()  # moto is imported, checked and changed when the first execution needs it
    lines = sorted({_line(one) for one in REQUIRED})
    return "\n".join([HEADING, "| name | begins with | use | plug-in |", "|---|---|---|---|", *lines])


def _line(one: Required) -> str:
    owner = (
        one.owner.__name__ if inspect.ismodule(one.owner) else f"{one.owner.__module__}.{one.owner.__name__}"
    )
    use = "replaced" if one.is_replaced else "called"
    return f"| `{owner}.{one.name}` | `({', '.join(one.arguments)})` | {use} | `{one.asker}` |"


def main() -> int:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        server.configure(server.Settings(Home(Path(folder)), ephemeral=True), port=0)
        sys.stdout.write(f"{table()}\n")
        sys.stdout.flush()
        os.environ.pop("TMPDIR")
    return 0


if __name__ == "__main__":
    sys.exit(main())
