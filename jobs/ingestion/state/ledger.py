"""What is loaded already: per object of the source its version and its partitions, per partition its rows.

Kept as `state/<dataset>/ledger.json`. It is written twice by a run that changes the table: before the first
file is published, naming the run as `pending` and the partitions at stake as `unpublished`, and after the
last one without. So the next run after a crash finishes what the crashed one began, or, where its staged
files are gone, rebuilds what it may have touched. Both writes replace only the version that was read: of two
runs at the same time one ends with an error.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from ingestion.errors import UnreadableStateError
from ingestion.state.storage import Prefix, Storage, StoredObject

NAME = "ledger.json"
VERSION = 2
OLDER = (1,)  # these say too little of the table, which is rebuilt


@dataclass(frozen=True)
class LoadedObject:
    """One object of the source as it was read: `partitions` hold rows that it gave.

    `rows` counts all its rows, `rejected` those in quarantine, `run` is the run that read it.
    """

    etag: str
    size: int
    partitions: tuple[str, ...]
    rows: int = 0
    rejected: int = 0
    run: str = ""

    def is_version(self, listed: StoredObject) -> bool:
        return (self.etag, self.size) == (listed.etag, listed.size)


@dataclass(frozen=True)
class Ledger:
    """`revision` is the last run that changed a table.

    `tables` maps each table of the data set to its partitions, and these to their rows; `columns` are those
    of the main table and their types, `added` the undescribed fields among them. `newest` is the newest value
    of each column whose freshness is watched. `etag` is that of the stored version, empty before the first
    run.
    """

    fingerprint: str = ""
    revision: str = ""
    objects: Mapping[str, LoadedObject] = field(default_factory=dict)
    partitions: Mapping[str, int] = field(default_factory=dict)
    others: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    added: tuple[str, ...] = ()
    newest: Mapping[str, str] = field(default_factory=dict)
    unpublished: tuple[str, ...] = ()
    pending: str = ""
    etag: str = ""

    @property
    def rows(self) -> int:
        return sum(self.partitions.values())

    def tables(self, main: str) -> dict[str, int]:
        """The rows of each table that has any, `main` being the name of the first."""
        counted = {main: self.rows, **{name: sum(rows.values()) for name, rows in self.others.items()}}
        return {name: rows for name, rows in counted.items() if rows}

    @property
    def quarantined(self) -> list[str]:
        """The objects that have rows in quarantine."""
        return [key for key, item in self.objects.items() if item.rejected]

    @classmethod
    def load(cls, storage: Storage, state: Prefix) -> Ledger:
        """The ledger of the data set; an empty one before its first run. Raises UnreadableStateError."""
        stored = storage.read_json(state, NAME)
        if stored is None:
            return cls()
        version = stored.content.get("version")
        if version in OLDER:
            return cls(etag=stored.etag)
        if version != VERSION:
            raise UnreadableStateError(
                f"{state}{NAME}: version {version} is not {VERSION}; delete it to rebuild the table"
            )
        try:
            return cls.from_document(stored.content, stored.etag)
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            said = f"{type(error).__name__}: {error}"
            raise UnreadableStateError(
                f"{state}{NAME}: no ledger ({said}); delete it to rebuild the table"
            ) from error

    @classmethod
    def from_document(cls, document: Mapping[str, Any], etag: str = "") -> Ledger:
        """From what `document` made."""
        values: dict[str, Any] = {key: value for key, value in document.items() if key != "version"}
        for name in ("partitions", "others", "columns", "newest"):
            values[name] = dict(document.get(name, {}).items())  # a list of pairs is damage, not a mapping
        values["objects"] = {
            key: LoadedObject(etag, size, tuple(partitions), *counts)
            for key, (etag, size, partitions, *counts) in document["objects"].items()
        }
        for name in ("added", "unpublished"):
            values[name] = tuple(document[name])
        return cls(**values, etag=etag)

    def document(self) -> dict[str, Any]:
        """Everything but the ETag, as JSON; each object is an array, because there may be many."""
        document = {"version": VERSION, **asdict(replace(self, objects={}))}
        document["objects"] = {
            key: [item.etag, item.size, item.partitions, item.rows, item.rejected, item.run]
            for key, item in self.objects.items()
        }
        del document["etag"]
        return document

    def save(self, storage: Storage, state: Prefix) -> Ledger:
        """Store it in the place of the version that `etag` names. Raises ChangedSinceError."""
        return replace(self, etag=storage.replace_json(state, NAME, self.document(), self.etag))

    def with_unpublished(self, partitions: Iterable[str]) -> Ledger:
        """The same state, with partitions that must be rebuilt even if the source has not changed."""
        return replace(self, unpublished=tuple(sorted({*self.unpublished, *partitions})))

    def forgetting(self, keys: Iterable[str], partitions: Collection[str]) -> dict[str, LoadedObject]:
        """Entries of the objects, without the version of those that gave rows to any of the partitions.

        Such a partition was rebuilt without that version: even if it comes back it has to be read again.
        """
        rebuilt = set(self.contributors(keys, partitions))
        return {
            key: replace(self.objects[key], etag="") if key in rebuilt else self.objects[key] for key in keys
        }

    def contributors(self, keys: Iterable[str], partitions: Collection[str]) -> list[str]:
        """The objects that gave rows to any of the partitions."""
        wanted = set(partitions)
        return [key for key in keys if wanted.intersection(self.objects[key].partitions)]


@dataclass(frozen=True)
class Plan:
    """What a run must do.

    `everything`: the table is replaced by what the `fresh` objects hold; with `partial`, these are not all
    that the source has. Else `fresh` are the objects to read for themselves, `unchanged` the others that can
    be read and are loaded, `stale` the partitions that lose rows of changed or vanished objects. `outdated`
    are loaded objects out of the run's range that have changed or are gone: a later run finds that out again.
    """

    everything: bool
    fresh: tuple[StoredObject, ...]
    unchanged: tuple[str, ...]
    vanished: tuple[str, ...]
    stale: frozenset[str]
    outdated: tuple[str, ...] = ()
    partial: bool = False

    @property
    def is_empty(self) -> bool:
        return not (self.everything or self.fresh or self.vanished or self.stale)


def kept(ledger: Ledger, listed: Iterable[StoredObject]) -> list[StoredObject]:
    """The loaded objects that are gone from the source, as if they were still listed."""
    found = {item.key for item in listed}
    return [
        StoredObject(key, item.etag, item.size) for key, item in ledger.objects.items() if key not in found
    ]


def compare(ledger: Ledger, listed: Iterable[StoredObject], everything: bool) -> Plan:
    """Find out what changed at the source since the ledger was written."""
    found = {item.key: item for item in listed}
    if everything:
        vanished = tuple(key for key in ledger.objects if key not in found)
        return Plan(True, tuple(found.values()), (), vanished, frozenset())
    return compare_within(ledger, found.values(), lambda _: True, again=False)


def compare_within(
    ledger: Ledger, listed: Iterable[StoredObject], within: Callable[[str], bool], again: bool
) -> Plan:
    """The same for the objects whose key is `within` only; `again` also reads those that are loaded.

    An object out of range keeps its entry: if it shares a partition that is rebuilt it is read as it is now,
    and a later run still finds that it has changed. If nothing is loaded, the first run replaces whatever
    lies where the table will be.
    """
    found, loaded = {item.key: item for item in listed}, ledger.objects
    if not ledger.fingerprint:
        first = tuple(item for key, item in found.items() if within(key))
        return Plan(True, first, (), (), frozenset(), partial=len(first) < len(found))
    fresh = tuple(
        item
        for key, item in found.items()
        if within(key) and (again or key not in loaded or not loaded[key].is_version(item))
    )
    read = {item.key for item in fresh}
    vanished = tuple(key for key in loaded if key not in found and within(key))
    replaced = [*(key for key in loaded if key in read), *vanished]
    stale = {name for key in replaced for name in loaded[key].partitions} | set(ledger.unpublished)
    return Plan(
        everything=False,
        fresh=fresh,
        unchanged=tuple(key for key in found if key in loaded and key not in read),
        vanished=vanished,
        stale=frozenset(stale),
        outdated=tuple(
            key
            for key, item in loaded.items()
            if not within(key) and (key not in found or not item.is_version(found[key]))
        ),
    )
