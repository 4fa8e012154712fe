"""The keys of sample objects: as short as their names and dates allow."""

from __future__ import annotations

from pathlib import Path

from covidlake.laptop.sample_places import places

DAY = r"(\d{4}-\d{2}-\d{2})"


def test_a_name_is_enough_where_it_is_the_only_one() -> None:
    assert list(places([Path("/x/a.csv"), Path("/y/b.csv")], [])) == ["a.csv", "b.csv"]


def test_folders_part_what_has_one_name() -> None:
    assert set(places([Path("/x/z/a.csv"), Path("/y/z/a.csv")], [])) == {"x/z/a.csv", "y/z/a.csv"}


def test_a_folder_that_a_pattern_needs_is_kept() -> None:
    assert list(places([Path("/in/2022-12-07/a.csv")], [DAY])) == ["2022-12-07/a.csv"]


def test_a_hidden_folder_gets_another_name() -> None:
    found = places([Path("/.in/a.csv"), Path("/out/a.csv")], [])
    assert found["x/a.csv"] == Path("/.in/a.csv")


def test_one_object_named_twice_is_one() -> None:
    assert len(places([Path("/x/a.csv"), Path("/x/../x/a.csv")], [])) == 1
