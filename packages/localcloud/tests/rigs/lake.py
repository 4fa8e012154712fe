"""A table of one local file, read as the catalog describes it: no cloud, no catalog."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from localcloud.athena.sql.tables import readers
from localcloud.athena.sql.tables.readers import LocalFiles
from localcloud.athena.sql.trino.macros import prepare_engine
from localcloud.glue.catalog.table_objects import S3Object
from localcloud.glue.catalog.types import parse


class Lake:
    """A table of one file."""

    def __init__(self, folder: Path, text: str) -> None:
        self.root = folder / "lake"
        self.path = self.root / "__partition=0" / "0.data"
        self.path.parent.mkdir(parents=True)
        self.path.write_text(text, encoding="utf-8")

    def rows(
        self,
        form: str,
        columns: dict[str, str],
        serde: dict[str, str],
        table: dict[str, str] | None = None,
        library: str = "",
    ) -> list[tuple[Any, ...]]:
        """The rows of the table, in the types of its columns."""
        typed = [(name, parse(kind)) for name, kind in columns.items()]
        files = LocalFiles(self.root, {self.path: S3Object("b", "t/0", 1)})
        with duckdb.connect() as connection:
            prepare_engine(connection)
            descriptor = {"SerdeInfo": {"SerializationLibrary": library, "Parameters": serde}}
            found = readers.read(connection, form, descriptor, table or {}, typed, None, files)
            shown = ", ".join(found.expressions.get(name, "NULL") for name in columns)
            sql = f"SELECT {shown} FROM {found.source}"  # noqa: S608
            return [tuple(row) for row in connection.execute(sql).fetchall()]
