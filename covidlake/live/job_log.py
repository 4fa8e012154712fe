"""What job runs log while they run: the last line of each, looked for now and then and not more."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from botocore.exceptions import BotoCoreError, ClientError

from covidlake import aws
from covidlake.base.errors import CovidLakeError
from covidlake.base.text import one_line
from covidlake.live.model import RUNNING, Event, Tree
from covidlake.ship.stack import stack

LOOK_EVERY_SECONDS = 5.0
MOST_RUNS = 3  # job runs that are looked at in one look
LINES = 5
_STAMP = re.compile(r"^\S+ \S+ (?:DEBUG|INFO|WARNING|ERROR) ")


@dataclass
class JobLog:
    """Reads the streams of the running job runs of an environment; a log that cannot be read is left out."""

    environment: str
    _group: str | None = None
    _looked: float = field(default=float("-inf"))

    def look(self, job_runs: Mapping[str, str], tree: Tree) -> Iterator[Event]:
        """The last line of each job run whose state is in work, at most every `LOOK_EVERY_SECONDS`."""
        running = [(node, run) for node, run in job_runs.items() if node in tree.nodes and _runs(tree, node)]
        if not running or time.monotonic() - self._looked < LOOK_EVERY_SECONDS:
            return
        self._looked = time.monotonic()
        for node, run in running[:MOST_RUNS]:
            if line := self._last_line(run):
                yield Event("said", node, datetime.now(UTC), text=line)

    def _last_line(self, run: str) -> str:
        try:
            if self._group is None:
                self._group = stack.find(self.environment).outputs.get("JobOutputLogGroupName", "")
            if not self._group:
                return ""
            events = aws.client("logs").get_log_events(
                logGroupName=self._group, logStreamName=run, limit=LINES, startFromHead=False
            )["events"]
        except (ClientError, BotoCoreError, CovidLakeError):
            return ""  # nothing was logged yet, or nobody may read it: the states are followed all the same
        lines = [one_line(_STAMP.sub("", event["message"])) for event in events]
        return next((line for line in reversed(lines) if line), "")


def _runs(tree: Tree, node: str) -> bool:
    return tree.nodes[node].status == RUNNING
