"""The tables that the work tree makes of some objects, against the real lake's: schema, counts, statistics.

No row of the lake leaves it, and no text of one: ranges are those of numbers and times.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

from covidlake import aws
from covidlake.base import project
from covidlake.base.errors import DataSetError
from covidlake.base.nearest import unknown
from covidlake.base.progress import Progress
from covidlake.laptop import local
from covidlake.laptop.preview import changes, cloud, descriptions, refs
from covidlake.laptop.preview.compare import compare
from covidlake.laptop.preview.descriptions import Described, Descriptions
from covidlake.laptop.preview.lake import Lake
from covidlake.laptop.preview.model import (
    CHANGED,
    FAILED,
    ColumnChange,
    DataSetChange,
    Preview,
    Side,
    Statistic,
    TableChange,
)
from covidlake.laptop.preview.parquet_table import quoted
from covidlake.laptop.source import folder_of
from covidlake.run import query
from covidlake.ship.stack import stack

HEAD = "head"
RANGED = ("tinyint", "smallint", "int", "bigint", "float", "double", "decimal", "date", "timestamp")


def against(environment: str, chosen: Collection[str], source: str, progress: Progress) -> Preview:
    """Each table of the chosen data sets: before as the lake has it, after as the work tree makes it."""
    started = time.monotonic()
    database = stack.find(environment).outputs["DatabaseName"]
    described = descriptions.of(project.JOBS)
    data_sets = [_one(described, name) for name in chosen or described.data_sets]
    with tempfile.TemporaryDirectory(prefix="preview-") as scratch:
        made = _made(described, data_sets, source, Path(scratch), progress)
        found = tuple(_change(one, made, environment, database) for one in data_sets)
    return Preview(
        f"the lake of {environment}",
        refs.described(),
        source,
        found,
        left_out=(f"rows are not compared: the lake of {environment} has objects of its own",),
        seconds=round(time.monotonic() - started, 1),
    )


def _one(described: Descriptions, name: str) -> Described:
    if name not in described.data_sets:
        raise DataSetError(unknown("data set", name, list(described.data_sets)))
    if problem := described.data_sets[name].problem:
        raise DataSetError(f"jobs/datasets/{name}.py: {problem}")
    return described.data_sets[name]


def _made(
    described: Descriptions, data_sets: list[Described], source: str, place: Path, progress: Progress
) -> Lake:
    """The lake that the work tree makes of the source, from nothing, on a local cloud."""
    folder = folder_of(source, progress)
    with local.ephemeral() as running, local.attached(running):
        progress(local.fill_source(str(folder), progress))
        cloud.create_job(HEAD, project.JOBS, cloud.prepare((HEAD,)))
        names = [one.name for one in data_sets]
        ended = cloud.run(HEAD, HEAD, names, described.arguments, cloud.SOURCE)
        return Lake(cloud.fetch(HEAD, place), HEAD, ended.error)


def _change(one: Described, made: Lake, environment: str, database: str) -> DataSetChange:
    failure = made.failure(one.name)
    tables = (
        ()
        if failure
        else tuple(
            found
            for name, key in one.keys_of_tables().items()
            if (found := _table(name, key, made, environment, database))
        )
    )
    return DataSetChange(
        one.name, FAILED if failure else CHANGED, one.name, ("asked for",), "", failure, one.key, one.key,
        0, changes.rows_read(made, one), tables,
    )  # fmt: skip


def _table(
    name: str, key: tuple[str, ...], made: Lake, environment: str, database: str
) -> TableChange | None:
    after = compare(name, None, made.table(name), key, rows=False)
    columns, keys = _catalogued(database, name)
    if not columns:
        return after if after.after else None
    before, measured = _measured(environment, name, columns, keys)
    now = {one.name: one for one in after.columns}
    found = tuple(
        ColumnChange(
            column,
            columns.get(column, ""),
            now[column].after_type if column in now else "",
            before=measured.get(column),
            after=_without_texts(now[column]) if column in now else None,
        )
        for column in dict.fromkeys([*columns, *now])
    )
    return replace(after, before=before, columns=found, before_name=name)


def _catalogued(database: str, table: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """The columns of a table with their types, and its partition keys; none for one that is not there."""
    glue = aws.client("glue")
    try:
        found = glue.get_table(DatabaseName=database, Name=table)["Table"]
    except glue.exceptions.EntityNotFoundException:
        return {}, ()
    keys = found.get("PartitionKeys", [])
    columns = [*found.get("StorageDescriptor", {}).get("Columns", []), *keys]
    return {one["Name"]: one.get("Type", "") for one in columns}, tuple(one["Name"] for one in keys)


def _measured(
    environment: str, table: str, columns: Mapping[str, str], keys: tuple[str, ...]
) -> tuple[Side, dict[str, Statistic]]:
    parts = ["count(*)"]
    for name, kind in columns.items():
        ranged = kind.startswith(RANGED) and "<" not in kind
        low, high = (
            f"cast({one}({quoted(name)}) AS varchar)" if ranged else "cast(NULL AS varchar)"
            for one in ("min", "max")
        )
        parts += [f"count({quoted(name)})", low, high]
    named = ", ".join(f"{part} AS c{at}" for at, part in enumerate(parts))
    (row,) = query.query(environment, f"SELECT {named} FROM {quoted(table)}").rows
    rows = int(row[0] or 0)
    found = {
        name: Statistic(rows, rows - int(row[3 * at + 1] or 0), row[3 * at + 2], row[3 * at + 3])
        for at, name in enumerate(columns)
    }
    return Side(rows, None, None, keys), found


def _without_texts(column: ColumnChange) -> Statistic | None:
    """The statistic as the lake's is: without the range of texts."""
    if column.after is None or column.after_type.startswith(RANGED):
        return column.after
    return replace(column.after, low=None, high=None)
