"""Where the command `covidlake` begins: Ctrl-C is one line from here on, before anything else is imported."""

from __future__ import annotations

import sys

from covidlake.base import interruption, streams
from covidlake.base.errors import INTERRUPTED


def main() -> None:
    """Run the command line; an interrupt ends it with a documented exit code, however early or late."""
    interruption.ends_at_once()
    streams.require()
    from covidlake.commands.command_line import main as run

    code: int | str | None = 0
    try:
        run()
    except SystemExit as ended:
        code = ended.code
    except KeyboardInterrupt:  # once more, while the first one was being said
        code = INTERRUPTED
    code = streams.ended(code)
    interruption.comes_too_late(code)
    sys.exit(code)


if __name__ == "__main__":
    main()
