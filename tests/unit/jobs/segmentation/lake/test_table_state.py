"""The stored state of a table, and what is said of one that this release did not write."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestion.errors import UnreadableStateError
from ingestion.state.storage import ChangedSinceError, Prefix, Storage
from segmentation.lake.table_state import TableState
from tests.unit.jobs.world import FolderS3

STATE = Prefix("lake", "state/orders/")


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(FolderS3(tmp_path))  # type: ignore[arg-type]


def test_a_state_comes_back_as_it_was_stored(storage: Storage) -> None:
    assert TableState.load(storage, STATE) == TableState()
    state = TableState(
        "run-1", {"id": "bigint"}, {"id": "integer"}, ("id",), (3, 0, 4), 2, {"xmin": "7"}, 1, {"a": [1]}
    )
    stored = state.save(storage, STATE)
    assert TableState.load(storage, STATE) == stored
    assert stored.rows == 7


def test_only_the_version_that_was_read_is_replaced(storage: Storage) -> None:
    TableState("run-1").save(storage, STATE)
    with pytest.raises(ChangedSinceError):
        TableState("run-2").save(storage, STATE)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"version": 9}', "version 9 is not 1; delete it to load the table anew"),
        ('{"version": 1}', "no state of a table"),
        ('{"version": 1, "key": [], "buckets": [], "more": 1}', "no state of a table"),
        ("no json", "not JSON"),
    ],
)
def test_another_document_is_refused(storage: Storage, tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "lake" / "state" / "orders" / "table.json"
    path.parent.mkdir(parents=True)
    path.write_text(content)
    with pytest.raises(UnreadableStateError, match=said):
        TableState.load(storage, STATE)
