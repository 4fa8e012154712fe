"""The table that the segments are written to: its columns, and whether it has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from segmentation.database.session import Connection
from segmentation.errors import TargetChangedError

KEY = "customer_id"
# What the lake has of a customer, in PostgreSQL's types; then what says when and by which run it was written.
VALUES: Mapping[str, str] = {
    "segment": "integer",
    "segment_name": "text",
    "recency_days": "integer",
    "frequency": "integer",
    "monetary": "numeric(18,2)",
}
STAGED: Mapping[str, str] = {KEY: "bigint", **VALUES}
OWN: Mapping[str, str] = {
    "run_id": "text",
    "written_at": "timestamp with time zone",
    "gone_at": "timestamp with time zone",
}
COLUMNS: Mapping[str, str] = {**STAGED, **OWN}
NULLABLE = ("gone_at",)

THERE = """
select a.attname::text, format_type(a.atttypid, a.atttypmod)
from pg_attribute a where a.attrelid = to_regclass(?) and a.attnum > 0 and not a.attisdropped
"""
KEYED = """
select exists(
    select from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
    where i.indrelid = to_regclass(?) and i.indisunique and i.indisvalid and i.indpred is null
        and i.indnkeyatts = 1 and a.attname = ?
)::text
"""


@dataclass(frozen=True)
class Target:
    """The table `schema`.`table`; both are small letters, digits and `_`, so no quotes are needed."""

    schema: str
    table: str

    def __str__(self) -> str:
        return f"{self.schema}.{self.table}"

    def prepare(self, connection: Connection) -> bool:
        """Create the table if there is none; returns whether. Raises TargetChangedError for another shape."""
        there = {str(name): str(kind) for name, kind in connection.query(THERE, str(self))}
        if not there:
            needed = [
                f"{name} {kind}{'' if name in NULLABLE else ' not null'}" for name, kind in COLUMNS.items()
            ]
            connection.execute(f"create table {self} ({', '.join(needed)}, primary key ({KEY}))")
            return True
        for name, kind in COLUMNS.items():
            if there.get(name, "missing") != kind:
                raise TargetChangedError(
                    f"{self}: column `{name}` is {there.get(name, 'missing')} and must be {kind}: change "
                    "it back, or drop the table and run with mode full, which creates it again; nothing was "
                    "written"
                )
        if connection.query(KEYED, str(self), KEY)[0][0] != "true":
            raise TargetChangedError(
                f"{self}: `{KEY}` is no primary key any more: make it one again; nothing was written"
            )
        return False
