"""What the database says of a table: that it is there, its columns, whether its key is unique."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from segmentation.database.session import Connection
from segmentation.description import FULL, Table
from segmentation.errors import (
    ColumnChangedError,
    DatabaseError,
    DatabasePermissionError,
    InvalidDescriptionError,
    TableVanishedError,
)
from segmentation.extract.columns import SourceColumn

VIEWS = ("v", "m", "f")  # view, materialized view, foreign table: none has the xmin of a row

RELATION = """
select c.oid::text, c.relkind::text, has_table_privilege(c.oid, 'select')::text,
    greatest(c.reltuples::bigint, pg_relation_size(c.oid) / 100)::text,
    (select string_agg(relid::oid::text, ',' order by relid::oid) from pg_partition_tree(c.oid))::text,
    coalesce(
        (select md5(string_agg(coalesce(pg_relation_filenode(relid), 0)::text, ',' order by relid::oid))
         from pg_partition_tree(c.oid)),
        pg_relation_filenode(c.oid)::text
    ),
    (select count(*) from pg_inherits i where i.inhparent = c.oid and c.relkind = 'r')::text
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = ? and c.relname = ? and c.relkind in ('r', 'p', 'v', 'm', 'f')
"""
COLUMNS = """
select a.attname::text,
    format_type(coalesce(d.oid, t.oid), case when d.oid is null then a.atttypmod else t.typtypmod end),
    coalesce(e.typtype, d.typtype, t.typtype)::text, a.attnotnull::text
from pg_attribute a
    join pg_type t on t.oid = a.atttypid
    left join pg_type d on t.typtype = 'd' and d.oid = t.typbasetype
    left join pg_type e on coalesce(d.typcategory, t.typcategory) = 'A'
        and e.oid = coalesce(nullif(d.typelem, 0), t.typelem)
where a.attrelid = ?::oid and a.attnum > 0 and not a.attisdropped
order by a.attnum
"""
UNIQUE = """
select exists(
    select from pg_index i
    where i.indrelid = ?::oid and i.indisunique and i.indisvalid and i.indpred is null and i.indexprs is null
        and (select string_agg(a.attname, ',' order by a.attname collate "C") from pg_attribute a
             where a.attrelid = i.indrelid and a.attnum = any(i.indkey)) = ?
)::text
"""
# Each may be refused to an ordinary role; they are asked outside of any transaction.
IDENTITY = (
    "select oid::text from pg_database where datname = current_database()",
    "select system_identifier::text from pg_control_system()",
    "select timeline_id::text from pg_control_checkpoint()",
)


@dataclass(frozen=True)
class Relation:
    """`rows` is an estimate. `unique` says that the database holds the key to be unique. `parts` are the oids
    of a partitioned table and its partitions, `file` changes when one is truncated or written anew. `heirs`
    counts the tables that inherit from it: their rows are among its own, and its keys are not theirs.
    """

    oid: str
    kind: str
    rows: int
    columns: tuple[SourceColumn, ...]
    unique: bool
    parts: str = ""
    file: str = ""
    heirs: int = 0

    @property
    def has_row_versions(self) -> bool:
        return self.kind not in VIEWS

    def may_be_null(self, names: Collection[str]) -> tuple[str, ...]:
        """Those of these columns that the database does not keep null out of."""
        return tuple(one.name for one in self.columns if one.name in names and not one.filled)

    @property
    def note(self) -> str:
        """What is not obvious about its rows."""
        return f"rows of {self.heirs} tables that inherit from it are among its rows" if self.heirs else ""


def relation(connection: Connection, table: Table) -> Relation:
    """Raises TableVanishedError, DatabasePermissionError, ColumnChangedError and InvalidDescriptionError."""
    found = connection.query(RELATION, table.schema, table.table)
    if not found:
        raise TableVanishedError(
            f"{table.place} is not in {connection.access.place}: create it again, or delete tables/"
            f"{table.name}.py; the lake keeps what it has"
        )
    oid, kind, readable, rows, parts, file, heirs = found[0]
    if readable != "true":
        raise DatabasePermissionError(
            f"{connection.access.place}: role `{connection.access.user}` may not read {table.place}: grant "
            "it select, as prepare_database does",
            "42501",
        )
    columns = _columns(connection, str(oid))
    unique = connection.query(UNIQUE, str(oid), ",".join(sorted(table.key)))
    is_unique = unique[0][0] == "true" and heirs == "0"
    one = Relation(
        str(oid),
        str(kind),
        int(rows or 0),
        _chosen(columns, table),
        is_unique,
        str(parts or ""),
        str(file or ""),
        int(heirs or 0),
    )
    if table.mode != FULL and one.heirs:
        raise InvalidDescriptionError(
            f"tables/{table.name}.py: {one.heirs} tables inherit from {table.place}, whose rows are read "
            "with it, and no key is unique among all of them: make it full, which looks for such rows"
        )
    if table.mode == "upsert" and table.follow == "row_version" and not one.has_row_versions:
        raise InvalidDescriptionError(
            f"tables/{table.name}.py: {table.place} is a view or foreign table, whose rows have no xmin: "
            "make it full, or let it follow a cursor"
        )
    return one


def identity(connection: Connection) -> str:
    """What another copy of the database has not: the numbers of transactions mean nothing there."""
    return ":".join([connection.access.place, *[_asked(connection, sql) for sql in IDENTITY]])


def _columns(connection: Connection, oid: str) -> tuple[SourceColumn, ...]:
    return tuple(
        SourceColumn(str(name), str(kind), str(sort), filled == "true")
        for name, kind, sort, filled in connection.query(COLUMNS, oid)
    )


def _chosen(columns: tuple[SourceColumn, ...], table: Table) -> tuple[SourceColumn, ...]:
    there = {column.name: column for column in columns}
    wanted = table.columns or tuple(there)
    needed = dict.fromkeys([*wanted, *table.key, *filter(None, [table.cursor, table.partition_column])])
    for name in needed:
        if name not in there:
            raise ColumnChangedError(
                f"{table.place} has no column `{name}`, which tables/{table.name}.py names: correct the "
                f"description; its columns are {', '.join(there)}"
            )
    return tuple(there[name] for name in wanted)


def _asked(connection: Connection, sql: str) -> str:
    try:
        return str(connection.query(sql)[0][0])
    except DatabaseError:
        return "?"
