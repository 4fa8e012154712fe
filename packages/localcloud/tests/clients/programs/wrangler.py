"""aws-sdk-pandas: written, read, catalogued and partitioned data."""

from __future__ import annotations

import datetime

import awswrangler as wr
import pandas as pd
from cases import case, fails_with, run

BUCKET, DATABASE = "wrangler-lake", "wrangler"
LAKE = f"s3://{BUCKET}"
FRAME = pd.DataFrame(
    {
        "id": [1, 2, 3],
        "name": ["Ada", None, "Cé"],
        "amount": [1.5, 2.25, None],
        "day": [datetime.date(2020, 1, 1), datetime.date(2020, 1, 2), datetime.date(2021, 5, 5)],
        "year": [2020, 2020, 2021],
    }
)


def sql(query: str, **more: object) -> pd.DataFrame:
    return wr.athena.read_sql_query(
        query, DATABASE, **{"ctas_approach": False, "s3_output": f"{LAKE}/results/", **more}
    )


@case
def create_a_database() -> None:
    wr.catalog.create_database(DATABASE, exist_ok=True)
    assert DATABASE in wr.catalog.databases().Database.tolist()


@case
def write_partitioned_parquet_into_the_catalog() -> None:
    answer = wr.s3.to_parquet(
        FRAME,
        f"{LAKE}/events/",
        dataset=True,
        database=DATABASE,
        table="Events",
        partition_cols=["year"],
        glue_table_settings={
            "description": "Events",
            "parameters": {"team": "x"},
            "columns_comments": {"id": "key"},
        },
    )
    assert sorted(answer["partitions_values"].values()) == [["2020"], ["2021"]]


@case
def read_it_back_from_s3() -> None:
    found = wr.s3.read_parquet(f"{LAKE}/events/", dataset=True)
    assert len(found) == 3
    assert len(wr.s3.read_parquet_table(database=DATABASE, table="events")) == 3


@case
def filter_partitions_in_the_catalog() -> None:
    assert wr.catalog.get_parquet_partitions(DATABASE, "events", expression="year=2021").popitem()[1] == [
        "2021"
    ]
    assert len(wr.catalog.get_partitions(DATABASE, "events")) == 2
    assert wr.catalog.get_partitions(DATABASE, "events", expression="year > 2021") == {}


@case
def read_by_query() -> None:
    found = sql("SELECT id, name, amount, day, year FROM events ORDER BY id")
    assert found.id.tolist() == [1, 2, 3]
    assert found.day.tolist() == FRAME.day.tolist()
    assert found.name.tolist()[::2] == ["Ada", "Cé"]
    assert pd.isna(found.name[1])


@case
def read_by_ctas() -> None:
    found = sql("SELECT id, year FROM events ORDER BY id", ctas_approach=True)
    assert sorted(found.id.tolist()) == [1, 2, 3]


@case
def read_by_unload() -> None:
    found = sql("SELECT id, year FROM events", unload_approach=True, s3_output=f"{LAKE}/unloaded/")
    assert sorted(found.id.tolist()) == [1, 2, 3]


@case
def read_in_chunks() -> None:
    assert sum(len(part) for part in sql("SELECT * FROM events", chunksize=2)) == 3


@case
def read_with_named_parameters() -> None:
    found = sql("SELECT id FROM events WHERE name = :name AND id < :most", params={"name": "Ada", "most": 3})
    assert found.id.tolist() == [1]


@case
def read_with_positional_parameters() -> None:
    found = sql("SELECT id FROM events WHERE name = ?", params=["Ada"], paramstyle="qmark")
    assert found.id.tolist() == [1]


@case
def append_and_overwrite_partitions() -> None:
    one = FRAME[FRAME.year == 2021].assign(id=9)
    where = {"dataset": True, "database": DATABASE, "table": "events", "partition_cols": ["year"]}
    wr.s3.to_parquet(one, f"{LAKE}/events/", mode="append", **where)
    assert sql("SELECT count(*) c FROM events").c.tolist() == [4]
    wr.s3.to_parquet(one, f"{LAKE}/events/", mode="overwrite_partitions", **where)
    assert sql("SELECT id FROM events WHERE year = 2021").id.tolist() == [9]


@case
def add_a_column() -> None:
    more = FRAME.assign(extra="x")
    wr.s3.to_parquet(
        more,
        f"{LAKE}/events/",
        dataset=True,
        mode="append",
        database=DATABASE,
        table="events",
        partition_cols=["year"],
        schema_evolution=True,
    )
    assert wr.catalog.get_table_types(DATABASE, "events")["extra"] == "string"


@case
def overwrite_a_table() -> None:
    wr.s3.to_parquet(
        FRAME,
        f"{LAKE}/events/",
        dataset=True,
        mode="overwrite",
        database=DATABASE,
        table="events",
        partition_cols=["year"],
    )
    assert sql("SELECT count(*) c FROM events").c.tolist() == [3]
    assert wr.catalog.get_table_number_of_versions(DATABASE, "events") >= 1


@case
def write_csv_and_json() -> None:
    for write, name in ((wr.s3.to_csv, "csv_table"), (wr.s3.to_json, "json_table")):
        more = {} if name == "csv_table" else {"orient": "records", "lines": True}
        write(
            FRAME[["id", "name"]],
            f"{LAKE}/{name}/",
            dataset=True,
            database=DATABASE,
            table=name,
            index=False,
            **more,
        )
        assert sql(f"SELECT count(*) c FROM {name}").c.tolist() == [3]


