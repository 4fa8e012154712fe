"""At most one JVM that waits for the next job run: started while nothing runs, given away once."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping

from localcloud.glue.jobs import handed_over, settings
from localcloud.glue.jobs.java import JavaNotFoundError
from localcloud.glue.jobs.waiting_jvm import WaitingJvm

LOOK_SECONDS = 0.5
SETTLE_SECONDS = 60.0
FAILURES = 2  # in a row, after which no other JVM is started

_logger = logging.getLogger(__name__)


class Waiting:
    """Keeps one JVM ready, as long as `is_quiet` lets it, and hands it to whoever takes it first."""

    def __init__(
        self, is_quiet: Callable[[], bool], start: Callable[[], WaitingJvm] = WaitingJvm.start
    ) -> None:
        self._is_quiet = is_quiet
        self._start = start
        self._jvm: WaitingJvm | None = None
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._failures = 0

    def keep(self) -> None:
        """Start one now, and another whenever it is gone and nothing runs."""
        threading.Thread(target=self._keep, daemon=True).start()

    def take(self, arguments: Mapping[str, str]) -> WaitingJvm | None:
        """The JVM for a run with these arguments, now the caller's to end; None where there is none for it.

        One that is still warming up stops doing so.
        """
        if not _suits(arguments):
            return None
        with self._lock:
            jvm, self._jvm = self._jvm, None
        if jvm is None or jvm.settle(SETTLE_SECONDS):
            self._failures = 0
            return jvm
        jvm.end()
        return None

    def close(self) -> None:
        """End the JVM that waits; none is started any more."""
        self._closed.set()
        with self._lock:
            jvm, self._jvm = self._jvm, None
        if jvm:
            jvm.end()

    def _keep(self) -> None:
        self.look(is_first=True)
        while not self._closed.wait(LOOK_SECONDS):
            self.look()

    def look(self, is_first: bool = False) -> None:
        """Replace a JVM that has ended or was given away, unless something runs."""
        with self._lock:
            if self._jvm and not self._jvm.is_usable:
                self._failures += 1
                self._jvm.end()
                self._jvm = None
            may_start = not self._closed.is_set() and self._failures < FAILURES
            if self._jvm is None and may_start and (is_first or self._is_quiet()):
                self._jvm = self._started()

    def _started(self) -> WaitingJvm | None:
        try:
            return self._start()
        except (JavaNotFoundError, OSError) as error:
            _logger.warning("no JVM waits for job runs: %s", error)
            self._failures = FAILURES
            return None


def _suits(arguments: Mapping[str, str]) -> bool:
    try:
        return handed_over.fits(settings.parse_conf(arguments.get("--conf", "")))
    except ValueError:
        return False  # the run itself says what is wrong
