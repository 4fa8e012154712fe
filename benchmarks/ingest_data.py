"""Generated data of benchmarks/ingest.py: daily objects of JSON Lines in the shape of the lake's flat feeds.

Seeded by row numbers, so that the same flags give the same bytes. Of 1,000 lines one is no record; of 100
rows nine restate a row of the same day with a later edition; a quarter is of places that the data set leaves
out.
"""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path

import duckdb

from ingestion.description import Column, DataSet, NamedQuery, Partition, Source

FIRST = date(2020, 1, 1)
ROWS_A_DAY = 25_000
DATASET = DataSet(
    name="benchmark",
    description="A flat feed of daily counts",
    source=Source("benchmark/json/"),
    columns=(
        Column("fips", "string"),
        Column("admin2", "string"),
        Column("province_state", "string"),
        Column("country_region", "string", required=True),
        Column("last_update", "timestamp"),
        Column("latitude", "double"),
        Column("longitude", "double"),
        Column("confirmed", "bigint"),
        Column("deaths", "bigint"),
        Column("recovered", "bigint"),
        Column("active", "bigint"),
        Column("combined_key", "string"),
        Column("date", "date"),
        Column("edition", "int"),
    ),
    key=("combined_key", "date"),
    version="edition",
    partition=Partition("day", "date", "yyyy-MM-dd"),
    keep="country_region <> 'Elsewhere'",
    queries=(NamedQuery("all", "SELECT * FROM benchmark"),),
)
# A row number i of a day becomes a line; every eleventh row restates the one before it.
_LINE = """
CASE WHEN i % 1000 = 7 THEN '{"fips": "cut off", "admin2'
ELSE to_json({
    fips: lpad((place % 99999)::VARCHAR, 5, '0'), admin2: 'County ' || place,
    province_state: 'State ' || place % 60,
    country_region: CASE WHEN place % 4 = 3 THEN 'Elsewhere' ELSE 'Country ' || place % 40 END,
    last_update: DAY || 'T' || lpad((i % 24)::VARCHAR, 2, '0') || ':10:00',
    latitude: (hash(place) % 180000) / 1000.0 - 90, longitude: (hash(place + 1) % 360000) / 1000.0 - 180,
    confirmed: (hash(i, DAY) % 100000)::BIGINT, deaths: (hash(i + 1, DAY) % 1000)::BIGINT,
    recovered: (hash(i + 2, DAY) % 50000)::BIGINT, active: (hash(i + 3, DAY) % 50000)::BIGINT,
    combined_key: 'County ' || place || ', State ' || place % 60, date: DAY,
    edition: CASE WHEN i % 11 = 10 THEN 2 ELSE 1 END
})::VARCHAR END
"""


def write_day(folder: Path, number: int, rows: int = ROWS_A_DAY) -> Path:
    """Write the object of the nth day and return it."""
    day = (FIRST + timedelta(days=number)).isoformat()
    path = folder / f"{day}.json"
    folder.mkdir(parents=True, exist_ok=True)
    line = _LINE.replace("DAY", f"'{day}'")
    query = f"SELECT {line} FROM (SELECT i, i - (i % 11 = 10)::INT AS place FROM range({rows}) numbers(i))"
    duckdb.sql(
        f"COPY ({query}) TO '{path}' (FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '\x01')"
    )
    return path


def write(root: Path, rows: int) -> Path:
    """A source root with so many rows, made once."""
    source = root / f"source-{rows}"
    folder = source / DATASET.source.prefix
    if not (source / "whole").exists():
        shutil.rmtree(source, ignore_errors=True)
        for number, start in enumerate(range(0, rows, ROWS_A_DAY)):
            write_day(folder, number, min(ROWS_A_DAY, rows - start))
        (source / "whole").touch()
    return source
