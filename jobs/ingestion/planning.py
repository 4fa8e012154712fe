"""What a run is to read: the objects at the source against the ledger, within the run's range of days."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingestion.arguments import REPLAY, Arguments
from ingestion.description import KEEP, DataSet
from ingestion.description.model import ISO_DATE
from ingestion.errors import SourceNotFoundError, UnreadableObjectError, UnreadablePrefixError
from ingestion.read.date_range import DayOf, day_by, day_of
from ingestion.state.archive import Archive
from ingestion.state.ledger import Ledger, Plan, compare, compare_within, kept
from ingestion.state.places import Places
from ingestion.state.storage import Prefix, Storage, StoredObject

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Listing:
    """What lies at the source: `objects` are read, `skipped` are the names of those that are not."""

    objects: list[StoredObject]
    skipped: tuple[str, ...]


def listed(storage: Storage, source: Prefix, name: str) -> Listing:
    """The objects that Spark reads: not those that are empty, nor those whose names are hidden.

    Raises SourceNotFoundError if there are none, UnreadableObjectError for a name that Spark cannot read.
    """
    try:
        found = list(storage.list(source))
    except UnreadablePrefixError as error:
        raise SourceNotFoundError(
            f"{error}: check the parameter SourceBucket and that the job's role may list it"
        ) from error
    objects = [item for item in found if item.size and not item.is_hidden(source)]
    for item in objects:
        if not item.key.isprintable():
            raise UnreadableObjectError(
                f"{item.key!r}: Spark reads no name with a line break or another control character: have the "
                "object renamed or removed; nothing was published"
            )
    read = {item.key for item in objects}
    folders = (item.key for item in found if item.key not in read and item.key.endswith("/"))
    skipped = {item.key for item in found} - read - set(folders)
    if not objects:
        raise SourceNotFoundError(
            f"no object under {source}: check the parameter SourceBucket and the source "
            f"prefix of data set `{name}`"
        )
    return Listing(objects, tuple(sorted(skipped)))


def plan(
    arguments: Arguments,
    dataset: DataSet,
    storage: Storage,
    places: Places,
    ledger: Ledger,
    objects: Sequence[StoredObject],
) -> Plan:
    """The work that is within the range; a table that was made by another description is rebuilt as a whole.

    Raises SourceNotFoundError if no object is within the range.
    """
    source, again = places.source, arguments.reads_again
    fingerprint = dataset.fingerprint(arguments.areas)
    if dataset.source.vanished == KEEP:
        objects = [*objects, *_kept(storage, places, ledger, objects)]
    read_day = day_reader(dataset)
    days = {item.key: read_day(item.key[len(source.key) :]) for item in objects}
    dates = arguments.dates.resolved(days.values())
    rules_changed = bool(ledger.fingerprint) and fingerprint != ledger.fingerprint
    if rules_changed or (not ledger.fingerprint and dates.is_open):
        if not dates.is_open:
            _logger.warning("areas or description have changed: everything is read, not only %s", dates)
        return compare(ledger, objects, everything=True)
    if arguments.load_mode == REPLAY:
        return compare_within(ledger, objects, set(ledger.quarantined).__contains__, again=True)
    if dates.is_open:
        return compare(ledger, objects, everything=again)
    if not any(dates.holds(day) for day in days.values()):
        raise SourceNotFoundError(f"no object under {source} is of {dates}: give other days")
    return compare_within(ledger, objects, lambda key: dates.holds(read_day(key[len(source.key) :])), again)


def _kept(
    storage: Storage, places: Places, ledger: Ledger, objects: Sequence[StoredObject]
) -> Iterator[StoredObject]:
    """Vanished objects that have a copy; those that were loaded before copies were made have none."""
    gone = kept(ledger, objects)
    copies = {item.key for item in storage.list(places.archive)} if gone else set()
    archive = Archive(places.source, places.archive, {item.key: item.etag for item in gone})
    return (item for item in gone if archive.placed(item.key) in copies)


def day_reader(dataset: DataSet) -> DayOf:
    """How to find the day of an object in its name, below the data set's prefix.

    It is the first date that the description takes from the name, else a date written as YYYY-MM-DD.
    """
    for column in dataset.columns:
        if column.from_name and column.type == "date":
            return day_by(column.from_name, column.formats or (ISO_DATE,)) or day_of
    return day_of
