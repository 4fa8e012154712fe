"""A program that follows an execution which never ends, for a test that interrupts it in a terminal."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from covidlake.base import console, interruption
from covidlake.base.progress import Happening, tell
from covidlake.live import watch

ARN = "arn:aws:states:us-east-2:111122223333:execution:lake:today"


def main() -> None:
    interruption.interrupts()
    try:
        with watch.followed(explained=False) as told:
            tell(told, Happening("execution", {"environment": "dev", "arn": ARN}, "execution today"))
            event = {"id": 1, "type": "ExecutionStarted", "timestamp": datetime.now(UTC)}
            tell(told, Happening("states", {"arn": ARN, "events": [event]}))
            told("ready")
            time.sleep(600)
    except KeyboardInterrupt:
        console.error("interrupted")


if __name__ == "__main__":
    main()
