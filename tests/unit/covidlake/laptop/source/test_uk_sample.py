"""The generated sample: repeatable, shaped like the real object, consistent, dirty where it says so."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from covidlake.laptop.source.uk_sample import LAST_DAY, Summary, generate
from tests.environment import REAL_LAKE

REAL_OBJECT = REAL_LAKE / "uk_covid" / "json" / "2022-12-07.json"

Record = dict[str, Any]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Summary]:
    folder = tmp_path_factory.mktemp("sample")
    return folder, generate(folder)


def objects(folder: Path) -> list[Path]:
    return sorted((folder / "uk_covid" / "json").iterdir())


def usable(path: Path) -> list[Record]:
    """The records of one object that have a key and right types, by plain Python."""
    records = []
    for line in path.read_text().split("\n"):
        try:
            record = json.loads(line)
            date.fromisoformat(record["date"])
            if record["areaCode"] and isinstance(record.get("hospitalCases", 0), int):
                records.append(record)
        except (ValueError, KeyError):
            continue
    return records


def days(folder: Path) -> dict[str, dict[str, Record]]:
    """Per day and area code the newest record."""
    newest: dict[str, dict[str, Record]] = {}
    for path in objects(folder):
        for record in usable(path):
            newest.setdefault(record["date"], {})[record["areaCode"]] = record
    return newest


def test_the_summary_counts_what_was_written(sample: tuple[Path, Summary]) -> None:
    folder, summary = sample
    lines = [line for path in objects(folder) for line in path.read_text().split("\n")]
    good = [record for path in objects(folder) for record in usable(path)]

    assert (summary.objects, summary.lines) == (len(objects(folder)), len(lines)) == (180, 3787)
    assert (summary.broken_lines, summary.restated_records) == (4, 3)
    assert len(good) == summary.lines - summary.broken_lines
    assert len({(record["areaCode"], record["date"]) for record in good}) == summary.keys == 180 * 21
    assert [path.stem for path in (objects(folder)[0], objects(folder)[-1])] == [
        summary.first_day.isoformat(),
        LAST_DAY.isoformat(),
    ]


def test_one_seed_gives_the_same_bytes_and_another_one_others(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        generate(tmp_path / name, days=10, seed=seed)
    first, same, other = ([path.read_bytes() for path in objects(tmp_path / name)] for name in "abc")

    assert first == same
    assert first != other


@pytest.mark.skipif(not REAL_OBJECT.is_file(), reason=f"no real object {REAL_OBJECT}")
def test_records_have_the_fields_of_the_real_object_in_its_order(sample: tuple[Path, Summary]) -> None:
    real = usable(REAL_OBJECT)
    made = usable(objects(sample[0])[-1])

    assert [list(record) for record in made] == [list(record) for record in real]
    for name in ("areaType", "areaName", "areaCode", "date"):
        assert [record[name] for record in made] == [record[name] for record in real]
    for ours, theirs in zip(made, real, strict=True):
        assert [type(value) for value in ours.values()] == [type(value) for value in theirs.values()]
        for field in ("maleCases", "femaleCases", "cumAdmissionsByAge"):
            assert {band["age"] for band in ours.get(field, ())} == {
                band["age"] for band in theirs.get(field, ())
            }


def test_objects_end_without_a_newline_and_bands_change_their_order(sample: tuple[Path, Summary]) -> None:
    orders = set()
    for path in objects(sample[0])[:20]:
        assert path.read_bytes()[-1:] not in (b"\n", b"\r")
        england = next(record for record in usable(path) if record["areaName"] == "England")
        orders.add(tuple(band["age"] for band in england["maleCases"]))
    assert len(orders) == 20


def test_areas_share_names_but_no_codes(sample: tuple[Path, Summary]) -> None:
    records = days(sample[0])[LAST_DAY.isoformat()].values()
    names = Counter(record["areaName"] for record in records)

    assert {name for name, count in names.items() if count > 1} == {
        "London",
        "South East",
        "South West",
        "North West",
        "East of England",
    }


def test_levels_add_up_on_every_day(sample: tuple[Path, Summary]) -> None:
    for records in days(sample[0]).values():

        def total(area_type: str, field: str, records: dict[str, Record] = records) -> int:
            return sum(row.get(field, 0) for row in records.values() if row["areaType"] == area_type)

        england = records["E92000001"]
        assert records["K02000001"]["hospitalCases"] == total("nation", "hospitalCases")
        for field in ("newAdmissions", "cumAdmissions", "hospitalCases", "covidOccupiedMVBeds"):
            assert england[field] == total("nhsRegion", field)
        for field in ("newCasesBySpecimenDate", "cumCasesByPublishDate", "cumDeaths28DaysByDeathDate"):
            assert england[field] >= total("region", field)


def test_totals_grow_by_the_daily_numbers(sample: tuple[Path, Summary]) -> None:
    published = [records for _, records in sorted(days(sample[0]).items())]
    for before, after in pairwise(published):
        for code, record in after.items():
            for field in (field for field in record if field.startswith("new")):
                total = field.replace("new", "cum", 1)
                assert record[total] == before[code][total] + record[field], (code, field)


def test_cases_are_published_weekly_and_fewer_are_tested_at_weekends(sample: tuple[Path, Summary]) -> None:
    england = {date.fromisoformat(day): records["E92000001"] for day, records in days(sample[0]).items()}

    assert {day.weekday() for day, record in england.items() if record["newCasesByPublishDate"]} == {3}
    weekend = [row["newCasesBySpecimenDate"] for day, row in england.items() if day.weekday() >= 5]
    others = [row["newCasesBySpecimenDate"] for day, row in england.items() if day.weekday() < 5]
    assert sum(weekend) / len(weekend) < 0.8 * sum(others) / len(others)


def test_a_restated_day_is_corrected_by_an_object_of_the_next_month(sample: tuple[Path, Summary]) -> None:
    late = [
        (path.stem, record["date"])
        for path in objects(sample[0])
        for record in usable(path)
        if record["date"] != path.stem
    ]

    assert set(late) == {("2022-12-03", "2022-11-30")}


@pytest.mark.parametrize(("days", "restated"), [(1, 0), (7, 0), (8, 3), (30, 3)])
def test_a_small_sample_adds_up_too(tmp_path: Path, days: int, restated: int) -> None:
    summary = generate(tmp_path, days=days)

    assert (summary.objects, summary.keys, summary.restated_records) == (days, days * 21, restated)
    assert summary.broken_lines == 4


def test_the_sample_says_that_it_is_made_up(tmp_path: Path) -> None:
    generate(tmp_path, days=1)

    assert "made-up numbers" in (tmp_path / "README.txt").read_text()


def test_a_sample_without_a_day_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="days is 0"):
        generate(tmp_path, days=0)
