"""What was read, as counts of lines: they fit into the driver whatever the size of the data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812 - the name that every Spark code base uses

from ingestion.read import rows

_NO_ROWS = (rows.NO_ROW, rows.HEADER)


@dataclass(frozen=True)
class Group:
    """The lines of one block of an object that have one partition, outcome and reason.

    `first` is the ID of the first line, `unknown` are the undescribed fields that occur in them.
    """

    object: str
    block: int
    partition: str
    outcome: str
    reason: str
    lines: int
    first: int
    unknown: frozenset[str]


@dataclass(frozen=True)
class Rejection:
    """Rows of one object that have one reason: how many, and the line of the first."""

    object: str
    reason: str
    rows: int
    line: int

    def __str__(self) -> str:
        return f"{self.object} line {self.line}"


@dataclass(frozen=True)
class Scan:
    """Counts of judged rows; one group for each block, partition, outcome and reason."""

    groups: tuple[Group, ...] = ()

    @classmethod
    def of(cls, judged: DataFrame) -> Scan:
        keys = (rows.OBJECT, rows.BLOCK, rows.PARTITION, rows.OUTCOME, rows.REASON)
        found = judged.groupBy(*keys).agg(F.count(F.lit(1)), F.min(rows.ID), F.count(rows.UNKNOWN)).collect()
        # Few sources have undescribed fields, and to gather them makes the count of all others slower.
        names = _unknown_of(judged, keys) if any(has_unknown for *_, has_unknown in found) else {}
        return cls(
            tuple(
                Group(o, b, p or "", k, r or "", n, i, names.get((o, b, p, k, r), frozenset()))
                for o, b, p, k, r, n, i, _ in found
            )
        )

    def rows(self, *outcomes: str) -> int:
        return sum(group.lines for group in self.groups if group.outcome in outcomes)

    @property
    def objects(self) -> frozenset[str]:
        """Those that any line was read of."""
        return frozenset(group.object for group in self.groups)

    @property
    def rows_read(self) -> int:
        return self.rows(rows.ACCEPTED, rows.REJECTED, rows.FILTERED_OUT)

    def contributions(self) -> dict[str, tuple[str, ...]]:
        """The partitions that each object gave rows to."""
        found: dict[str, set[str]] = {}
        for group in self._with(rows.ACCEPTED):
            found.setdefault(group.object, set()).add(group.partition)
        return {key: tuple(sorted(partitions)) for key, partitions in found.items()}

    def partitions(self) -> frozenset[str]:
        return frozenset(group.partition for group in self._with(rows.ACCEPTED))

    def rows_of_objects(self) -> Counter[str]:
        """The rows of each object, with any outcome."""
        return self._counted(group for group in self.groups if group.outcome not in _NO_ROWS)

    def rejected_of_objects(self) -> Counter[str]:
        return self._counted(self._with(rows.REJECTED))

    def rejected_as(self, reason: str) -> frozenset[str]:
        """The objects that have rows which are rejected for the reason."""
        return frozenset(group.object for group in self._with(rows.REJECTED) if group.reason == reason)

    def repeated_headers(self) -> dict[str, int]:
        """How many later lines of an object repeat its header, for those that have any."""
        counted = self._counted(self._with(rows.HEADER))
        return {key: lines - 1 for key, lines in sorted(counted.items()) if lines > 1}

    def unknown_of_objects(self) -> dict[str, frozenset[str]]:
        """The undescribed fields of each object that has any."""
        found: dict[str, frozenset[str]] = {}
        for group in self.groups:
            if group.unknown and group.outcome not in _NO_ROWS:
                found[group.object] = found.get(group.object, frozenset()) | group.unknown
        return found

    def rejections(self) -> list[Rejection]:
        """By object and reason, those with most rows first."""
        offsets = self.line_offsets()
        found: dict[tuple[str, str], Rejection] = {}
        for group in self._with(rows.REJECTED):
            line = group.first + offsets[group.object, group.block]
            known = found.get((group.object, group.reason))
            count, first = (known.rows, min(known.line, line)) if known else (0, line)
            found[group.object, group.reason] = Rejection(
                group.object, group.reason, count + group.lines, first
            )
        return sorted(found.values(), key=lambda one: (-one.rows, one.object, one.reason))

    def line_offsets(self) -> dict[tuple[str, int], int]:
        """For each object and block, what makes an ID the number of the line in the object, from 1."""
        counted: dict[str, dict[int, tuple[int, int]]] = {}
        for group in self.groups:
            blocks = counted.setdefault(group.object, {})
            lines, first = blocks.get(group.block, (0, group.first))
            blocks[group.block] = (lines + group.lines, min(first, group.first))
        offsets: dict[tuple[str, int], int] = {}
        for key, blocks in counted.items():
            before = 0
            for block, (lines, first) in sorted(blocks.items()):
                offsets[key, block] = before - first + 1
                before += lines
        return offsets

    def _with(self, outcome: str) -> Iterator[Group]:
        return (group for group in self.groups if group.outcome == outcome)

    @staticmethod
    def _counted(groups: Iterable[Group]) -> Counter[str]:
        counter: Counter[str] = Counter()
        for group in groups:
            counter[group.object] += group.lines
        return counter


def _unknown_of(judged: DataFrame, keys: tuple[str, ...]) -> dict[tuple[Any, ...], frozenset[str]]:
    """The undescribed fields of each group that has any."""
    names = F.array_distinct(F.flatten(F.collect_set(rows.UNKNOWN)))
    grouped = judged.where(F.col(rows.UNKNOWN).isNotNull()).groupBy(*keys).agg(names)
    return {tuple(group): frozenset(found) for *group, found in grouped.collect()}
