"""`awsglue.job`: what a script begins and ends with."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from localcloud.glue.jobs.frames.refusing import refuse

ENABLED = ("job-bookmark-enable", "job-bookmark-pause")


class Job:
    """Keeps no bookmarks: `init` refuses a run that asks for them, as it would read everything anew."""

    def __init__(self, glue_context: Any) -> None:
        self._glue_context = glue_context
        self._is_initialized = False

    def init(self, job_name: str, args: Mapping[str, Any] | None = None) -> None:
        asked = (args or {}).get("job_bookmark_option") or _argument("--job-bookmark-option")
        if asked in ENABLED:
            refuse(
                f"job bookmarks ({asked})",
                "run with --job-bookmark-option job-bookmark-disable, and keep your own",
            )
        self._is_initialized = True

    def isInitialized(self) -> bool:
        return self._is_initialized

    def commit(self) -> None:
        """Without bookmarks there is nothing to keep."""


def _argument(name: str) -> str:
    given = [value for word, value in zip(sys.argv, sys.argv[1:], strict=False) if word == name]
    return given[-1] if given else ""
