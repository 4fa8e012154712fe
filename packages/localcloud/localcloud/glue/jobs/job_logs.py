"""A job run's output in CloudWatch Logs, while the run goes on and whole at its end."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from localcloud.plugin import log_batches

INTERVAL_SECONDS = 1.0
EVENT_BYTES = 256 * 1024 - log_batches.EVENT_OVERHEAD_BYTES

_logger = logging.getLogger(__name__)


class LogStream:
    """Follows one file and sends its lines to one log stream."""

    def __init__(self, logs: Any, group: str, stream: str, file: Path) -> None:
        self._logs = logs
        self._group, self._stream = group, stream
        self._source = file.open("rb")
        self._rest = b""

    def create(self) -> None:
        """Create the stream, and its group where it is missing."""
        with _existing_is_fine():
            self._logs.create_log_group(logGroupName=self._group)
        with _existing_is_fine():
            self._logs.create_log_stream(logGroupName=self._group, logStreamName=self._stream)

    def send(self) -> None:
        """Send the lines that are new and whole."""
        *lines, self._rest = (self._rest + self._source.read()).split(b"\n")
        self._put(lines)

    def finish(self) -> None:
        """Send the rest, also a last line without a line break."""
        rest = (self._rest + self._source.read()).split(b"\n")
        self._source.close()
        self._put(rest)

    def _put(self, lines: list[bytes]) -> None:
        now = int(time.time() * 1000)
        events = [{"timestamp": now, "message": text} for line in lines for text in messages(line)]
        log_batches.put(self._logs, self._group, self._stream, events)


class LogFollower:
    """Sends several streams every second until it is closed; closing sends the rest."""

    def __init__(self, streams: list[LogStream]) -> None:
        self._streams = streams
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def _follow(self) -> None:
        self._each(LogStream.create)
        while not self._ended.wait(INTERVAL_SECONDS):
            self._each(LogStream.send)

    def close(self) -> None:
        self._ended.set()
        self._thread.join()
        self._each(LogStream.finish)

    def _each(self, step: Callable[[LogStream], None]) -> None:
        for stream in self._streams:
            try:
                step(stream)
            except (BotoCoreError, ClientError) as error:  # a run does not fail for want of its log
                _logger.warning("the log of a job run: %s", error)


def messages(line: bytes) -> list[str]:
    """A line as log messages: none for a blank one, several for one beyond the size of an event."""
    line = line.rstrip()
    parts = [line[start : start + EVENT_BYTES] for start in range(0, len(line), EVENT_BYTES)]
    return [part.decode(errors="replace") for part in parts]


@contextlib.contextmanager
def _existing_is_fine() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceAlreadyExistsException":
            raise
