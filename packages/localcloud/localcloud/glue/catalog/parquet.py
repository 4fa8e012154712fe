"""The schemas of Parquet files, read from their footers by DuckDB."""

from __future__ import annotations

from typing import Any

import duckdb

from localcloud.glue.catalog.types import HiveType, from_duckdb

Columns = tuple[tuple[str, HiveType], ...]
Tree = tuple[tuple[str, str, int], ...]


def parquet_columns(connection: Any, paths: list[str]) -> dict[str, Columns]:
    """The columns of each file, as they are spelled in it."""
    rows = connection.execute(
        "SELECT file_name, name, duckdb_type, coalesce(num_children, 0) FROM parquet_schema($paths)",
        {"paths": paths},
    ).fetchall()
    trees: dict[str, list[tuple[str, str, int]]] = {}
    for path, name, kind, children in rows:
        trees.setdefault(path, []).append((name, kind, children))
    known: dict[Tree, Columns] = {}
    return {path: _columns(tuple(tree), known) for path, tree in trees.items()}


def _columns(tree: Tree, known: dict[Tree, Columns]) -> Columns:
    if tree not in known:
        known[tree] = top_level(tree)
    return known[tree]


def top_level(tree: Tree) -> Columns:
    """The columns of a Parquet schema, which lists its tree depth first, the root before all."""
    columns, skip = [], 0
    for name, kind, children in tree[1:]:
        if skip == 0:
            columns.append((name, from_duckdb(duckdb.sqltype(kind))))
        skip = max(0, skip - 1) + children
    return tuple(columns)
