"""What a run has built, before anything of it is published."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from pyspark.sql import DataFrame

from ingestion.description import DataSet
from ingestion.description.rules import Result
from ingestion.read.scan import Scan
from ingestion.state.publish import Change
from ingestion.state.storage import StoredObject


@dataclass(frozen=True)
class Built:
    """What was read and what is staged.

    `scan` counts the rows of the fresh objects, `reread` the rows of older ones that were read again to
    rebuild their partitions. `changes` counts rows by merge's CHANGE. `partitions` maps each staged partition
    of the table to its rows, `others` does the same for the other tables. `affected` are the partitions that
    were rebuilt, None means all; `reread_others` says that they were rebuilt from their objects, not from the
    published rows. `publish` are the files that differ from the published ones. `lost` are fields of the
    source that no column holds.
    """

    dataset: DataSet
    scan: Scan = field(default_factory=Scan)
    reread: int = 0
    objects_read: int = 0
    changes: Counter[str] = field(default_factory=Counter)
    partitions: dict[str, int] = field(default_factory=dict)
    others: dict[str, dict[str, int]] = field(default_factory=dict)
    affected: frozenset[str] | None = frozenset()
    reread_others: bool = True
    publish: tuple[Change, ...] = ()
    results: tuple[Result, ...] = ()
    newest: dict[str, str] = field(default_factory=dict)
    areas_found: frozenset[str] = frozenset()
    lost: tuple[str, ...] = ()

    @property
    def rows_read(self) -> int:
        return self.scan.rows_read + self.reread


@dataclass(frozen=True)
class Staged:
    """A table that was written, and how its rows came about."""

    partitions: dict[str, int]
    files: dict[str, StoredObject]
    changes: Counter[str]
    changed: frozenset[str]
    merged: DataFrame | None = None
    elements: dict[str, dict[str, int]] = field(default_factory=dict)
