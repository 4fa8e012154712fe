"""What the lake has of a table: `state/<table>/table.json`.

It is written twice by a run that changes the table: before the first file is published, naming the run as
`pending`, and after the last one without. Both writes replace only the version that was read, so of two runs
at the same time one ends with an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from ingestion.errors import UnreadableStateError
from ingestion.state.storage import Prefix, Storage

NAME = "table.json"
VERSION = 1


@dataclass(frozen=True)
class TableState:
    """`revision` is the last run that changed the table or its quarantine; empty before the first.

    `columns` maps the table's columns to their types in the lake, `source_types` to those in the database.
    `buckets` has the rows of each file. `quarantined` counts the rows in quarantine. `position` says up to
    where the source was read, `since_comparison` how many runs ago keys were compared. `about` is what a step
    keeps for itself and its successors.
    """

    revision: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    source_types: Mapping[str, str] = field(default_factory=dict)
    key: tuple[str, ...] = ()
    buckets: tuple[int, ...] = ()
    quarantined: int = 0
    position: Mapping[str, str] = field(default_factory=dict)
    since_comparison: int = 0
    about: Mapping[str, Any] = field(default_factory=dict)
    pending: str = ""
    etag: str = ""

    @property
    def rows(self) -> int:
        return sum(self.buckets)

    @classmethod
    def load(cls, storage: Storage, state: Prefix) -> TableState:
        """The state of the table; an empty one before its first run. Raises UnreadableStateError."""
        stored = storage.read_json(state, NAME)
        if stored is None:
            return cls()
        hint = "delete it to load the table anew"
        if (version := stored.content.get("version")) != VERSION:
            raise UnreadableStateError(f"{state}{NAME}: version {version} is not {VERSION}; {hint}")
        try:
            return cls.from_document(stored.content, stored.etag)
        except (LookupError, TypeError, ValueError) as error:
            said = f"{type(error).__name__}: {error}"
            raise UnreadableStateError(f"{state}{NAME}: no state of a table ({said}); {hint}") from error

    @classmethod
    def from_document(cls, document: Mapping[str, Any], etag: str = "") -> TableState:
        """From what `document` made."""
        values = {name: value for name, value in document.items() if name != "version"}
        values |= {name: tuple(document[name]) for name in ("key", "buckets")}
        return cls(**values, etag=etag)

    def document(self) -> dict[str, Any]:
        document = {"version": VERSION, **asdict(self)}
        del document["etag"]
        return document

    def save(self, storage: Storage, state: Prefix) -> TableState:
        """Store it in the place of the version that `etag` names. Raises ChangedSinceError."""
        return replace(self, etag=storage.replace_json(state, NAME, self.document(), self.etag))
