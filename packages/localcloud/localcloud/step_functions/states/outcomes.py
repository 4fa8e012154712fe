"""How a Task's work can fail, before it is a failure of a state."""

from __future__ import annotations


class TaskFailedError(Exception):
    """A Task that failed under a name of AWS's or of its own code; a callback may give neither."""

    def __init__(self, error: str | None, cause: str | None) -> None:
        super().__init__(f"{error}: {cause}")
        self.error = error
        self.cause = cause


class HeartbeatMissedError(Exception):
    """A Task whose callback sent no heartbeat in time."""
