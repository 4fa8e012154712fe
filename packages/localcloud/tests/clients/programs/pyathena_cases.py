"""PyAthena: cursors, parameters, pandas, SQLAlchemy."""

from __future__ import annotations

import boto3
import pyathena
from cases import case, fails_with, run
from pyathena.pandas.cursor import PandasCursor

BUCKET, DATABASE = "pyathena-lake", "pyathena_clients"
STAGING = f"s3://{BUCKET}/staging/"


def connect(**more: object) -> pyathena.connection.Connection:
    region = boto3.session.Session().region_name
    return pyathena.connect(s3_staging_dir=STAGING, region_name=region, schema_name=DATABASE, **more)


def ask(query: str, parameters: object = None, **more: object) -> list[tuple[object, ...]]:
    return list(connect().cursor().execute(query, parameters, **more).fetchall())


@case
def create_a_database_and_a_table() -> None:
    ask(f"CREATE DATABASE IF NOT EXISTS {DATABASE}")
    ask(f"CREATE EXTERNAL TABLE one (a int, b string) STORED AS PARQUET LOCATION 's3://{BUCKET}/one/'")


@case
def insert_and_select() -> None:
    ask("INSERT INTO one VALUES (1, 'x'), (2, NULL)")
    assert ask("SELECT a, b FROM one ORDER BY a") == [(1, "x"), (2, None)]


@case
def named_parameters() -> None:
    assert ask("SELECT b FROM one WHERE a = %(a)s AND b = %(b)s", {"a": 1, "b": "x"}) == [("x",)]


@case
def execution_parameters() -> None:
    assert ask("SELECT b FROM one WHERE a = ?", ["1"], paramstyle="qmark") == [("x",)]


@case
def types_and_descriptions() -> None:
    cursor = connect().cursor()
    cursor.execute("SELECT 1 AS i, 'x' AS s, DATE '2020-01-01' AS d, true AS b, ARRAY[1, 2] AS l")
    assert [column[0] for column in cursor.description] == ["i", "s", "d", "b", "l"]
    assert cursor.fetchone()[:4] == (1, "x", __import__("datetime").date(2020, 1, 1), True)


@case
def a_pandas_cursor() -> None:
    frame = connect(cursor_class=PandasCursor).cursor().execute("SELECT a, b FROM one ORDER BY a").as_pandas()
    assert frame.a.tolist() == [1, 2]


@case
def unload() -> None:
    cursor = connect(cursor_class=PandasCursor).cursor(unload=True)
    assert len(cursor.execute("SELECT a, b FROM one").as_pandas()) == 2


@case
def metadata() -> None:
    cursor = connect().cursor()
    assert cursor.get_table_metadata("one").name == "one"
    assert "one" in [table.name for table in cursor.list_table_metadata()]


@case
def sqlalchemy() -> None:
    from sqlalchemy import create_engine, inspect, text

    region = boto3.session.Session().region_name
    url = f"awsathena+rest://:@athena.{region}.amazonaws.com:443/{DATABASE}?s3_staging_dir={STAGING}"
    engine = create_engine(url)
    assert "one" in inspect(engine).get_table_names(schema=DATABASE)
    assert [column["name"] for column in inspect(engine).get_columns("one", schema=DATABASE)] == ["a", "b"]
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM one")).scalar() == 2


@case
def errors_say_why() -> None:
    fails_with("COLUMN_NOT_FOUND", lambda: ask("SELECT nosuch FROM one") and None)


if __name__ == "__main__":
    region = boto3.session.Session().region_name
    boto3.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": region})
    run()
