"""`covidlake dataset sample`: objects of one's own through the real job, crawler and Athena."""

from __future__ import annotations

from pathlib import Path

import pytest

from covidlake.laptop.dataset_sample import sample
from covidlake.run.pipelines import ingestion

CODES = """\
Country,Alpha-2 code,Alpha-3 code,Numeric code,Latitude (average),Longitude (average)
Namibia,NA,NAM,516,-22.5,17.5
Norway,no,NOR,578,62,10
Oman,OM,OMN,512,21.5,57.25
Palau,PW,PLW,585,7.5,134.5
Peru,PE,PER,604,-10,-76
Samoa,WS,WSM,882,-13.5833,-172.3333
"""


def test_it_shows_the_rows_and_those_that_are_rejected(tmp_path: Path) -> None:
    file = tmp_path / "codes.csv"
    file.write_text(CODES)
    lines: list[str] = []
    outcome = sample("country_codes", [file], lines.append)
    assert {name: outcome.counts[name] for name in ("rows_read", "rows_new", "rows_quarantined")} == {
        "rows_read": 6,
        "rows_new": 5,
        "rows_quarantined": 1,
    }
    shown = outcome.tables["country_codes"]
    codes = shown.columns.index("alpha_2_code")
    assert sorted(row[codes] or "" for row in shown.rows) == ["NA", "OM", "PE", "PW", "WS"]
    ((data_set, reason, count, source, line, *_),) = outcome.rejected.rows
    assert (data_set, reason, count, line) == ("country_codes", "bad_alpha_2_code", "1", "3")
    assert (source or "").endswith("static-datasets/csv/countrycode/codes.csv")
    assert "6 rows read" in ingestion.outcome_text(outcome.counts)
    assert lines


@pytest.mark.prove
def test_too_many_rejected_rows_are_shown_with_the_error(tmp_path: Path) -> None:
    file = tmp_path / "codes.csv"
    file.write_text("\n".join(CODES.splitlines()[:3]))
    outcome = sample("country_codes", [file], lambda _: None)
    assert "1 of 2 rows are rejected" in str(outcome.error)
    ((data_set, reason, count, _, line, _, raw),) = outcome.rejected.rows
    assert (data_set, reason, count, line) == ("country_codes", "bad_alpha_2_code", "1", "3")
    assert raw == CODES.splitlines()[2]
