"""Run the file of a description, which is a user's code, and let it do nothing but describe.

Ending the program, waiting for ever, printing or asking would otherwise look like the command's own doing: a
check that exits 0 and has checked nothing. Each becomes `MisbehavedError`, which the file does not catch.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType
from typing import Any, NoReturn, TextIO, TypeVar
from unittest import mock

SECONDS = 20.0  # for one description, which takes milliseconds
_ENDS = tuple(name for name in dir(os) if name in ("_exit", "abort") or name.startswith("exec"))


T = TypeVar("T")


class MisbehavedError(BaseException):
    """A description does something else than describe; not an `Exception`, so that it cannot catch it."""


class _Interrupts:
    """Real signals, as opposed to a `KeyboardInterrupt` that the description raises.

    They end the description; while guards are put up or taken away, they wait.
    """

    came = False
    loading = False

    @contextmanager
    def kept_apart(self) -> Iterator[None]:
        before = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
        caught = [one for one, handler in before.items() if callable(handler)]
        for one in caught:
            signal.signal(one, self._note)
        try:
            yield
        finally:
            for one in caught:
                signal.signal(one, before[one])

    def _note(self, _: int, __: FrameType | None) -> None:
        self.came = True
        if self.loading:
            self.loading = False
            raise KeyboardInterrupt


def run(load: Callable[[], T]) -> T:
    """What `load` returns. Raises what the description raises, or `MisbehavedError` with what it does."""
    interrupts = _Interrupts()
    try:
        with ExitStack() as guards:
            if threading.current_thread() is threading.main_thread():  # no other gets signals
                guards.enter_context(interrupts.kept_apart())
                guards.enter_context(_limit())
            for name in _ENDS:
                guards.enter_context(mock.patch.object(os, name, _refuse(f"calls os.{name}")))
            guards.enter_context(
                mock.patch.multiple(sys, stdin=_Deaf(), stdout=_Mute(sys.stdout), stderr=_Mute(sys.stderr))
            )
            return _described(load, interrupts)
    finally:
        if interrupts.came:
            raise KeyboardInterrupt from None


def _described(load: Callable[[], T], interrupts: _Interrupts) -> T:
    try:
        interrupts.loading = True
        return load()
    except (Exception, MisbehavedError):
        raise
    except BaseException as error:
        said = MisbehavedError(f"raises {type(error).__name__}: {error}")
        raise said.with_traceback(error.__traceback__) from error
    finally:
        interrupts.loading = False


def _refuse(what: str) -> Callable[..., NoReturn]:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise MisbehavedError(f"{what}: a description only describes, take that out")

    return refuse


class _Mute:
    """An output that takes nothing from the thread that loads; another may show that time goes by."""

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._thread = stream, threading.get_ident()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        if threading.get_ident() == self._thread:
            _refuse(f"prints {text!r}")()
        return self._stream.write(text)


class _Deaf:
    """An input that gives nothing."""

    def __getattr__(self, name: str) -> Any:
        return _refuse("reads standard input")


@contextmanager
def _limit() -> Iterator[None]:
    """End a description that takes longer than `SECONDS`; a timer that runs already goes on afterwards."""
    started, handler = time.monotonic(), signal.getsignal(signal.SIGALRM)
    signal.signal(signal.SIGALRM, lambda *_: _refuse(f"does not end within {SECONDS:g} s")())
    left, again = signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
        if left:
            signal.setitimer(signal.ITIMER_REAL, max(left - (time.monotonic() - started), 0.001), again)