@case
def describe_tables() -> None:
    assert wr.catalog.does_table_exist(DATABASE, "events")
    assert not wr.catalog.does_table_exist(DATABASE, "absent")
    assert wr.catalog.get_table_location(DATABASE, "events") == f"{LAKE}/events/"
    assert wr.catalog.table(DATABASE, "events")["Column Name"].tolist()[0] == "id"
    assert set(wr.catalog.tables(database=DATABASE).Table) >= {"events", "csv_table"}


@case
def search_tables() -> None:
    assert [t["Name"] for t in wr.catalog.get_tables(database=DATABASE, name_contains="vent")] == ["events"]
    assert [t["Name"] for t in wr.catalog.get_tables(name_prefix="csv_")] == ["csv_table"]
    assert "events" in [t["Name"] for t in wr.catalog.search_tables(text="events")]


@case
def change_parameters_and_comments() -> None:
    wr.catalog.upsert_table_parameters({"owner": "me"}, DATABASE, "events")
    assert wr.catalog.get_table_parameters(DATABASE, "events")["owner"] == "me"
    wr.catalog.overwrite_table_parameters({"only": "this"}, DATABASE, "csv_table")
    assert wr.catalog.get_table_parameters(DATABASE, "csv_table") == {"only": "this"}
    wr.catalog.add_column(DATABASE, "csv_table", "more", "int", column_comment="more")
    wr.catalog.delete_column(DATABASE, "csv_table", "more")
    assert "more" not in wr.catalog.get_table_types(DATABASE, "csv_table")
    assert wr.catalog.get_columns_comments(DATABASE, "events") is not None


@case
def create_tables_and_partitions_by_hand() -> None:
    wr.catalog.create_parquet_table(
        DATABASE,
        "handmade",
        f"{LAKE}/events/",
        {"id": "bigint", "name": "string"},
        partitions_types={"year": "int"},
    )
    values = {f"{LAKE}/events/year={year}/": [str(year)] for year in (2020, 2021)}
    wr.catalog.add_parquet_partitions(DATABASE, "handmade", values)
    assert sql("SELECT count(*) c FROM handmade").c.tolist() == [3]
    wr.catalog.delete_partitions("handmade", DATABASE, [["2020"]])
    assert len(wr.catalog.get_partitions(DATABASE, "handmade")) == 1
    wr.catalog.delete_all_partitions("handmade", DATABASE)
    assert wr.catalog.get_partitions(DATABASE, "handmade") == {}


@case
def repair_a_table() -> None:
    wr.athena.repair_table("handmade", DATABASE)
    assert len(wr.catalog.get_partitions(DATABASE, "handmade")) == 2


@case
def describe_with_athena() -> None:
    assert "id" in wr.athena.describe_table(table="events", database=DATABASE)["Column Name"].tolist()
    assert "CREATE EXTERNAL TABLE" in wr.athena.show_create_table(table="events", database=DATABASE)


@case
def crawl_metadata_of_files() -> None:
    types, partitions, _ = wr.s3.store_parquet_metadata(
        f"{LAKE}/events/", database=DATABASE, table="stored", dataset=True
    )
    assert "id" in types and "year" in partitions  # noqa: PT018


@case
def start_wait_and_stop_queries() -> None:
    query = wr.athena.start_query_execution("SELECT 1 AS a", database=DATABASE, s3_output=f"{LAKE}/results/")
    assert wr.athena.wait_query(query)["Status"]["State"] == "SUCCEEDED"
    assert wr.athena.get_query_results(query).a.tolist() == [1]
    assert wr.athena.get_query_execution(query)["QueryExecutionId"] == query
    assert wr.athena.get_query_columns_types(query) == {"a": "integer"}


@case
def create_a_view_and_a_table_by_query() -> None:
    wr.athena.create_ctas_table(
        "SELECT id, name FROM events",
        database=DATABASE,
        ctas_table="copied",
        s3_output=f"{LAKE}/copied/",
        wait=True,
    )
    assert len(sql("SELECT * FROM copied")) == 3
    query = wr.athena.start_query_execution(
        "CREATE OR REPLACE VIEW seen AS SELECT id FROM events",
        database=DATABASE,
        s3_output=f"{LAKE}/results/",
    )
    wr.athena.wait_query(query)
    assert len(sql("SELECT * FROM seen")) == 3


@case
def a_query_that_fails_says_why() -> None:
    fails_with("COLUMN_NOT_FOUND", lambda: sql("SELECT nosuch FROM events") and None)


@case
def objects_of_s3() -> None:
    wr.s3.to_csv(FRAME, f"{LAKE}/plain/a.csv", index=False)
    assert wr.s3.list_objects(f"{LAKE}/plain/") == [f"{LAKE}/plain/a.csv"]
    assert wr.s3.does_object_exist(f"{LAKE}/plain/a.csv")
    assert len(wr.s3.read_csv(f"{LAKE}/plain/a.csv")) == 3
    wr.s3.copy_objects([f"{LAKE}/plain/a.csv"], f"{LAKE}/plain/", f"{LAKE}/copy/")
    wr.s3.delete_objects(f"{LAKE}/copy/")
    assert wr.s3.list_objects(f"{LAKE}/copy/") == []


@case
def delete_tables_and_the_database() -> None:
    for table in wr.catalog.get_tables(database=DATABASE):
        assert wr.catalog.delete_table_if_exists(DATABASE, table["Name"])
    wr.catalog.delete_database(DATABASE)
    assert DATABASE not in wr.catalog.databases().Database.tolist()


if __name__ == "__main__":
    import boto3

    region = boto3.session.Session().region_name
    boto3.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": region})
    run()
