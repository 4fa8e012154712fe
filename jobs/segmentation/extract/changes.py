"""Which rows of a table a run has to read: by which rule, from where, and where the next one begins.

What is missed by whom, held by tests/unit/jobs/segmentation/extract/test_missed_changes.py:

- key > last (append): every update, and each row whose transaction ended after a greater key was read.
- cursor >= the last one seen, the usual watermark: the same of updates that end late.
- cursor >= start of the oldest transaction open at the last run (CURSOR): nothing, if each change sets the
  cursor to a time not before its own transaction's start.
- the row's transaction was not ended when the last snapshot was taken (ROW_VERSION): nothing.

No rule sees a deleted row; comparing keys does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from segmentation.database.session import Connection
from segmentation.description import APPEND, CURSOR, FULL, Table
from segmentation.errors import DatabasePermissionError, InvalidDescriptionError
from segmentation.extract.catalog import Relation
from segmentation.extract.columns import quoted

WRAP = 2**32  # a row has the lower half of its transaction's number
FAR = 2**31  # of transactions: then they can no longer be told from older ones
MARGIN = 60  # seconds: a transaction is seen among the open ones a moment after it began

SNAPSHOT = """
select pg_export_snapshot(), pg_snapshot_xmin(s)::text, pg_snapshot_xmax(s)::text,
    to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
from pg_current_snapshot() s
"""
OPEN = """
select to_char((least(clock_timestamp(), min(xact_start)) - ? * interval '1 second') at time zone 'UTC',
        'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    (count(*) filter (where query = '<insufficient privilege>'))::text,
    (select count(*) from pg_prepared_xacts where database = current_database())::text
from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid()
""".replace("? *", f"{MARGIN} *")


@dataclass(frozen=True)
class Snapshot:
    """One state of the database, which all connections of a run see. `xmin`: every transaction before this
    number had ended; `xmax`: no transaction from this number on had begun. `taken_at` is the database's time.
    """

    name: str
    xmin: int
    xmax: int
    taken_at: str

    @classmethod
    def of(cls, connection: Connection) -> Snapshot:
        """Taken by the connection's transaction, and there as long as that."""
        name, xmin, xmax, taken_at = connection.query(SNAPSHOT)[0]
        return cls(str(name), int(xmin or 0), int(xmax or 0), str(taken_at))


@dataclass(frozen=True)
class Reading:
    """`where` is SQL that the rows to read satisfy, empty for all. `why` says why all are read although the
    mode reads changes. `position` is where the next run begins.
    """

    where: str
    position: Mapping[str, str]
    why: str = ""

    @property
    def complete(self) -> bool:
        """Whether rows that are not read are not in the table."""
        return not self.where


def horizon(connection: Connection, table: Table, before: Mapping[str, str]) -> str:
    """For CURSOR: the time that no transaction which is open now began before; empty if nobody knows.

    Asked before the snapshot is taken: a transaction that begins in between begins later than this. Raises
    DatabasePermissionError if the transactions of others are hidden.
    """
    if not table.follows_cursor:
        return ""
    time, hidden, prepared = connection.query(OPEN)[0]
    if int(hidden or 0):
        raise DatabasePermissionError(
            f"{connection.access.place}: role `{connection.access.user}` does not see when others' "
            f"transactions began, which tables/{table.name}.py needs to follow a cursor: grant it "
            "pg_read_all_stats, or let the description follow row_version",
            "42501",
        )
    # Nothing says when a prepared transaction began: the next run begins where this one did.
    return before.get("low", "") if int(prepared or 0) else str(time)


def reading(
    table: Table, relation: Relation, snapshot: Snapshot, before: Mapping[str, str], identity: str, low: str
) -> Reading:
    """What to read, `before` being the position of the last run; without one everything is read.

    Rows without a key are always read: nothing says which of them were there before.
    """
    found = _by_rule(table, relation, snapshot, before, identity, low)
    keyless = [f"{quoted(name)} is null" for name in relation.may_be_null(table.key)]
    if not found.where or not keyless:
        return found
    return replace(found, where=f"({found.where} or {' or '.join(keyless)})")


def _by_rule(
    table: Table, relation: Relation, snapshot: Snapshot, before: Mapping[str, str], identity: str, low: str
) -> Reading:
    if table.mode == FULL:
        return Reading("", {"rule": FULL})
    if table.mode == APPEND:
        return _append(table, relation, before, f"{identity}:{relation.oid}:{relation.parts}:{relation.file}")
    rule = table.follow
    after = {"rule": rule, "identity": f"{identity}:{relation.oid}:{relation.parts}"}
    after |= {"low": low} if rule == CURSOR else {"xmin": str(snapshot.xmin)}
    if not before:
        return Reading("", after)
    if before.get("rule") != rule:
        return Reading("", after, f"it followed {before.get('rule')} before")
    if before.get("identity") != after["identity"]:
        return Reading("", after, "the table or the database is another one than before")
    if rule == CURSOR:
        return _cursor(table, relation, before.get("low", ""), after)
    return _row_version(snapshot, int(before["xmin"]), after)


def _row_version(snapshot: Snapshot, low: int, after: Mapping[str, str]) -> Reading:
    if not 0 <= snapshot.xmax - low < FAR:
        return Reading("", after, f"{snapshot.xmax - low} transactions lie between this run and the last")
    distance = f"(xmin::text::bigint - {low % WRAP} + {WRAP}) % {WRAP}"
    return Reading(f"{distance} < {snapshot.xmax - low}", after)


def _cursor(table: Table, relation: Relation, low: str, after: Mapping[str, str]) -> Reading:
    kind = next(column.type for column in relation.columns if column.name == table.cursor)
    if not (kind.startswith("timestamp") and kind.endswith("with time zone")):
        raise InvalidDescriptionError(
            f"tables/{table.name}.py: cursor `{table.cursor}` of {table.place} is {kind}: to follow it, it "
            "must be a timestamp with time zone"
        )
    if not low:
        return Reading("", after, "a prepared transaction was open at the last run")
    cursor = quoted(table.cursor)
    return Reading(f"({cursor} >= '{low}'::timestamptz or {cursor} is null)", after)


def _append(table: Table, relation: Relation, before: Mapping[str, str], identity: str) -> Reading:
    kind = next(column.type for column in relation.columns if column.name == table.cursor)
    after = {"rule": APPEND, "last": before.get("last", ""), "identity": identity}
    if before.get("rule") != APPEND or not before.get("last"):
        return Reading(
            "", after, f"it followed {before['rule']} before" if before.get("rule", APPEND) != APPEND else ""
        )
    if before.get("identity") != identity:
        return Reading("", after, "the table was made or filled anew, or the database is another one")
    last = before["last"].replace("'", "''")
    return Reading(f"{quoted(table.cursor)} > '{last}'::{kind}", after)


def greatest(connection: Connection, table: Table) -> str:
    """For an append: the greatest key of the snapshot, where the next run begins."""
    found = connection.query(f"select max({quoted(table.cursor)})::text from {source(table)}")  # noqa: S608
    return found[0][0] or ""


def source(table: Table) -> str:
    """The table as SQL names it."""
    return f"{quoted(table.schema)}.{quoted(table.table)}"
