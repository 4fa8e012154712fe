"""Rows of the database as Spark reads them: one snapshot for all connections, several for many rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812 - the name that every Spark code base uses
from pyspark.sql.window import Window

from segmentation.database.access import Access
from segmentation.database.session import READ, Connection
from segmentation.description import Table
from segmentation.extract.catalog import Relation
from segmentation.extract.changes import Reading, Snapshot, source
from segmentation.extract.columns import Kept, quoted
from segmentation.lake.quarantine import RAW, REASON

FETCH_ROWS = 10_000  # in one round trip; the driver would otherwise hold a whole result in memory
ROWS_PER_CONNECTION = 250_000
MAX_CONNECTIONS = 8
WHOLE_NUMBERS = ("smallint", "int", "bigint")
# Texts that depend on the session are the same for every session; rows that a policy hides are an error.
SAME_TEXTS = (
    "set timezone = 'UTC'; set intervalstyle = 'iso_8601'; set datestyle = 'ISO'; set bytea_output = 'hex'; "
    "set row_security = off"
)


@dataclass(frozen=True)
class Reader:
    """Reads a table in a snapshot that the connection's transaction holds."""

    spark: SparkSession
    access: Access
    connection: Connection
    snapshot: Snapshot
    table: Table
    relation: Relation
    columns: Sequence[Kept]

    def rows(self, reading: Reading) -> DataFrame:
        """The rows to read as the lake has them, with REASON and RAW for those that it cannot have."""
        frame = self._frame(self._select(reading))
        if not self.relation.unique:
            frame = frame.withColumn(REASON, self._repeated())
        return frame.select(*[column.finished() for column in self.columns], REASON, RAW)

    def keys(self) -> DataFrame:
        """The keys of all rows."""
        chosen = [column for column in self.columns if column.name in self.table.key]
        read = ", ".join(f"{one.sql} as {quoted(one.name)}" for one in chosen)
        frame = self._frame(f"select {read} from {source(self.table)}", partitioned_by=self.table.key)  # noqa: S608
        return frame.select(*[column.finished() for column in chosen])

    def _select(self, reading: Reading) -> str:
        read = ", ".join(f"{one.sql} as {quoted(one.name)}" for one in self.columns)
        missing = [f"when {quoted(name)} is null then 'no_{name}'" for name in self.table.key]
        reasons = [one.reason for one in self.columns if one.reason]
        reason = f"coalesce(case {' '.join(missing)} end, {', '.join([*reasons, 'null'])})"
        raw = "to_jsonb(t)::text"
        where = f" where {reading.where}" if reading.where else ""
        return (
            f"select {read}, {reason} as {REASON}, "  # noqa: S608 - names are quoted, values come from the catalog
            f"case when {reason} is not null or {self._ambiguous()} then {raw} end as {RAW} "
            f"from {source(self.table)} t{where}"
        )

    def _ambiguous(self) -> str:
        """Whether a row may have to be rejected for what others have."""
        return "false" if self.relation.unique else "true"

    def _repeated(self) -> F.Column:  # type: ignore[name-defined]
        """Of several rows with one key the first by its text stays."""
        order = Window.partitionBy(*self.table.key).orderBy(F.col(REASON).asc_nulls_first(), F.col(RAW))
        first = F.row_number().over(order) == 1
        return F.coalesce(REASON, F.when(~first, "duplicate_key"))

    def _frame(self, query: str, partitioned_by: Sequence[str] = ()) -> DataFrame:
        reader = self.spark.read.format("jdbc").option("url", self.access.url)
        reader = reader.options(**self.access.properties(), **self._ranges(partitioned_by))
        same = f"set transaction isolation level {READ}; set transaction snapshot '{self.snapshot.name}'"
        reader = reader.option("sessionInitStatement", f"{same}; {SAME_TEXTS}")
        return reader.option("fetchsize", FETCH_ROWS).option("dbtable", f"({query}) as q").load()

    def _ranges(self, among: Sequence[str]) -> dict[str, str]:
        """How to read many rows by several connections; nothing for few."""
        name = self.table.partition_column
        kinds = {column.name: column.type for column in self.columns}
        connections = min(MAX_CONNECTIONS, self.relation.rows // ROWS_PER_CONNECTION + 1)
        if connections < 2 or kinds.get(name) not in WHOLE_NUMBERS or (among and name not in among):
            return {}
        bounds = f"select min({quoted(name)})::text, max({quoted(name)})::text from {source(self.table)}"  # noqa: S608
        low, high = self.connection.query(bounds)[0]
        if low is None or high is None or low == high:
            return {}
        return {
            "partitionColumn": name,
            "lowerBound": low,
            "upperBound": high,
            "numPartitions": str(connections),
        }
