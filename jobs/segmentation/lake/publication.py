"""Put what a run has staged in the place of what is published, in a way that a later run can finish."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import Any

from ingestion.state.places import is_data
from ingestion.state.publish import Publication, sweep
from ingestion.state.storage import ChangedSinceError, Prefix, Storage
from segmentation.errors import ConcurrentRunError
from segmentation.lake.merge import Merged
from segmentation.lake.places import Places
from segmentation.lake.quarantine import Quarantined
from segmentation.lake.table_state import TableState

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Published:
    """`state` is what is stored now; the counts are those of what was copied."""

    state: TableState
    files: int = 0
    size: int = 0


def load(storage: Storage, places: Places) -> TableState:
    """The state of the table, once what a killed run began to publish is finished.

    If its staged files are gone nobody knows what the table has: it is loaded anew.
    """
    state = TableState.load(storage, places.state)
    if not state.pending:
        return state
    staged = places.all_staging.folder(state.pending)
    publication = Publication.load(storage, staged)
    if publication is None:
        _logger.warning("run %s left no files: %s is loaded anew", state.pending, places.name)
        return TableState(etag=state.etag)
    _logger.info("finishing run %s, which was killed while it published", state.pending)
    try:
        publication.carry_out(storage, places.lake.bucket)
        return TableState.from_document(publication.ledger, state.etag).save(storage, places.state)
    except ChangedSinceError as error:
        raise _concurrent(error) from error


def next_state(
    before: TableState, run_id: str, key: tuple[str, ...], merged: Merged, rejected: Quarantined, **more: Any
) -> TableState:
    """What is true once the run has published: another revision, if table or quarantine differ.

    `more` are the fields that a step sets itself.
    """
    differs = merged.differs or rejected.differs or not before.revision or merged.columns != before.columns
    return TableState(
        revision=_another(before.revision, run_id) if differs else before.revision,
        columns=merged.columns,
        key=key,
        buckets=merged.buckets,
        quarantined=rejected.rows,
        **more,
    )


def _another(revision: str, run_id: str) -> str:
    """The run's id; with a number where this very run, which Glue retries, has made a revision already."""
    name, _, number = revision.rpartition("#")
    if name == run_id:
        return f"{run_id}#{int(number) + 1}"
    return f"{run_id}#2" if revision == run_id else run_id


def publish(
    storage: Storage,
    places: Places,
    before: TableState,
    after: TableState,
    merged: Merged,
    rejected: Quarantined,
) -> Published:
    """Copy, delete, and store `after`; without a file that differs only that. Raises ConcurrentRunError."""
    copies = [
        (item.key, places.file(number, len(after.buckets))) for number, item in sorted(merged.files.items())
    ]
    size = sum(item.size for item in merged.files.values())
    deletions = _superfluous(storage, places.clean, _expected(places, after))
    if rejected.differs:
        target = f"{places.quarantine.key}part-00000.parquet"
        if rejected.file:
            copies.append((rejected.file.key, target))
            size += rejected.file.size
        deletions += _superfluous(storage, places.quarantine, {target} if rejected.file else set())
    publication = Publication(tuple(copies), tuple(deletions), size, after.document())
    try:
        if copies or deletions:
            publication.save(storage, places.staging)
            before = replace(before, pending=places.run_id).save(storage, places.state)
            publication.carry_out(storage, places.lake.bucket)
        stored = replace(after, etag=before.etag).save(storage, places.state)
    except ChangedSinceError as error:
        raise _concurrent(error) from error
    clean_up(storage, places)
    return Published(stored, len(copies), size)


def clean_up(storage: Storage, places: Places) -> None:
    """Delete what this run staged, and what killed ones left behind."""
    sweep(storage, places.all_staging)


def _expected(places: Places, after: TableState) -> set[str]:
    cut = len(after.buckets)
    return {places.file(number, cut) for number, rows in enumerate(after.buckets) if rows}


def _superfluous(storage: Storage, folder: Prefix, expected: set[str]) -> list[str]:
    there = [item.key for item in storage.list(folder)]
    return [key for key in there if is_data(key.rpartition("/")[2]) and key not in expected]


def _concurrent(error: ChangedSinceError) -> ConcurrentRunError:
    return ConcurrentRunError(f"{error}: another run has replaced it since this one began; run it again")
