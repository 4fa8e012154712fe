"""Which partitions a run replaces or removes in its tables."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from ingestion.description import DataSet
from ingestion.state.ledger import Ledger
from ingestion.state.places import Places, Table, data_files
from ingestion.state.publish import Change
from ingestion.state.storage import Storage
from ingestion.write.staged import Staged


def gone(storage: Storage, main: Table, staged: Staged, affected: frozenset[str] | None) -> frozenset[str]:
    """Published partitions that were rebuilt and have no rows any more; `affected` None means all."""
    there = {main.value(folder) for folder in main.folders(storage)}
    return frozenset(there if affected is None else affected & there) - staged.partitions.keys()


def of_main(main: Table, staged: Staged, changed: Collection[str], gone: Collection[str]) -> Iterator[Change]:
    """Replace the partitions that differ, and remove those that are gone."""
    for name in sorted({*(name for name in changed if name in staged.partitions), *gone}):
        yield Change.of(main, name, staged.files.get(main.partition_folder(name)))


def of_side(storage: Storage, table: Table, changed: Iterable[str], counts: dict[str, int]) -> list[Change]:
    """Every changed partition of a table beside the main one: its staged file, or none if it has no rows."""
    there = {table.value(folder) for folder in table.folders(storage)}
    files = data_files(storage, table.staging) if counts else {}
    named = {*counts, *(there & set(changed))}
    return [
        Change.of(table, name, files[table.partition_folder(name)] if name in counts else None)
        for name in sorted(named)
    ]


def outdated(storage: Storage, places: Places, dataset: DataSet, ledger: Ledger) -> Iterator[Change]:
    """Remove folders of an older partition key, and tables that are no longer described.

    For runs that replace everything.
    """
    dropped = [replace(places.main, name=name) for name in ledger.others if name not in dataset.tables]
    for table in (places.main, places.history, *places.unnested, *dropped):
        found = table.folders(storage) if table in dropped else ()
        for folder in (*found, *table.foreign(storage)):
            yield Change(table.place, folder, None)
