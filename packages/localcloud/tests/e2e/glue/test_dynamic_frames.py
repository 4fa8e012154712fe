"""Scripts as they are published, with GlueContext and DynamicFrames, in one Spark session."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localcloud.cloud import LocalCloud
from rigs.glue import GlueRig
from rigs.roles import allow

PEOPLE = [
    {"id": "p1", "name": "Ada", "age": 36, "address": {"city": "London", "zip": "N1"}, "code": 7},
    {"id": "p2", "name": "Bob", "age": 41, "address": {"city": "York", "zip": "Y1"}, "code": "x9"},
    {"id": "p3", "name": None, "age": 25, "address": {"city": "Bath", "zip": None}, "code": None},
]
ORDERS = 'order id,person_id,amount,note\n1,p1,10.5,"a, b"\n2,p1,3,\n3,p2,oops,c\n'
SCRIPT = """
import json, sys
from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame, DynamicFrameCollection
from awsglue.job import Job
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext

args = getResolvedOptions(sys.argv, ["JOB_NAME", "lake"])
glueContext = GlueContext(SparkContext.getOrCreate())
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args["JOB_NAME"], args)
lake = "s3://" + args["lake"]


def told(name, value):
    print(json.dumps({name: value}, default=str))


def rows(frame):
    frame = frame.toDF() if hasattr(frame, "toDF") and hasattr(frame, "glue_ctx") else frame
    return sorted([json.loads(line) for line in frame.toJSON().collect()], key=str)


def types(frame):
    return {field.name: field.dataType.simpleString() for field in frame.toDF().schema.fields}


def refusal(name, call):
    try:
        call()
        told(name, "taken")
    except Exception as error:
        told(name, f"{type(error).__name__}: {error}")


people = glueContext.create_dynamic_frame.from_options(
    connection_type="s3", connection_options={"paths": [f"{lake}/people/"], "recurse": True}, format="json",
    transformation_ctx="people")
told("count", people.count())
told("people", types(people))
told("cast", rows(people.resolveChoice(specs=[("code", "cast:long")]).select_fields(["id", "code"])))
told("project", rows(people.resolveChoice(specs=[("code", "project:string")]).select_fields(["id", "code"])))
told("make_cols", rows(people.resolveChoice(choice="make_cols").drop_fields(["name", "age", "address"])))
told("make_struct", types(people.resolveChoice(choice="make_struct"))["code"])
people = people.resolveChoice(specs=[("code", "cast:long")])
mapped = people.apply_mapping([
    ("id", "string", "person.id", "string"), ("age", "long", "person.years", "int"),
    ("address.city", "string", "town", "string"), ("nosuch", "string", "nosuch", "string")])
told("mapping", types(mapped))
told("mapped", rows(mapped))
told("nested", types(people.drop_fields(["address.zip", "nosuch"]))["address"])
told("renamed", types(people.rename_field("address.city", "address.town").rename_field("id", "key")))
told("selected", types(SelectFields.apply(people, ["id", "address.zip"])))
told("filter", rows(Filter.apply(frame=people, f=lambda r: r["age"] > 30 and r["address"]["city"] != "York").select_fields(["id"])))
told("no such key", Filter.apply(frame=people, f=lambda r: r["nosuch"] > 1).count())


def older(record):
    record["age"] = record["age"] + 1
    record["adult"] = record["age"] > 26
    del record["address"]
    return record


told("map", rows(Map.apply(frame=people, f=older)))
told("map types", types(people.map(f=older)))
orders = glueContext.create_dynamic_frame.from_options(
    "s3", {"paths": [f"{lake}/orders/orders.csv"]}, format="csv", format_options={"withHeader": True})
told("orders", types(orders))
joined = Join.apply(people, orders, "id", "person_id").drop_fields(["address", "code", "age"])
told("join", rows(joined))
told("same names", sorted(people.join(["id"], ["id"], people).toDF().columns))
told("no header", glueContext.create_dynamic_frame.from_options(
    "s3", {"paths": [f"{lake}/orders/"]}, format="csv").toDF().columns)
