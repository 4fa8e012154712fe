"""A table of a lake in a folder: its Parquet files, its partition keys, and DuckDB's view of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from duckdb.typing import DuckDBPyType

# The Data Catalog's names of types that DuckDB spells otherwise.
_NAMES = {"varchar": "string", "integer": "int", "blob": "binary", "timestamp with time zone": "timestamp"}


@dataclass(frozen=True)
class ParquetTable:
    """`keys` are the partition keys, which stand in the names of folders."""

    files: tuple[Path, ...]
    keys: tuple[str, ...]

    @classmethod
    def in_folder(cls, folder: Path) -> ParquetTable | None:
        """The table in a folder; None for a folder without a file of rows."""
        files = sorted(path for path in folder.rglob("*.parquet") if not path.name.startswith(("_", ".")))
        if not files:
            return None
        parts = files[0].relative_to(folder).parts[:-1]
        return cls(tuple(files), tuple(part.partition("=")[0] for part in parts if "=" in part))

    @property
    def bytes(self) -> int:
        return sum(path.stat().st_size for path in self.files)

    def view(self, connection: DuckDBPyConnection, name: str) -> None:
        """Make it a view; partition keys are texts, as in the Data Catalog."""
        names = ", ".join(quoted_text(str(path)) for path in self.files)
        connection.execute(
            f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT * FROM read_parquet([{names}], "
            f"hive_partitioning = {bool(self.keys)}, hive_types_autocast = false, union_by_name = true)"
        )


def types(connection: DuckDBPyConnection, view: str) -> dict[str, str]:
    """Each column of a view and its type as the Data Catalog spells it."""
    found = connection.table(view)
    return {name: _spelled(kind) for name, kind in zip(found.columns, found.types, strict=True)}


def _spelled(kind: DuckDBPyType) -> str:
    if kind.id == "decimal":
        return str(kind).lower()
    if kind.id in ("list", "array"):
        return f"array<{_spelled(_children(kind)['child'])}>"
    if kind.id == "struct":
        fields = (f"{name}:{_spelled(one)}" for name, one in _children(kind).items())
        return f"struct<{','.join(fields)}>"
    if kind.id == "map":
        return f"map<{','.join(_spelled(one) for one in _children(kind).values())}>"
    return _NAMES.get(str(kind).lower(), str(kind).lower())


def _children(kind: DuckDBPyType) -> dict[str, Any]:
    return dict(kind.children)


def quoted(name: str) -> str:
    """A name in SQL."""
    return '"' + name.replace('"', '""') + '"'


def quoted_text(text: str) -> str:
    """A text in SQL."""
    return "'" + text.replace("'", "''") + "'"
