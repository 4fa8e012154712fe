"""What became of one data set, put together from the lakes that the runs left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from covidlake.dataset.contract.grades import COMPATIBLE
from covidlake.laptop.preview import contracts, lake, rules
from covidlake.laptop.preview.descriptions import Described
from covidlake.laptop.preview.lake import Lake
from covidlake.laptop.preview.model import (
    CHANGED,
    FAILED,
    GONE,
    IDENTICAL,
    NEW,
    RENAMED,
    DataSetChange,
    QueryChange,
    TableChange,
    Upgrade,
)

_COUNTS = (
    "objects_read", "rows_restated", "rows_removed", "partitions_written", "files_written", "bytes_written",
)  # fmt: skip


@dataclass(frozen=True)
class Pair:
    """A data set on both sides; None for a side that does not describe it. `why` it ran."""

    base: Described | None
    head: Described | None
    why: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.head.name if self.head else self.base.name if self.base else ""

    @property
    def is_renamed(self) -> bool:
        return bool(self.base and self.head and self.base.name != self.head.name)


@dataclass(frozen=True)
class Lakes:
    """What the three runs left: base and head from nothing, head on what base had left."""

    base: Lake
    head: Lake
    upgrade: Lake


def of(pair: Pair, lakes: Lakes, queries: tuple[QueryChange, ...] = ()) -> DataSetChange:
    """The change of one data set."""
    base, head = pair.base, pair.head
    fails_before = (base.problem or lakes.base.failure(base.name)) if base else ""
    fails_after = (head.problem or lakes.head.failure(head.name)) if head else ""
    tables = _tables(pair, lakes)
    counts_before, counts_after = _failures(lakes.base, base), _failures(lakes.head, head)
    compared = base is not None and head is not None
    change = DataSetChange(
        pair.name,
        CHANGED,
        base.name if base else "",
        pair.why,
        fails_before,
        fails_after,
        base.key if base else (),
        head.key if head else (),
        rows_read(lakes.base, base),
        rows_read(lakes.head, head),
        tables,
        _quarantine(pair, lakes),
        rules.changes(base.rules, head.rules, counts_before, counts_after) if base and head else (),
        _limits(base, head) if base and head else (),
        queries,
        _upgrade(lakes.upgrade, head) if compared and head and not fails_before and not fails_after else None,
        _disagreements(pair, lakes) if compared and not fails_before and not fails_after else (),
        contracts.graded(base, head, tables if not fails_before and not fails_after else ()),
    )
    return _with_status(change, pair)


def _with_status(change: DataSetChange, pair: Pair) -> DataSetChange:
    if change.fails_before or change.fails_after:
        return replace(change, status=FAILED)
    if pair.base is None or pair.head is None:
        return replace(change, status=NEW if pair.base is None else GONE)
    if pair.is_renamed:
        return replace(change, status=RENAMED)
    return replace(change, status=IDENTICAL if is_identical(change) else CHANGED)


def is_identical(change: DataSetChange) -> bool:
    """Whether nothing that anybody may read is another."""
    return (
        all(table.identical for table in change.tables)
        and change.key_before == change.key_after
        and all(then == now for _, then, now in change.quarantine)
        and not any(rule.change or rule.failures_before != rule.failures_after for rule in change.rules)
        and all(then == now for _, then, now in change.limits)
        and all(_answers_alike(query) for query in change.queries)
        and all(grade == COMPATIBLE for grade, _, _ in change.contract)
        and not change.disagreements
    )


def _answers_alike(query: QueryChange) -> bool:
    answered = query.before is not None and query.after is not None and not query.after.problem
    return answered and not query.differ


def _tables(pair: Pair, lakes: Lakes) -> tuple[TableChange, ...]:
    sides = [(one, one.keys_of_tables()) for one in (pair.base, pair.head) if one]
    keys: dict[str, tuple[str, ...]] = {}
    for one, found in sides:
        keys |= found
        if one.history:
            keys[one.history] = one.key
    names: dict[str, str] = {}
    if pair.base and pair.head and pair.is_renamed:
        names[pair.head.name] = pair.base.name
        keys.pop(pair.base.name, None)
        if pair.base.history and pair.head.history:
            names[pair.head.history] = pair.base.history
            keys.pop(pair.base.history, None)
    histories = tuple(one.history for one, _ in sides if one.history)
    return lake.tables(lakes.base, lakes.head, keys, names, histories)


def _disagreements(pair: Pair, lakes: Lakes) -> tuple[TableChange, ...]:
    assert pair.head is not None
    if lakes.upgrade.failure(pair.head.name):
        return ()
    return lake.disagreements(lakes.head, lakes.upgrade, pair.head.keys_of_tables())


def rows_read(side: Lake, described: Described | None) -> int:
    """How many rows of the source the run read."""
    return int(side.record(described.name).get("rows_read", 0)) if described else 0


def _failures(side: Lake, described: Described | None) -> Mapping[str, int]:
    """How often each rule is broken; one that rejects rows is a reason in quarantine, and counted there."""
    if described is None:
        return {}
    judged = {str(one["rule"]): int(one["failures"]) for one in side.record(described.name).get("rules", ())}
    rejected = side.rejected(described.name)
    return {
        name: rejected.get(name, judged.get(name, 0))
        for name in described.rules
        if name in judged or name in rejected
    }


def _quarantine(pair: Pair, lakes: Lakes) -> tuple[tuple[str, int, int], ...]:
    then = lakes.base.rejected(pair.base.name) if pair.base else {}
    now = lakes.head.rejected(pair.head.name) if pair.head else {}
    return tuple((reason, then.get(reason, 0), now.get(reason, 0)) for reason in sorted({*then, *now}))


def _limits(base: Described, head: Described) -> tuple[tuple[str, float, float], ...]:
    return tuple((name, base.limits.get(name, now), now) for name, now in head.limits.items())


def _upgrade(side: Lake, head: Described) -> Upgrade:
    record = side.record(head.name)
    counts = {name: int(record.get(name, 0)) for name in _COUNTS}
    return Upgrade(str(record["status"]), str(record.get("cause", "")), **counts)
