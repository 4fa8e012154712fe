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


class _InterruptedError(BaseException):
    """A real signal, as opposed to a `KeyboardInterrupt` that the description raises."""


def run(load: Callable[[], T]) -> T:
    """What `load` returns. Raises what the description raises, or `MisbehavedError` with what it does."""
    try:
        with ExitStack() as guards:
            for name in _ENDS:
                guards.enter_context(mock.patch.object(os, name, _refuse(f"calls os.{name}")))
            guards.enter_context(
                mock.patch.multiple(sys, stdin=_Deaf(), stdout=_Mute(sys.stdout), stderr=_Mute(sys.stderr))
            )
            if threading.current_thread() is threading.main_thread():  # no other gets signals
                guards.enter_context(_signals())
                guards.enter_context(_limit())
            return load()
    except (Exception, MisbehavedError):
        raise
    except _InterruptedError:
        raise KeyboardInterrupt from None
    except BaseException as error:
        said = MisbehavedError(f"raises {type(error).__name__}: {error}")
        raise said.with_traceback(error.__traceback__) from error


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
def _signals() -> Iterator[None]:
    """Keep a real interrupt apart from one that the description raises."""
    before = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    caught = [one for one, handler in before.items() if callable(handler)]
    for one in caught:
        signal.signal(one, _interrupt)
    try:
        yield
    finally:
        for one in caught:
            signal.signal(one, before[one])


def _interrupt(_: int, __: FrameType | None) -> NoReturn:
    raise _InterruptedError


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
