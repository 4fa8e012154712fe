"""A time as Spark's datetime patterns write it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from covidlake.laptop.source.written_times import written

MOMENT = datetime(2022, 12, 7, 15, 4, 5, 60_700, tzinfo=UTC)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("yyyy-MM-dd", "2022-12-07"),
        ("yyyy-MM-dd'T'HH:mm:ssXXX", "2022-12-07T15:04:05Z"),
        ("dd/MM/yy hh:mm a", "07/12/22 03:04 PM"),
        ("MMM d, yyyy", "Dec 07, 2022"),
        ("MMMM", "December"),
        ("HH:mm:ss.SSS", "15:04:05.060"),
        ("HH:mm:ss.SSSSSSSSS", "15:04:05.060700000"),
        ("yyyyMMdd[ HH]", "20221207 15"),
        ("H 'o''clock'", "15 o'clock"),
        ("''yyyy", "'2022"),
        ("HH:mm xxx", "15:04 +00:00"),
        ("HH:mm z", "15:04 UTC"),
    ],
)
def test_each_letter_is_written(pattern: str, text: str) -> None:
    assert written(MOMENT, pattern) == text
