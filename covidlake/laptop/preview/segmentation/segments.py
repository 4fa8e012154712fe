"""Which customers change segment, by the tables of segments that two runs have left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from covidlake.laptop.preview.compare import EXAMPLES, connection
from covidlake.laptop.preview.model import Move, Segment, SegmentChange, SegmentsChange
from covidlake.laptop.preview.parquet_table import ParquetTable, quoted, types

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

TABLE = "customer_segments"
KEY, NAME, NUMBER = "customer_id", "segment_name", "segment"
_NUMBERS = ("tinyint", "smallint", "int", "bigint", "float", "double", "decimal")


def compare(before: ParquetTable | None, after: ParquetTable | None) -> SegmentsChange | None:
    """The change, by the names of segments; None where a side has no table with customers and names."""
    if before is None or after is None:
        return None
    with connection() as database:
        sides = {"before": before, "after": after}
        for view, table in sides.items():
            table.view(database, view)
        if any(not {KEY, NAME} <= types(database, view).keys() for view in sides):
            return None
        return _Segments(database).compared()


@dataclass(frozen=True)
class _Segments:
    """The views `before` and `after` of one connection. Names are texts, whatever type they have."""

    database: DuckDBPyConnection

    def compared(self) -> SegmentsChange:
        then, now = self._segments("before"), self._segments("after")
        names = list(dict.fromkeys([*now, *then]))
        segments = tuple(SegmentChange(name, then.get(name), now.get(name)) for name in names)
        added, gone = self._alone("after", "before"), self._alone("before", "after")
        (both,) = self._rows(f"SELECT count(*) FROM before SEMI JOIN after USING ({KEY})")[0]
        return SegmentsChange(both, added[0], gone[0], segments, self._moves(), added[1], gone[1])

    def _segments(self, view: str) -> dict[str, Segment]:
        """By name, the one that spends most first, as the pipeline numbers them."""
        kinds = types(self.database, view)
        means = [
            name
            for name, kind in kinds.items()
            if kind.partition("(")[0] in _NUMBERS and name not in (KEY, NUMBER)
        ]
        parts = ", ".join(["count(*)", *(f"avg({quoted(name)})::DOUBLE" for name in means)])
        order = f"min({quoted(NUMBER)})" if NUMBER in kinds else "1"
        found = self._rows(f"SELECT {NAME}::VARCHAR, {parts} FROM {view} GROUP BY 1 ORDER BY {order}, 1")
        return {
            str(row[0]): Segment(row[1], tuple(_known(zip(means, row[2:], strict=True)))) for row in found
        }

    def _moves(self) -> tuple[Move, ...]:
        found = self._rows(
            f"SELECT b.{NAME}::VARCHAR, a.{NAME}::VARCHAR, count(*), "
            f"list({KEY}::VARCHAR ORDER BY {KEY})[:{EXAMPLES}] FROM before b JOIN after a USING ({KEY}) "
            f"WHERE b.{NAME}::VARCHAR IS DISTINCT FROM a.{NAME}::VARCHAR GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2"
        )
        return tuple(Move(str(row[0]), str(row[1]), row[2], tuple(row[3])) for row in found)

    def _alone(self, view: str, other: str) -> tuple[int, tuple[str, ...]]:
        """The customers that only one side has in a segment."""
        alone = f"FROM {view} ANTI JOIN {other} USING ({KEY})"
        (counted,) = self._rows(f"SELECT count(*) {alone}")[0]
        keys = self._rows(f"SELECT {KEY}::VARCHAR {alone} ORDER BY {KEY} LIMIT {EXAMPLES}")
        return counted, tuple(row[0] for row in keys)

    def _rows(self, sql: str) -> list[tuple[Any, ...]]:
        return list(self.database.execute(sql).fetchall())


def _known(means: Iterable[tuple[str, float | None]]) -> Iterator[tuple[str, float]]:
    return ((name, round(value, 2)) for name, value in means if value is not None)
