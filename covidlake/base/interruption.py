"""What Ctrl-C, a cancelled job and a closed terminal do, from a command's first moment to its last.

Imports next to nothing: it is in force before anything else is imported.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys

from covidlake.base.errors import INTERRUPTED

TYPE_CHECKING = False  # not from `typing`: that takes its time
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import NoReturn

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_AGAIN_SECONDS = 0.01
_came: list[int] = []


def ends_at_once() -> None:
    """Before a command has begun: nothing has to be put in order."""
    sys.unraisablehook = _interrupt_again
    _handle(_end_at_once)


def interrupts() -> None:
    """While a command works: as `KeyboardInterrupt`, so that it puts its things in order."""
    _came.clear()
    _handle(_interrupt)


def came() -> bool:
    """Whether a command was interrupted, also where a library made another error of it."""
    return bool(_came)


def comes_too_late(code: int | str | None) -> None:
    """When a command has said how it ended: the process ends at once, and the code stays."""
    _handle(lambda *_: os._exit(code if isinstance(code, int) else 1 if code else 0))
    # Python takes such handlers away before it is gone itself, and a signal would kill it then.
    atexit.register(_handle, signal.SIG_IGN)


def _handle(handler: Callable[[int, FrameType | None], object] | signal.Handlers) -> None:
    """Have the signals handled so; what the caller lets us ignore, as nohup does, stays ignored."""
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handler)


def _end_at_once(*_: object) -> NoReturn:
    try:
        os.write(2, b"error: interrupted\n")
    finally:
        os._exit(INTERRUPTED)


def _interrupt(number: int, _: FrameType | None) -> NoReturn:
    _came.append(number)
    raise KeyboardInterrupt


def _interrupt_again(lost: sys.UnraisableHookArgs) -> None:
    """Python drops what is raised while an object is being removed: an interrupt comes once more then."""
    if isinstance(lost.exc_value, KeyboardInterrupt):
        import threading

        threading.Timer(_AGAIN_SECONDS, os.kill, (os.getpid(), signal.SIGINT)).start()
    else:
        sys.__unraisablehook__(lost)
