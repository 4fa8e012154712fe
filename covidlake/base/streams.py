"""Standard input, output and error, as whoever starts a command has left them."""

from __future__ import annotations

import io
import os
import sys

CLOSED = "error: standard output is closed: nothing could be shown; to see nothing: >/dev/null\n"


def require() -> None:
    """Have three streams that take every character; ends the command where its results could go nowhere.

    A closed one would also lend its number to the next file that is opened.
    """
    closed = [name for name in ("stdin", "stdout", "stderr") if getattr(sys, name) is None]
    for name in closed:
        mode = "r" if name == "stdin" else "w"
        setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode, encoding="utf-8"))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="backslashreplace")
    if "stdout" in closed:
        sys.stderr.write(CLOSED)
        sys.exit(1)


def ended(code: int | str | None) -> int | str | None:
    """The code of a command; no success whose result a full disk, or a reader that left, did not take."""
    try:
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python would try again, and say so
        if not code and not isinstance(error, BrokenPipeError):
            sys.stderr.write(f"error: standard output: {error.strerror}\n")
        return code or 1
    return code
