"""PyAthena on the local cloud: its cursor, and SQLAlchemy through it. `make test-clients` runs this."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from localcloud.cloud import LocalCloud

pyathena = pytest.importorskip("pyathena", reason="PyAthena is not installed")
sqlalchemy = pytest.importorskip("sqlalchemy", reason="SQLAlchemy is not installed")
BUCKET = "clients-pyathena"


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A connection as an application makes it: by the environment alone."""
    with LocalCloud.ephemeral() as cloud, pytest.MonkeyPatch.context() as patch:
        for name, value in cloud.environment().items():
            patch.setenv(name, value)
        s3 = cloud.client("s3")
        region = s3.meta.region_name
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": region})
        patch.setenv("AWS_DEFAULT_REGION", region)
        staging = f"s3://{BUCKET}/results/"
        with pyathena.connect(s3_staging_dir=staging, region_name=region, poll_interval=0.05) as made:
            made.cursor().execute("CREATE DATABASE shop")
            yield made


@pytest.fixture(scope="module")
def cursor(connection: Any) -> Any:
    return connection.cursor(schema_name="shop")


def test_values_of_all_kinds(cursor: Any) -> None:
    cursor.execute(
        "SELECT 1, 3000000000, 1.5, decimal '0.10', 'text', true, date '2020-01-31', "
        "timestamp '2020-01-31 10:00:00', cast(null as varchar), array[1, 2]"
    )
    moment = datetime.datetime(2020, 1, 31, 10)  # noqa: DTZ001 - a timestamp has no zone
    assert cursor.fetchone() == (
        1, 3_000_000_000, 1.5, Decimal("0.10"), "text", True, moment.date(), moment, None, [1, 2],
    )  # fmt: skip


def test_decimals_come_with_their_size(cursor: Any) -> None:
    cursor.execute("SELECT cast(1 AS decimal(10, 1)) AS part, 'abc' AS code")
    assert [column[4:6] for column in cursor.description] == [(10, 1), (3, 0)]


def test_parameters_in_both_styles(cursor: Any) -> None:
    assert cursor.execute(
        "SELECT %(name)s, %(day)s", {"name": "o'neil", "day": datetime.date(2020, 1, 31)}
    ).fetchone() == (
        "o'neil",
        datetime.date(2020, 1, 31),
    )
    assert cursor.execute("SELECT ?, ?", ["'a'", "1"], paramstyle="qmark").fetchone() == ("a", 1)


def test_a_table_made_filled_and_described_through_sqlalchemy(connection: Any) -> None:
    url = (
        f"awsathena+rest://@athena.{connection.region_name}.amazonaws.com:443/shop"
        f"?s3_staging_dir=s3://{BUCKET}/results/&location=s3://{BUCKET}/tables/"
    )
    engine = sqlalchemy.create_engine(url)
    table = sqlalchemy.Table(
        "people",
        sqlalchemy.MetaData(),
        sqlalchemy.Column("id", sqlalchemy.Integer),
        sqlalchemy.Column("name", sqlalchemy.String),
        awsathena_location=f"s3://{BUCKET}/people/",
        awsathena_file_format="PARQUET",
    )
    with engine.connect() as opened:
        table.create(opened)
        opened.execute(table.insert(), [{"id": 1, "name": "ann"}])
        rows = opened.execute(sqlalchemy.select(table.c.name).where(table.c.id == 1)).fetchall()
        assert rows == [("ann",)]
        inspected = sqlalchemy.inspect(opened)
        assert inspected.get_table_names("shop") == ["people"]
        assert [column["name"] for column in inspected.get_columns("people", "shop")] == ["id", "name"]


def test_a_mistake_is_an_error(cursor: Any) -> None:
    with pytest.raises(pyathena.OperationalError, match="TYPE_MISMATCH"):
        cursor.execute("SELECT 1 WHERE 'a' = 1")
