"""The sample that a description alone makes: times as they are described, one object of each named day."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from covidlake.laptop.source.from_description import ENTITIES, generate
from covidlake.laptop.source.written_times import written
from ingestion.description import Column, DataSet, NamedQuery, Source

MOMENT = datetime(2022, 12, 7, 15, 4, 5, 60_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("yyyy-MM-dd", "2022-12-07"),
        ("dd.MM.yy", "07.12.22"),
        ("yyyyMMdd", "20221207"),
        ("MMM d, yyyy", "Dec 07, 2022"),
        ("yyyy-MM-dd'T'HH:mm:ss[.SSS]XXX", "2022-12-07T15:04:05.060Z"),
        ("M/d/yyyy h:mm a", "12/07/2022 03:04 PM"),
        ("yyyy-DDD", "2022-341"),
        ("yyyy-MM-dd HH:mm:ss.SSSSSSSSS xx", "2022-12-07 15:04:05.060000000 +0000"),
        ("d 'o''clock' H", "07 o'clock 15"),
        ("yyyy ''", "2022 '"),
    ],
)
def test_a_time_is_written_as_the_pattern_says(pattern: str, text: str) -> None:
    assert written(MOMENT, pattern) == text


def dataset(**date: object) -> DataSet:
    return DataSet(
        name="reports",
        description="Reports",
        source=Source("reports/", "csv"),
        columns=(Column("report_date", "date", **date), Column("place", "string")),  # type: ignore[arg-type]
        key=("report_date", "place"),
        queries=(NamedQuery("all", "SELECT * FROM reports"),),
    )


@pytest.mark.parametrize(
    ("expression", "pattern", "name"),
    [
        (r"(\d\d-\d\d-\d{4})\.csv$", "MM-dd-yyyy", "sample-12-07-2022.csv"),
        (r"^(\d{8})\.csv$", "yyyyMMdd", "20221207.csv"),
        (r"_(\d{6})\.", "yyMMdd", "sample_221207.csv"),
    ],
)
def test_there_is_an_object_of_each_day_that_is_read_from_its_name(
    tmp_path: Path, expression: str, pattern: str, name: str
) -> None:
    generate(dataset(from_name=expression, formats=(pattern,)), tmp_path)
    lines = {path.name: path.read_text().splitlines() for path in (tmp_path / "reports").iterdir()}
    assert len(lines) == 45
    assert {len(found) for other, found in lines.items() if other != name} == {ENTITIES + 1}
    assert len(lines[name]) == ENTITIES + 4


def test_else_there_is_one_object(tmp_path: Path) -> None:
    generate(dataset(), tmp_path)
    (path,) = (tmp_path / "reports").iterdir()
    assert path.name == "sample-2022-12-07.csv"
