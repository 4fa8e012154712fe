"""The one transaction that makes the target what the staging table is: a reader sees all of it or nothing.

INSERT ON CONFLICT rather than MERGE: that is in PostgreSQL 13 and 14, too, and says of each row whether it
was inserted. Rows that are the same are not touched.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from segmentation.database.session import Connection
from segmentation.errors import DatabaseError, DuplicateKeyError, InconsistentCountError
from segmentation.write_back.staging import Staging
from segmentation.write_back.target import KEY, VALUES, Target

TWICE = ("21000", "23505")  # a second row of one key: in the rows that come, or against a unique index


@dataclass(frozen=True)
class Written:
    """Rows of the database. `gone` were deleted or marked."""

    new: int
    changed: int
    unchanged: int
    gone: int


def write(
    connection: Connection, target: Target, staging: Staging, run_id: str, mark: bool, count: int
) -> Written:
    """Carry the transaction out; `count` is how many rows must be staged.

    Raises DuplicateKeyError, InconsistentCountError and DatabaseError; then nothing was written.
    """
    try:
        with connection.transaction():
            connection.query("select pg_advisory_xact_lock(hashtext(?))::text", str(target))
            staged = _number(connection, f"select count(*)::text from {staging.name}")  # noqa: S608 - names are ours
            if staged != count:
                raise InconsistentCountError(
                    f"{staging.name} has {staged} rows, the lake {count}: run it again; nothing was written"
                )
            new, changed = _upserted(connection, target, staging, run_id)
            gone = _gone(connection, target, staging, run_id, mark)
            connection.execute(f"drop table {staging.name}")
    except DatabaseError as error:
        if error.state in TWICE:
            raise DuplicateKeyError(
                f"{target}: two rows have one {KEY}, or break a unique index: {error}; nothing was written"
            ) from error
        raise
    return Written(new, changed, staged - new - changed, gone)


def _upserted(connection: Connection, target: Target, staging: Staging, run_id: str) -> tuple[int, int]:
    names = ", ".join(VALUES)
    differs = f"({_of('t', VALUES)}) is distinct from ({_of('excluded', VALUES)}) or t.gone_at is not null"
    given = ", ".join(f"{name} = excluded.{name}" for name in VALUES)
    sql = f"""
with written as (
    insert into {target} as t ({KEY}, {names}, run_id, written_at)
    select {KEY}, {names}, ?, now() from {staging.name}
    on conflict ({KEY}) do update
        set {given}, run_id = excluded.run_id, written_at = excluded.written_at, gone_at = null
        where {differs}
    returning xmax = 0 as inserted
)
select count(*) filter (where inserted)::text, count(*) filter (where not inserted)::text from written
"""  # noqa: S608 - names are ours
    new, changed = connection.query(sql, run_id)[0]
    return int(new or 0), int(changed or 0)


def _gone(connection: Connection, target: Target, staging: Staging, run_id: str, mark: bool) -> int:
    absent = f"not exists (select from {staging.name} s where s.{KEY} = t.{KEY})"
    if mark:
        marked = "set gone_at = now(), run_id = ?, written_at = now()"
        return connection.execute(f"update {target} t {marked} where gone_at is null and {absent}", run_id)
    return connection.execute(f"delete from {target} t where {absent}")  # noqa: S608 - names are ours


def _of(alias: str, names: Iterable[str]) -> str:
    return ", ".join(f"{alias}.{name}" for name in names)


def _number(connection: Connection, sql: str) -> int:
    return int(connection.query(sql)[0][0] or 0)
