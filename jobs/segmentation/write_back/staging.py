"""The staging table of a run, beside the target: Spark fills it, the transaction reads and drops it.

Spark writes by several connections, so its rows are committed before the target is touched; a run that dies
leaves the table, and the next one drops it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from py4j.protocol import Py4JJavaError
from pyspark.sql import DataFrame

from segmentation.database import failures
from segmentation.database.session import Connection
from segmentation.write_back.target import STAGED, Target

ROWS_PER_CONNECTION = 100_000
MAX_CONNECTIONS = 8
BATCH = 5_000
MARK = "__stage_"
LEFT = """
select c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = ? and c.relkind = 'r' and starts_with(c.relname, ?) and c.relowner = current_user::regrole
"""


@dataclass(frozen=True)
class Staging:
    """The staging table of the run `run_id`."""

    target: Target
    run_id: str

    @property
    def name(self) -> str:
        """Of the run, and short enough for PostgreSQL, which would cut it."""
        digest = hashlib.sha256(self.run_id.encode()).hexdigest()[:12]
        return f"{self.target.schema}.{self.target.table}{MARK}{digest}"

    def clean(self, connection: Connection) -> int:
        """Drop what dead runs have left; returns how many. No other run lives: this one has the claim."""
        left = connection.query(LEFT, self.target.schema, f"{self.target.table}{MARK}")
        for (name,) in left:
            connection.execute(f"drop table if exists {self.target.schema}.{name}")
        return len(left)

    def fill(self, connection: Connection, rows: DataFrame, count: int) -> None:
        """Write the rows. Raises DatabaseError."""
        columns = ", ".join(f"{name} {kind}" for name, kind in STAGED.items())
        connection.execute(f"create unlogged table {self.name} ({columns})")
        access = connection.access
        parts = rows.select(*STAGED).repartition(min(MAX_CONNECTIONS, count // ROWS_PER_CONNECTION + 1))
        writer = (
            parts.write.format("jdbc").mode("append").option("url", access.url).option("dbtable", self.name)
        )
        writer = writer.option("batchsize", BATCH).option("reWriteBatchedInserts", "true")
        try:
            writer.options(**access.properties()).save()
        except Py4JJavaError as error:
            raise failures.translated(error, access, f"writing {self.name}") or error from error