told("union", people.union(people).count())
split = people.split_rows({"age": {">": 30}}, "old", "young")
told("split", {name: split[name].count() for name in split.keys()})
told("null fields", DropNullFields.apply(DynamicFrame.fromDF(
    spark.sql("select 1 as a, null as b"), glueContext, "n")).toDF().columns)
told("shallow", glueContext.create_dynamic_frame.from_options(
    "s3", {"paths": [f"{lake}/people/"]}, format="json").count())
told("excluded", glueContext.create_dynamic_frame.from_options(
    "s3", {"paths": [f"{lake}/people/"], "recurse": True, "exclusions": "[\\"**/more/*\\"]"}, format="json").count())
nothing = glueContext.create_dynamic_frame.from_options("s3", {"paths": [f"{lake}/nothing/"]}, format="json")
told("nothing", [nothing.count(), nothing.toDF().columns])
glueContext.write_dynamic_frame.from_options(nothing, "s3", {"path": f"{lake}/out/nothing"}, format="json")

for name, options in (("json", {}), ("csv", {}), ("parquet", {"useGlueParquetWriter": True}), ("glueparquet", {"compression": "gzip"})):
    frame = people.select_fields(["id", "name", "age"])
    glueContext.write_dynamic_frame.from_options(
        frame=frame, connection_type="s3", connection_options={"path": f"{lake}/out/{name}", "partitionKeys": ["age"]},
        format=name, format_options=options, transformation_ctx="out")
plain = people.select_fields(["id", "name"]).toDF().coalesce(1)
glueContext.getSink(connection_type="s3", path=f"{lake}/out/quoted", format="csv").writeFrame(
    DynamicFrame.fromDF(plain, glueContext, "plain"))
told("bare", spark.read.text(f"{lake}/out/quoted/").rdd.map(lambda row: row.value).collect())

for round in (1, 2):
    sink = glueContext.getSink(connection_type="s3", path=f"{lake}/table/", enableUpdateCatalog=True,
                               updateBehavior="UPDATE_IN_DATABASE", partitionKeys=["age"])
    sink.setFormat("glueparquet")
    sink.setCatalogInfo(catalogDatabase="frames", catalogTableName="written")
    sink.writeFrame(people.drop_fields(["code"] if round == 1 else []))
table = glueContext.create_dynamic_frame.from_catalog(database="frames", table_name="written")
told("table", types(table))
told("pushed", glueContext.create_dynamic_frame.from_catalog(
    database="frames", table_name="written", push_down_predicate="age > 30").count())
told("server side", glueContext.create_dynamic_frame.from_catalog(
    database="frames", table_name="written", additional_options={"catalogPartitionPredicate": "age=25"}).count())
glueContext.write_dynamic_frame.from_catalog(
    people, database="frames", table_name="written", additional_options={"enableUpdateCatalog": True, "partitionKeys": ["age"]})
told("added", glueContext.create_data_frame.from_catalog(database="frames", table_name="written").count())
csv = glueContext.create_dynamic_frame.from_catalog(name_space="frames", table_name="orders")
told("csv table", types(csv))
told("csv cast", rows(csv.resolveChoice(specs=[("amount", "cast:double")]).select_fields(["amount"])))
told("csv catalog", types(csv.resolveChoice(choice="match_catalog", database="frames", table_name="orders")))
glueContext.purge_s3_path(f"{lake}/out/json", {"retentionPeriod": 0})
people.printSchema()

refusal("relationalize", lambda: people.relationalize("root", f"{lake}/temp"))
refusal("Unbox", lambda: Unbox.apply(people, "id", "json"))
refusal("jdbc", lambda: glueContext.create_dynamic_frame.from_options("mysql", {"url": "x"}))
refusal("redshift", lambda: glueContext.write_dynamic_frame.from_jdbc_conf(people, "c"))
refusal("format", lambda: glueContext.create_dynamic_frame.from_options("s3", {"paths": [lake]}, format="xml"))
refusal("option", lambda: glueContext.create_dynamic_frame.from_options("s3", {"paths": [lake], "boundedSize": "1"}, format="json"))
refusal("format option", lambda: glueContext.create_dynamic_frame.from_options("s3", {"paths": [f"{lake}/people"]}, format="json", format_options={"jsonPath": "$"}))
refusal("threshold", lambda: people.drop_fields(["id"], stageThreshold=3))
refusal("bookmark", lambda: Job(glueContext).init("j", {"job_bookmark_option": "job-bookmark-enable"}))
refusal("gluetypes", lambda: __import__("awsglue.gluetypes"))
job.commit()
"""
REFUSALS = {
    "relationalize": "relationalize",
    "Unbox": "unbox",
    "jdbc": "connection type mysql",
    "redshift": "write_dynamic_frame_from_jdbc_conf",
    "format": "format xml",
    "option": "option boundedSize",
    "format option": "option jsonPath",
    "threshold": "stageThreshold",
    "bookmark": "job bookmarks",
}


@pytest.fixture(scope="module")
def rig(cloud: LocalCloud) -> GlueRig:
    rig = GlueRig(cloud, "frames")
    rig.put("people/first.json", "\n".join(map(json.dumps, PEOPLE[:2])), rig.lake)
    rig.put("people/more/second.json", json.dumps(PEOPLE[2]), rig.lake)
    rig.put("people/_hidden.json", "{", rig.lake)
    rig.put("orders/orders.csv", ORDERS, rig.lake)
    rig.glue.create_database(DatabaseInput={"Name": "frames"})
    columns = [("order_id", "int"), ("person_id", "string"), ("amount", "double"), ("note", "string")]
    rig.glue.create_table(
        DatabaseName="frames",
        TableInput={
            "Name": "orders",
            "TableType": "EXTERNAL_TABLE",
            "Parameters": {"classification": "csv", "skip.header.line.count": "1"},
            "StorageDescriptor": {
                "Columns": [{"Name": name, "Type": kind} for name, kind in columns],
                "Location": f"s3://{rig.lake}/orders/",
                "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
                "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
                "SerdeInfo": {
                    "SerializationLibrary": "org.apache.hadoop.hive.serde2.OpenCSVSerde",
                    "Parameters": {"separatorChar": ",", "quoteChar": '"'},
                },
            },
        },
    )
    return rig


@pytest.fixture(scope="module")
def told(rig: GlueRig) -> dict[str, Any]:
    role = rig.make_role("frames", allow(["s3:*", "glue:*"], "*"))
    job = rig.make_job("published", SCRIPT, Role=role)
    record = rig.run(job, Arguments={"--lake": rig.lake})
    lines = rig.log(record["Id"], "output")
    assert record["JobRunState"] == "SUCCEEDED", (record.get("ErrorMessage"), lines[-5:])
    found: dict[str, Any] = {"printed": lines}
    for line in "\n".join(lines).splitlines():
        if line.startswith("{"):
            found |= json.loads(line)
    return found


@pytest.mark.claim(
    "Glue scripts",
    "differs",
    "whole numbers of JSON are bigint; the first record with an error ends the run, as none is set aside",
)
@pytest.mark.claim(
    "Glue scripts",
    "supported",
    "DynamicFrames from S3 and the catalog, with choices of text and one other type",
)
def test_json_is_read_with_its_choices(told: dict[str, Any]) -> None:
    assert told["count"] == 3
    assert told["people"]["code"] == "struct<long:bigint,string:string>"
    assert told["cast"] == [{"id": "p1", "code": 7}, {"id": "p2"}, {"id": "p3"}]
    assert told["project"] == [{"id": "p1"}, {"id": "p2", "code": "x9"}, {"id": "p3"}]
    assert told["make_cols"] == [
        {"code_long": 7, "id": "p1"},
        {"code_string": "x9", "id": "p2"},
        {"id": "p3"},
    ]
    assert told["make_struct"] == "struct<long:bigint,string:string>"
    assert (told["shallow"], told["excluded"], told["nothing"]) == (2, 2, [0, []])


@pytest.mark.claim(
    "Glue scripts",
    "supported",
    "ApplyMapping, ResolveChoice, SelectFields, DropFields, RenameField, DropNullFields",
)
def test_fields_are_mapped_dropped_renamed_and_selected(told: dict[str, Any]) -> None:
    assert told["mapping"] == {"person": "struct<id:string,years:int>", "town": "string"}
    assert told["mapped"][0] == {"person": {"id": "p1", "years": 36}, "town": "London"}
    assert told["nested"] == "struct<city:string>"
    assert told["renamed"]["address"] == "struct<zip:string,town:string>"
    assert {"key", "id"} & told["renamed"].keys() == {"key"}
    assert told["selected"] == {"id": "string", "address": "struct<zip:string>"}
    assert told["null fields"] == ["a"]


@pytest.mark.claim("Glue scripts", "supported", "Filter, Map")
def test_records_are_filtered_and_mapped_by_functions(told: dict[str, Any]) -> None:
    assert told["filter"] == [{"id": "p1"}]
    assert told["no such key"] == 0
    assert {row["id"]: (row["age"], row["adult"]) for row in told["map"]} == {
        "p1": (37, True),
        "p2": (42, True),
        "p3": (26, False),
    }
    assert told["map types"] == {
        "age": "bigint",
        "code": "bigint",
        "id": "string",
        "name": "string",
        "adult": "boolean",
    }


@pytest.mark.claim("Glue scripts", "supported", "Join, Union, SplitRows, SplitFields")
def test_frames_are_joined_united_and_split(told: dict[str, Any]) -> None:
    assert told["orders"] == dict.fromkeys(["order id", "person_id", "amount", "note"], "string")
    assert [(row["id"], row["order id"], row.get("note")) for row in told["join"]] == [
        ("p1", "1", "a, b"),
        ("p1", "2", None),
        ("p2", "3", "c"),
    ]
    assert {".id", "id"} <= set(told["same names"])
    assert told["no header"] == ["col0", "col1", "col2", "col3"]
    assert told["union"] == 6
    assert told["split"] == {"old": 2, "young": 1}


@pytest.mark.claim(
    "Glue scripts",
    "supported",
    "writing JSON, CSV and Parquet with partition keys; purge_s3_path",
)
def test_frames_are_written_as_glue_writes_them(rig: GlueRig, told: dict[str, Any]) -> None:
    assert told["bare"][0] == '"id","name"'
    assert '"p1","Ada"' in told["bare"]
    for kind, ending in (("csv", ".csv"), ("parquet", ".snappy.parquet"), ("glueparquet", ".gz.parquet")):
        keys = rig.keys(f"out/{kind}/")
        assert {key.split("/")[2] for key in keys} == {"age=25", "age=36", "age=41"}
        assert all(key.endswith(ending) for key in keys), keys
    assert rig.keys("out/json/") == rig.keys("out/nothing") == []  # purged, and never written


@pytest.mark.claim("Glue scripts", "supported", "getSink with enableUpdateCatalog")
def test_the_catalog_follows_a_sink(rig: GlueRig, told: dict[str, Any]) -> None:
    assert told["table"] == {
        "address": "struct<city:string,zip:string>",
        "id": "string",
        "name": "string",
        "code": "bigint",
        "age": "bigint",
    }
    assert (told["pushed"], told["server side"], told["added"]) == (4, 2, 9)
    pages = rig.glue.get_partitions(DatabaseName="frames", TableName="written")["Partitions"]
    assert sorted(part["Values"] for part in pages) == [["25"], ["36"], ["41"]]
    assert told["csv table"] == {
        "order_id": "int",
        "person_id": "string",
        "amount": "struct<double:double,string:string>",
        "note": "string",
    }
    assert sorted(str(row.get("amount")) for row in told["csv cast"]) == ["10.5", "3.0", "None"]
    assert told["csv catalog"]["amount"] == "double"
    assert any(line.startswith("|-- id: string") for line in "\n".join(told["printed"]).splitlines())


@pytest.mark.claim(
    "Glue scripts",
    "refused",
    "Relationalize, Unbox, UnnestFrame, Spigot, FlatMap; JDBC and streams as sources and "
    "targets; bookmarks; XML, Avro and Iceberg; error thresholds",
)
@pytest.mark.parametrize(("case", "named"), REFUSALS.items())
def test_what_is_not_here_is_refused_by_name(told: dict[str, Any], case: str, named: str) -> None:
    assert told[case].startswith("NotAvailableError: localcloud does not support"), told[case]
    assert named in told[case]
