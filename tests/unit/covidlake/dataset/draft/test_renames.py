"""A field of an older object is taken for a present one only where both are never in one object."""

from __future__ import annotations

from pathlib import Path

import pytest

from covidlake.dataset.draft import renames
from covidlake.dataset.draft.sample_objects import read
from tests.unit.covidlake.dataset.draft.drafts import write

FOUND = {
    "another spelling": ("Last Update,n", "Last_Update,n", {"Last_Update": ["Last Update"]}),
    "a longer name": ("Lat,n", "Latitude,n", {"Latitude": ["Lat"]}),
    "nearly the same": ("Incidence_Rate,n", "Incident_Rate,n", {"Incident_Rate": ["Incidence_Rate"]}),
    "another name": ("cases,n", "deaths,n", {}),
    "both at once": ("dose_1,n,dose_2", "dose_2,n,other", {}),
}


@pytest.mark.parametrize(("older", "newer", "aliases"), FOUND.values(), ids=FOUND)
def test_an_older_name_is_an_alias_of_what_it_is_like(
    tmp_path: Path, older: str, newer: str, aliases: dict[str, list[str]]
) -> None:
    rows = {"a.csv": older, "b.csv": newer}
    objects = {name: f"{header}\n{'x,' * header.count(',')}y\n" for name, header in rows.items()}
    found, notes = renames.find([read(path) for path in write(tmp_path, objects)])
    assert found == aliases
    assert notes


def test_of_two_names_of_a_field_the_first_value_counts() -> None:
    present = {"old": "new", "older": "new"}
    assert renames.present_row({"older": "", "old": "x", "new": "y"}, present) == {"new": "x"}
