"""Rows against the published ones, by key: what is new, changed or gone; and only that is rewritten."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812 - the name that every Spark code base uses

from ingestion.state.storage import StoredObject
from segmentation.lake.files import BUCKET, Files, bucket, buckets_for, columns_of
from segmentation.lake.table_state import TableState

CHANGE, NEW, CHANGED, UNCHANGED, DELETED, KEPT = "_change", "new", "changed", "unchanged", "deleted", "kept"
WRITTEN = (NEW, CHANGED, DELETED)  # a file with one of these is written anew
_INCOMING, _PUBLISHED, _GONE = "_incoming", "_published", "_gone"


@dataclass(frozen=True)
class Merged:
    """`counts` by change. `files` are staged for buckets that differ; `buckets` has the rows of all."""

    counts: Counter[str] = field(default_factory=Counter)
    buckets: tuple[int, ...] = ()
    files: Mapping[int, StoredObject] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)

    @property
    def differs(self) -> bool:
        """Whether any row of the table is other than before."""
        return any(self.counts[change] for change in WRITTEN)

    @property
    def recorded(self) -> dict[str, Any]:
        """The counts by the names that a run record has for them."""
        return {
            "rows_new": self.counts[NEW],
            "rows_changed": self.counts[CHANGED],
            "rows_unchanged": self.counts[UNCHANGED],
            "rows_deleted": self.counts[DELETED],
        }


@dataclass(frozen=True)
class Merge:
    """`rows` are the incoming ones, each key once. `complete`: what they lack is gone; else `gone` has the
    keys that are, or is None. `count` is how many rows come in. Under another key than before rows come in
    complete, and all of them are new.
    """

    files: Files
    before: TableState
    rows: DataFrame
    key: tuple[str, ...]
    count: int
    complete: bool
    gone: DataFrame | None = None

    def execute(self) -> Merged:
        """Count the changes, and stage the files that differ."""
        columns, now = columns_of(self.rows), len(self.before.buckets)
        expected = self.count if self.complete else self.before.rows + self.count
        cut = buckets_for(expected, now)
        anew = cut != now or dict(self.before.columns) != columns or self.before.key != self.key
        if not self.count and self.gone is None and not self.complete and not anew:
            return Merged(buckets=self.before.buckets, columns=columns)  # nothing has come, nothing goes
        affected = None if self.complete or anew else self._affected(cut)
        compared = self._compared(cut, affected, columns)
        counted: dict[int, Counter[str]] = {}
        for number, change, rows in compared.groupBy(BUCKET, CHANGE).count().collect():
            counted.setdefault(number, Counter())[change] = rows
        if anew:
            written = set(range(cut))
        else:
            written = {number for number, found in counted.items() if any(found[one] for one in WRITTEN)}
        sizes = {
            number: found.total() - found[DELETED] for number, found in counted.items() if number in written
        }
        files = self._staged(compared, written, sizes, columns)
        buckets = [0] * cut if anew else list(self.before.buckets)
        for number in written:
            buckets[number] = sizes.get(number, 0)
        counts = sum(counted.values(), Counter())
        if self._rekeyed:
            counts[DELETED] += self.before.rows
        return Merged(counts, tuple(buckets), files, columns)

    @property
    def _rekeyed(self) -> bool:
        """Whether published rows have another key: none can be said to be the same as one that comes in."""
        return bool(self.before.key) and self.before.key != self.key

    def _affected(self, cut: int) -> set[int]:
        """The files that may differ: those of the incoming and the gone keys."""
        keys = self.rows.select(*self.key)
        if self.gone is not None:
            keys = keys.unionByName(self.gone.select(*self.key))
        return {row[0] for row in keys.select(bucket(self.key, cut)).distinct().collect()}

    def _compared(self, cut: int, affected: set[int] | None, columns: Mapping[str, str]) -> DataFrame:
        """Each key once, with its BUCKET, its CHANGE and the row that is true now."""
        values = F.struct(*[F.col(name) for name in columns])
        incoming = self.rows.select(*self.key, values.alias(_INCOMING))
        found = None if self._rekeyed else self.files.published(self.before, affected)
        if found is None:
            joined = incoming.withColumn(_PUBLISHED, F.lit(None).cast(incoming.schema[_INCOMING].dataType))
        else:
            published = _in_columns(found, columns).select(*self.key, values.alias(_PUBLISHED))
            joined = incoming.join(published, list(self.key), "full")
        if self.gone is None:
            joined = joined.withColumn(_GONE, F.lit(True) if self.complete else F.lit(None).cast("boolean"))
        else:
            marked = self.gone.select(*self.key).withColumn(_GONE, F.lit(True))
            joined = joined.join(marked, list(self.key), "left")
        absent = F.when(F.col(_GONE), DELETED).otherwise(KEPT)
        change = (
            F.when(F.col(_INCOMING).isNull(), absent)
            .when(F.col(_PUBLISHED).isNull(), NEW)
            .when(F.col(_INCOMING).eqNullSafe(F.col(_PUBLISHED)), UNCHANGED)
            .otherwise(CHANGED)
        )
        row = F.coalesce(_INCOMING, _PUBLISHED)
        return joined.select(bucket(self.key, cut).alias(BUCKET), change.alias(CHANGE), row.alias("_row"))

    def _staged(
        self, compared: DataFrame, written: set[int], sizes: Mapping[int, int], columns: Mapping[str, str]
    ) -> dict[int, StoredObject]:
        if not any(sizes.values()):
            return {}
        chosen = compared.where(F.col(BUCKET).isin(*written) & (F.col(CHANGE) != DELETED))
        names: Sequence[str] = [f"_row.`{name}`" for name in columns]
        self.files.stage(chosen.select(BUCKET, *names), self.key, "table", len(written))
        return self.files.staged("table", sizes)


def _in_columns(published: DataFrame, columns: Mapping[str, str]) -> DataFrame:
    """Published rows in the columns of now: those that they lack are null, other types are cast."""
    there = columns_of(published)
    return published.select(
        *[
            (F.col(name) if name in there else F.lit(None)).cast(kind).alias(name)
            for name, kind in columns.items()
        ]
    )
