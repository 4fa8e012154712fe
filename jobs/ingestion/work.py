"""What an execution has to do, found out before anything is started: without Spark, in a Lambda.

Each data set's source is compared with its ledger by the job's own planning. A data set with nothing to read
gets the record that the job would write; one whose source is too long to list in time is left to the job.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as ConnectionFailure

import datasets
from ingestion import planning
from ingestion.arguments import SMOKE, Arguments
from ingestion.errors import IngestionError
from ingestion.recording import Recorder
from ingestion.state.ledger import Ledger
from ingestion.state.places import Places
from ingestion.state.run_record import RunRecord, cause_of
from ingestion.state.storage import Prefix, Storage, StoredObject

_logger = logging.getLogger(__name__)

MAX_OBJECTS = 100_000  # of one data set; a Lambda of 1 GB holds several such listings
THREADS = 8
# What the state machine goes by and reports; the whole record may be long.
NOT_CARRIED = frozenset(
    {"columns_added", "fields_lost", "objects_skipped", "headers_repeated", "rules", "started_at", "ended_at"}
)


@dataclass(frozen=True)
class Failure:
    """Why a data set can not be ingested; `error` is the name of the exception."""

    error: str
    cause: str


@dataclass(frozen=True)
class Found:
    """What was found of a data set. It needs the job unless it has a `run` or a `failure`.

    `size` are the bytes to read, None if nobody knows; `reason` says why the job is needed.
    """

    dataset: str
    run: Mapping[str, Any] | None = None
    failure: Failure | None = None
    size: int | None = 0
    reason: str = ""

    @property
    def needs_job(self) -> bool:
        return self.run is None and self.failure is None

    def as_json(self) -> dict[str, Any]:
        """Without what is not there: JSONata knows no null that it could leave out."""
        values = {"dataset": self.dataset, "run": self.run, "reason": self.reason}
        if self.failure:
            values["failure"] = asdict(self.failure)
        return {name: value for name, value in values.items() if value}


class _TooLongError(Exception):
    """The listing does not fit into the time or the memory that there is."""


class _BoundedStorage(Storage):
    """Gives up on listings that are too long."""

    def __init__(self, client: Any, out_of_time: Callable[[], bool], max_objects: int) -> None:
        super().__init__(client)
        self._out_of_time = out_of_time
        self._max_objects = max_objects

    def list(self, prefix: Prefix) -> Iterator[StoredObject]:
        for number, item in enumerate(super().list(prefix)):
            if number >= self._max_objects:
                raise _TooLongError(f"{prefix} has more than {self._max_objects:,} objects")
            if number % 1000 == 0 and self._out_of_time():
                raise _TooLongError(f"{prefix} takes too long to list")
            yield item


@dataclass(frozen=True)
class Search:
    """`options` are the job's arguments; `tables` those in the Data Catalog; `started` is now, in UTC.

    `out_of_time` says when to leave the rest to the job; `is_transient` which errors of AWS are worth
    another attempt: they are raised, as are lost connections. All others fail the data set.
    """

    options: Mapping[str, str]
    client: Any
    tables: Collection[str]
    started: datetime
    out_of_time: Callable[[], bool] = lambda: False
    is_transient: Callable[[ClientError], bool] = lambda _: False
    max_objects: int = MAX_OBJECTS
    _storage: Storage = field(init=False)

    def __post_init__(self) -> None:
        storage = _BoundedStorage(self.client, self.out_of_time, self.max_objects)
        object.__setattr__(self, "_storage", storage)

    def of(self, names: Sequence[str]) -> list[Found]:
        """What was found of each data set, in the order of the names."""
        with ThreadPoolExecutor(THREADS) as pool:
            return list(pool.map(self.of_one, names))

    def of_one(self, name: str) -> Found:
        try:
            return self._compared(name)
        except _TooLongError as error:
            return Found(name, size=None, reason=f"{error}: the job looks")
        except IngestionError as error:
            if (cause := _of_aws(error)) and self.is_transient(cause):
                raise cause from error
            return Found(name, failure=Failure(type(error).__name__, cause_of(error)))
        except ClientError as error:
            if self.is_transient(error):
                raise
            code = error.response["Error"].get("Code", type(error).__name__)
            return Found(name, failure=Failure(code, cause_of(error)))
        except (ConnectionFailure, HTTPClientError):
            raise
        except Exception as error:  # one data set must not stop the others
            _logger.exception("%s: this is a defect", name)
            return Found(name, failure=Failure(type(error).__name__, cause_of(error)))

    def _compared(self, name: str) -> Found:
        arguments = Arguments.parse({**self.options, "dataset": name})
        dataset = datasets.load(name)
        places = Places.of(dataset, arguments.source_root, arguments.lake_root, arguments.run_id)
        ledger = Ledger.load(self._storage, places.state)
        if arguments.load_mode == SMOKE:  # only some data sets need this permission, and it has to be proven
            next(iter(self._storage.list(places.archive)), None)
        if ledger.pending:
            return Found(name, size=None, reason=f"run {ledger.pending} was killed while it published")
        listing = planning.listed(self._storage, places.source, name)
        plan = planning.plan(arguments, dataset, self._storage, places, ledger, listing.objects)
        if not plan.is_empty:
            size = sum(item.size for item in plan.fresh)
            reason = f"{len(plan.fresh)} objects to read, {len(plan.vanished)} vanished"
            return Found(name, size=size, reason=reason)
        missing = sorted(ledger.tables(name).keys() - set(self.tables))
        recorder = Recorder(arguments, dataset, self._storage, places, self.started)
        return Found(name, run=_carried(recorder.nothing_new(ledger, listing, missing)))


def _of_aws(error: BaseException | None) -> ClientError | None:
    """The answer of AWS that an error was made of."""
    while error is not None and not isinstance(error, ClientError):
        error = error.__cause__
    return error


def _carried(record: RunRecord) -> dict[str, Any]:
    return {name: value for name, value in asdict(record).items() if name not in NOT_CARRIED}


def grouped(found: Iterable[Found], max_bytes: int, max_data_sets: int) -> list[list[str]]:
    """The data sets that need the job, as one list for each job run.

    Together they have at most so many bytes to read; one with more of them, or with nobody knows how many,
    runs alone. Large ones come first, so that they are not waited for at the end.
    """
    groups: list[tuple[int, list[str]]] = []
    for one in sorted((one for one in found if one.needs_job), key=_largest_first):
        size = max_bytes if one.size is None else one.size
        fitting = (
            number
            for number, (taken, names) in enumerate(groups)
            if taken + size <= max_bytes and len(names) < max_data_sets
        )
        number = next(fitting, None)
        if number is None:
            groups.append((size, [one.dataset]))
        else:
            taken, names = groups[number]
            groups[number] = (taken + size, [*names, one.dataset])
    return [names for _, names in groups]


def _largest_first(found: Found) -> tuple[int, int]:
    return (0, 0) if found.size is None else (1, -found.size)
