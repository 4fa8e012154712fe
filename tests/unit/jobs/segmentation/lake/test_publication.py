"""Publishing without Spark: staged files that a test writes, killed at every write, finished later."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from ingestion.state.storage import Prefix, Storage, StoredObject
from segmentation.errors import ConcurrentRunError
from segmentation.lake import publication
from segmentation.lake.merge import NEW, Merged
from segmentation.lake.places import Places
from segmentation.lake.quarantine import Quarantined
from segmentation.lake.table_state import TableState
from tests.unit.jobs.world import FolderS3, Killed


class Lake:
    def __init__(self, root: Path) -> None:
        (root / "lake").mkdir(parents=True)
        self.root, self.client = root / "lake", FolderS3(root)
        self.storage = Storage(self.client)  # type: ignore[arg-type]

    def places(self, run: str) -> Places:
        return Places("orders", run, Prefix("lake"))

    def run(
        self, run: str, files: dict[int, str], buckets: tuple[int, ...], bad: str = ""
    ) -> publication.Published:
        places = self.places(run)
        state = publication.load(self.storage, places)
        staged = {number: self._staged(places, f"table/_bucket={number}/part-0.parquet", text)
                  for number, text in files.items()}  # fmt: skip
        merged = Merged(Counter({NEW: len(files)}), buckets, staged, {"id": "bigint"})
        file = self._staged(places, "quarantine/part-0.parquet", bad) if bad else None
        rejected = Quarantined(1 if bad else 0, file, differs=bool(bad) or bool(state.quarantined))
        after = publication.next_state(state, run, ("id",), merged, rejected)
        return publication.publish(self.storage, places, state, after, merged, rejected)

    def _staged(self, places: Places, name: str, text: str) -> StoredObject:
        key = f"{places.staging.key}{name}"
        path = self.root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return StoredObject(key, "", len(text))

    def published(self) -> dict[str, str]:
        folders = ("clean", "quarantine")
        return {
            path.name if folder == "clean" else folder: path.read_text()
            for folder in folders
            for path in sorted((self.root / folder).rglob("*.parquet"))
        }

    def staging(self) -> list[Path]:
        return [path for path in (self.root / "state").rglob("staging/**/*") if path.is_file()]


FIRST = {"part-00000-of-00002.parquet": "a", "part-00001-of-00002.parquet": "b", "quarantine": "bad"}
SECOND = {"part-00001-of-00002.parquet": "B"}


def first(lake: Lake) -> publication.Published:
    return lake.run("run-1", {0: "a", 1: "b"}, (1, 1), "bad")


def second(lake: Lake, run: str = "run-2") -> publication.Published:
    """The one bucket is empty now, the other another file, the quarantine gone."""
    return lake.run(run, {1: "B"}, (0, 1))


def test_files_are_replaced_removed_and_counted(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    done = first(lake)
    assert (done.files, done.size, done.state.revision) == (3, 5, "run-1")
    assert lake.published() == FIRST
    done = second(lake)
    assert (done.files, done.state.revision, done.state.rows, done.state.quarantined) == (1, "run-2", 1, 0)
    assert lake.published() == SECOND
    assert lake.staging() == []


def test_another_cut_leaves_no_file_of_the_old_one(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    first(lake)
    lake.run("run-2", {0: "all"}, (2,))
    assert lake.published() == {"part-00000-of-00001.parquet": "all"}


def test_a_run_that_is_killed_at_any_write_is_finished_by_the_next(tmp_path: Path) -> None:
    points = _points(Lake(tmp_path / "count"))
    assert points > 6
    for point in range(1, points + 1):
        lake = Lake(tmp_path / str(point))
        first(lake)
        _kill_at(lake, point)
        with pytest.raises(Killed):
            second(lake)
        lake.client.before = lambda _operation, _key: None
        state = publication.load(lake.storage, lake.places("run-3"))
        assert not state.pending
        wanted = SECOND if state.revision == "run-2" else FIRST
        assert lake.published() == wanted, f"killed at write {point}"
        second(lake, "run-3")
        assert lake.published() == SECOND, f"killed at write {point}"
        assert lake.staging() == []


def _points(lake: Lake) -> int:
    first(lake)
    seen: list[str] = []
    lake.client.before = lambda operation, _key: seen.append(operation)
    second(lake)
    return len(seen)


def _kill_at(lake: Lake, point: int) -> None:
    left = iter(range(point - 1))

    def before(_operation: str, _key: str) -> None:
        if next(left, None) is None:
            raise Killed

    lake.client.before = before


def test_a_pending_run_without_its_files_has_the_table_loaded_anew(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    state = first(lake).state
    replace(state, pending="run-9").save(lake.storage, lake.places("x").state)
    found = publication.load(lake.storage, lake.places("run-3"))
    assert (found.revision, found.buckets) == ("", ())
    second(lake, "run-3")
    assert lake.published()["part-00001-of-00002.parquet"] == "B"


def test_of_two_runs_at_once_one_ends(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    first(lake)
    places, stale = lake.places("run-2"), TableState(revision="run-0", etag='"other"')
    with pytest.raises(ConcurrentRunError, match="another run has replaced it since"):
        publication.publish(lake.storage, places, stale, stale, Merged(), Quarantined())
    assert lake.published() == FIRST


def test_a_run_that_is_retried_makes_another_revision(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    revisions = [lake.run("run-1", {0: text}, (1,)).state.revision for text in "abc"]
    assert revisions == ["run-1", "run-1#2", "run-1#3"]
