"""What became of the second pipeline's tables, put together from the lakes that the runs left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from covidlake.base import json_text
from covidlake.laptop.preview import changes, cloud, lake
from covidlake.laptop.preview.changes import Lakes
from covidlake.laptop.preview.lake import QUARANTINE, Lake
from covidlake.laptop.preview.model import (
    CHANGED,
    FAILED,
    GONE,
    IDENTICAL,
    NEW,
    DataSetChange,
    TableChange,
    Upgrade,
)
from covidlake.laptop.preview.segmentation import segments
from covidlake.laptop.preview.segmentation.parameters import Asked
from covidlake.laptop.preview.segmentation.runs import RESULT

COUNTS = {
    "rows_restated": "rows_changed",
    "rows_removed": "rows_deleted",
    "files_written": "files_written",
    "bytes_written": "bytes_written",
}


def of(asked: Asked, why: tuple[str, ...], lakes: Lakes, before: bool, after: bool) -> DataSetChange:
    """The change with the parameters of one environment; `before` and `after` say who has the pipeline."""
    fails = lakes.base.error, lakes.head.error
    compared = before and after and not any(fails)
    keys = {**_keys(lakes.base), **_keys(lakes.head)} if not any(fails) else {}
    found = DataSetChange(
        asked.names[0],
        CHANGED,
        asked.names[0],
        (*why, *asked.differences),
        *fails,
        read_before=_read(lakes.base),
        read_after=_read(lakes.head),
        tables=_said_once(lake.tables(lakes.base, lakes.head, keys, {})),
        quarantine=tuple(_quarantine(lakes)),
        upgrade=_upgrade(lakes.upgrade) if compared else None,
        disagreements=_disagreements(lakes, keys) if compared else (),
        is_pipeline=True,
        segments=_segments(lakes) if compared else None,
    )
    return replace(found, status=_status(found, before, after))


def unread(name: str, why: tuple[str, ...], fails_before: str, fails_after: str) -> DataSetChange:
    """Of descriptions that cannot be loaded, so that nothing ran."""
    return DataSetChange(name, FAILED, name, why, fails_before, fails_after, is_pipeline=True)


def _status(found: DataSetChange, before: bool, after: bool) -> str:
    if found.fails_before or found.fails_after:
        return FAILED
    if not (before and after):
        return NEW if after else GONE
    return IDENTICAL if changes.is_identical(found) else CHANGED


def _keys(side: Lake) -> dict[str, tuple[str, ...]]:
    """Each table that the jobs have published, by the key that its state names; and the database's."""
    states = sorted(side.folder.glob(f"state/*{cloud.STATE_OF_TABLES}"))
    found = {path.parent.name: tuple(json_text.read(path).get("key", ())) for path in states}
    return {**found, RESULT: (segments.KEY,)} if side.table(RESULT) else found


def _said_once(tables: tuple[TableChange, ...]) -> tuple[TableChange, ...]:
    """Without the examples of the result in the database, where it differs as the lake's table does."""
    named = {one.name: one for one in tables}
    made, written = named.get(segments.TABLE), named.get(RESULT)
    if not made or not written or _shown(made) != _shown(written):
        return tables
    columns = tuple(replace(column, examples=()) for column in written.columns)
    short = replace(written, columns=columns, added_keys=(), gone_keys=())
    return tuple(short if one is written else one for one in tables)


def _shown(table: TableChange) -> tuple[object, ...]:
    """What is shown of a table's rows. A database has types of its own, so that only names are compared."""
    columns = [(one.name, one.kind, one.differ, one.examples) for one in table.columns if one.kind]
    counts = table.added, table.gone, table.changed
    return *counts, table.added_keys, table.gone_keys, sorted(columns, key=str)


def _records(side: Lake) -> Iterator[dict[str, Any]]:
    for path in sorted(side.folder.glob(f"runs/*/{cloud.run_id_of(side.name)}.json")):
        yield json_text.read(path)


def _read(side: Lake) -> int:
    """The rows of the database: what the extraction alone reads, whose records name a position."""
    return sum(int(one.get("rows_read", 0)) for one in _records(side) if "position" in one.get("detail", {}))


def _quarantine(lakes: Lakes) -> Iterator[tuple[str, int, int]]:
    folders = {path.name for side in (lakes.base, lakes.head) for path in side.folder.glob("quarantine/*")}
    for name in sorted(one.removesuffix(QUARANTINE) for one in folders):
        then, now = lakes.base.rejected(name), lakes.head.rejected(name)
        for reason in sorted({*then, *now}):
            yield f"{name}: {reason}", then[reason], now[reason]


def _disagreements(lakes: Lakes, keys: dict[str, tuple[str, ...]]) -> tuple[TableChange, ...]:
    return () if lakes.upgrade.error else lake.disagreements(lakes.head, lakes.upgrade, keys)


def _upgrade(side: Lake) -> Upgrade:
    records = list(_records(side))
    counts = {ours: sum(int(one.get(theirs, 0)) for one in records) for ours, theirs in COUNTS.items()}
    return Upgrade("FAILED" if side.error else "LOADED", side.error, **counts)


def _segments(lakes: Lakes) -> Any:
    return segments.compare(lakes.base.table(segments.TABLE), lakes.head.table(segments.TABLE))
