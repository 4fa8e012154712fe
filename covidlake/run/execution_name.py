"""The name of the day's execution: a second start of one day finds the first."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from covidlake.base.errors import IngestionError

ATTEMPTS = 20
DEFAULT_REQUEST = {"mode": "incremental"}
AGAIN = {"FAILED", "TIMED_OUT", "ABORTED"}


def daily(request: dict[str, Any], status_of: Callable[[str], str | None]) -> str:
    """`ingest-YYYY-MM-DD` in UTC, with a digest of any request but the default one.

    `status_of` gives the status of the execution with a name, or None. A failed one is not
    found again: the next attempt is `-2`, `-3` and so on. Raises `IngestionError` after `ATTEMPTS` a day.
    """
    name = f"ingest-{datetime.now(UTC):%Y-%m-%d}"
    if request != DEFAULT_REQUEST:
        content = json.dumps(request, sort_keys=True).encode()
        name += f"-{hashlib.sha256(content).hexdigest()[:8]}"
    for attempt in range(1, ATTEMPTS + 1):
        tried = name if attempt == 1 else f"{name}-{attempt}"
        if status_of(tried) not in AGAIN:
            return tried
    raise IngestionError(f"{name}: {ATTEMPTS} attempts failed today: see why, then give a --name")


def timed(prefix: str) -> str:
    """A name that sorts by time and is new each time, also for two starts at once."""
    return f"{prefix}-{datetime.now(UTC):%Y-%m-%dT%H-%M-%S}-{secrets.token_hex(2)}"
