"""The ledger after a run: what is loaded once everything that was built is published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ingestion.description import KEEP, DataSet
from ingestion.state.ledger import Ledger, LoadedObject, Plan

if TYPE_CHECKING:
    from ingestion.write.staged import Built


def next_ledger(
    before: Ledger, plan: Plan, built: Built, dataset: DataSet, fingerprint: str, run_id: str
) -> Ledger:
    """`dataset` is as described. The revision changes only if something is published. Not stored: no ETag."""
    return Ledger(
        fingerprint=fingerprint,
        revision=run_id if built.publish else before.revision,
        objects=dict(sorted(_objects(before, plan, built, run_id).items())),
        partitions=dict(sorted(_partitions(before, built).items())),
        others={name: dict(sorted(rows.items())) for name, rows in sorted(built.others.items())},
        columns=built.dataset.types,
        added=_added(built, dataset),
        newest=_newest(before, built),
    )


def _objects(before: Ledger, plan: Plan, built: Built, run_id: str) -> dict[str, LoadedObject]:
    as_it_is_now = built.reread_others and built.dataset.source.vanished != KEEP
    rebuilt = built.affected or () if as_it_is_now else ()
    unchanged = {key: before.objects[key] for key in plan.unchanged}
    return unchanged | before.forgetting(plan.outdated, rebuilt) | _fresh(plan, built, run_id)


def _fresh(plan: Plan, built: Built, run_id: str) -> dict[str, LoadedObject]:
    contributions = built.scan.contributions()
    rows, rejected = built.scan.rows_of_objects(), built.scan.rejected_of_objects()
    return {
        item.key: LoadedObject(
            item.etag, item.size, contributions.get(item.key, ()), rows[item.key], rejected[item.key], run_id
        )
        for item in plan.fresh
    }


def _partitions(before: Ledger, built: Built) -> dict[str, int]:
    if built.affected is None:
        return built.partitions
    untouched = before.partitions.keys() - built.affected
    return {name: before.partitions[name] for name in untouched} | built.partitions


def _added(built: Built, dataset: DataSet) -> tuple[str, ...]:
    described = {name for column in dataset.columns for name in column.names}
    return tuple(sorted(column.name for column in built.dataset.columns if column.name not in described))


def _newest(before: Ledger, built: Built) -> Mapping[str, str]:
    older = before.newest if built.affected is not None else {}
    return {name: max(older.get(name, ""), built.newest.get(name, "")) for name in {*older, *built.newest}}
