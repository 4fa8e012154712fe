"""Where a data set lies in the lake, and which folders are partitions of its tables."""

from __future__ import annotations

from typing import Any

import pytest

import datasets
from ingestion.state.places import Places, data_files
from ingestion.state.storage import Prefix, Storage

LAKE = Prefix("lake", "base/")
UK = Places.of(datasets.load("uk_covid"), Prefix("source"), LAKE, "run-1")
CODES = Places.of(datasets.load("country_codes"), Prefix("source", "copy/"), LAKE, "run-1")


def test_every_prefix_is_named_by_the_data_set() -> None:
    assert str(UK.source) == "s3://source/uk_covid/json/"
    assert str(CODES.source) == "s3://source/copy/static-datasets/csv/countrycode/"
    assert str(UK.state) == "s3://lake/base/state/uk_covid/"
    assert str(UK.staging) == "s3://lake/base/state/uk_covid/staging/run-1/"
    assert UK.all_staging == UK.state.folder("staging")
    assert str(UK.runs) == "s3://lake/base/runs/uk_covid/"
    assert str(UK.refused) == "s3://lake/base/refused/uk_covid/run_id=run-1/"
    assert str(UK.archive) == "s3://lake/base/archive/uk_covid/"
    assert UK.run_id == "run-1"


def test_every_table_has_a_folder_and_a_staging_prefix() -> None:
    tables = [UK.main, *UK.unnested, UK.history, UK.quarantine]
    assert [table.place for table in tables] == [
        "clean/uk_covid/",
        "clean/uk_covid_by_age/",
        "clean/uk_covid_history/",
        "quarantine/uk_covid_quarantine/",
    ]
    assert [table.key for table in tables] == ["month", "month", "month", ""]
    assert str(UK.main.folder) == "s3://lake/base/clean/uk_covid/"
    assert UK.main.staging == UK.staging.folder("uk_covid")
    assert CODES.unnested == ()


@pytest.mark.parametrize(
    ("table", "value", "folder"), [(UK.main, "2022-12", "month=2022-12/"), (CODES.main, "", "")]
)
def test_a_partition_has_a_folder(table: Any, value: str, folder: str) -> None:
    assert table.partition_folder(value) == folder
    assert table.value(folder) == value


def test_folders_of_another_partition_key_are_foreign(s3: Any) -> None:
    names = (
        "month=2022-12/p.parquet",
        "day=2022-12-07/p.parquet",
        "p.parquet",
        "month=2022-12/x=1/p.parquet",
    )
    for name in (*names, "month=2022-11/_SUCCESS", "month=2022-10/.p.crc", "month=2022-09/"):
        s3.put_object(Bucket="lake", Key=f"base/clean/uk_covid/{name}", Body=b"x")

    assert UK.main.folders(Storage()) == ["month=2022-12/"]
    assert UK.main.foreign(Storage()) == ["", "day=2022-12-07/", "month=2022-12/x=1/"]
    found = data_files(Storage(), UK.main.folder)
    assert found["month=2022-12/"].key == "base/clean/uk_covid/month=2022-12/p.parquet"
    assert len(found) == 4


def test_the_empty_object_that_stands_for_a_folder_is_not_published(s3: Any) -> None:
    """Spark's S3A leaves one where it has made a folder; as a Parquet file no query could read it."""
    for key in ("", "month=2022-12/", "month=2022-12/_part", "month=2022-12/part-1.parquet"):
        s3.put_object(Bucket="lake", Key=f"staging/{key}", Body=b"rows" if key.endswith("parquet") else b"")

    found = data_files(Storage(), Prefix("lake", "staging/"))

    assert {folder: item.key for folder, item in found.items()} == {
        "month=2022-12/": "staging/month=2022-12/part-1.parquet"
    }
