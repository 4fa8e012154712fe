"""Whether the tables of a data set have to be crawled, and whether Athena has to count their rows.

`published.json` names the revision that Athena has counted, and the digest of what the Data Catalog said of
the tables then. The state machine writes it.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ingestion.description import DataSet
from ingestion.errors import UnreadableStateError
from ingestion.state.ledger import Ledger
from ingestion.state.places import Places
from ingestion.state.storage import Prefix, Storage

NAME = "published.json"

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Verification:
    """`crawl_needed`: the catalog would change, or nobody knows what it says, as after a failed crawl or
    count. `verify_needed`: the rows of the present revision were never counted. `catalog` is the digest of
    what a crawl finds now.
    """

    crawl_needed: bool
    verify_needed: bool
    catalog: str

    @classmethod
    def of(
        cls, storage: Storage, places: Places, dataset: DataSet, before: Ledger, after: Ledger, forced: bool
    ) -> Verification:
        """`before` and `after` are the ledgers of a run, the same if nothing was new."""
        catalog = digest(dataset, after)
        return cls.compared(storage, places.state, catalog, before.revision, after.revision, forced)

    @classmethod
    def compared(
        cls, storage: Storage, state: Prefix, catalog: str, before: str, after: str, forced: bool
    ) -> Verification:
        """The same from the digest of what a crawl finds now, and the revisions before and after a run."""
        published = _published(storage, state)
        known = published.get("revision") == before and published.get("catalog") == catalog
        crawl = forced or not known
        return cls(crawl, crawl or after != before, catalog)


def _published(storage: Storage, state: Prefix) -> Mapping[str, Any]:
    """What was verified last; nothing if that cannot be read: then it is verified anew, and written anew."""
    try:
        stored = storage.read_json(state, NAME, "it is no record of a verification")
    except UnreadableStateError as error:
        _logger.warning("%s; the tables are crawled and counted again, which replaces it", error)
        return {}
    return stored.content if stored else {}


def digest(dataset: DataSet, ledger: Ledger) -> str:
    """Of the tables that have rows: their columns, types, partition keys and partitions.

    What it has of the tables beside the main one follows from the main one's columns.
    """
    tables = {dataset.name: ledger.partitions, **ledger.others}
    content = {
        "columns": dict(ledger.columns),
        "key": dataset.partition.name if dataset.partition else "",
        "dataset_key": dataset.key,
        "unnested": [asdict(one) for one in dataset.unnested],
        "tables": {name: sorted(partitions) for name, partitions in tables.items() if partitions},
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
