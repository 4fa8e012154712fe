"""Who works on a data set: never two job runs at a time, however many run.

`state/<dataset>/running.json` names the job run. It is replaced only in the version that was read, so of two
that want it one gets it. A run that died leaves its claim, and Glue says that it has ended. The writes of
the ledger are conditional besides, so even a run that Glue gave up on too early publishes nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ingestion.state.storage import ChangedSinceError, Prefix, Storage

NAME = "running.json"
HINT = "delete it once no job run works on the data set"


@dataclass(frozen=True)
class Claim:
    """A data set that is ours until `release`; `etag` is that of the stored claim.

    `abandoned` is the id of the run that had it and died, if one did.
    """

    storage: Storage
    state: Prefix
    etag: str
    abandoned: str = ""

    def release(self) -> None:
        """Let others have it. A claim that was taken away from us is not given back."""
        try:
            self.storage.replace_json(self.state, NAME, {"job_run": "", "run_id": ""}, self.etag)
        except ChangedSinceError:
            return


def take(
    storage: Storage, state: Prefix, job_run: str, run_id: str, is_running: Callable[[str], bool]
) -> Claim | None:
    """The claim; None while a job run that still goes has it."""
    stored = storage.read_json(state, NAME, HINT)
    holder = str(stored.content.get("job_run", "")) if stored else ""
    if holder and holder != job_run and is_running(holder):
        return None
    content = {"job_run": job_run, "run_id": run_id}
    try:
        etag = storage.replace_json(state, NAME, content, stored.etag if stored else "")
    except ChangedSinceError:
        return None
    abandoned = str(stored.content.get("run_id", "")) if stored and holder not in ("", job_run) else ""
    return Claim(storage, state, etag, abandoned)


def holder(storage: Storage, state: Prefix) -> str:
    """The job run that has the data set, and the run that it does; empty if none has."""
    stored = storage.read_json(state, NAME, HINT)
    if not stored or not stored.content.get("job_run"):
        return ""
    return f"{stored.content['job_run']} of {stored.content.get('run_id', 'an unknown run')}"
