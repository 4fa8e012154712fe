"""Distributed Maps: what they read from S3, their child executions and map runs, the results they write."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from localcloud.cloud import LocalCloud
from rigs.steps import StepsRig, single

Json = dict[str, Any]
READ = "arn:aws:states:::s3:getObject"
LIST = "arn:aws:states:::s3:listObjectsV2"
PUT = "arn:aws:states:::s3:putObject"
PASS = {"Type": "Pass", "End": True}
FAIL_ON_TWO = {
    "Choose": {
        "Type": "Choice",
        "Choices": [{"Variable": "$.n", "NumericEquals": 2, "Next": "Broken"}],
        "Default": "Good",
    },
    "Good": PASS,
    "Broken": {"Type": "Fail", "Error": "Two", "Cause": "it is two"},
}


@pytest.fixture(scope="module")
def rig(cloud: LocalCloud) -> StepsRig:
    return StepsRig(cloud, "sfn-maps")


@pytest.fixture(scope="module")
def bucket(rig: StepsRig) -> str:
    return rig.make_bucket("data")


def distributed(states: Json | None = None, kind: str = "STANDARD", **fields: Any) -> Json:
    inner = states or {"Item": PASS}
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": kind},
        "StartAt": next(iter(inner)),
        "States": inner,
    }
    return single({"Type": "Map", "ItemProcessor": processor, "Label": "Items", **fields})


def reader(bucket: str, key: str, **config: Any) -> Json:
    return {"Resource": READ, "Parameters": {"Bucket": bucket, "Key": key}, "ReaderConfig": config}


CONTENTS: list[tuple[str, bytes, Json, list[Any]]] = [
    ("a.json", b'[{"a": 1}, 2]', {"InputType": "JSON"}, [{"a": 1}, 2]),
    ("deep.json", b'{"x": {"y": [1, 2]}}', {"InputType": "JSON", "ItemsPointer": "/x/y"}, [1, 2]),
    ("a.jsonl", b'{"a": 1}\n\n{"a": "\xc3\xa9"}\n', {"InputType": "JSONL"}, [{"a": 1}, {"a": "é"}]),
    (
        "first.csv",
        b'a,b\n1,"x,\ny"\n2\n',
        {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"},
        [{"a": "1", "b": "x,\ny"}, {"a": "2", "b": ""}],
    ),
    (
        "given.csv",
        b"1|2\n3|4\n",
        {"InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["p", "q"], "CSVDelimiter": "PIPE"},
        [{"p": "1", "q": "2"}, {"p": "3", "q": "4"}],
    ),
    (
        "few.csv",
        b"a\n1\n2\n3\n",
        {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW", "MaxItems": 2},
        [{"a": "1"}, {"a": "2"}],
    ),
]


@pytest.mark.parametrize(("key", "content", "config", "items"), CONTENTS, ids=[one[0] for one in CONTENTS])
def test_items_are_read_in_each_format(
    rig: StepsRig, bucket: str, key: str, content: bytes, config: Json, items: list[Any]
) -> None:
    rig.cloud.client("s3").put_object(Bucket=bucket, Key=key, Body=content)
    assert rig.output(distributed(ItemReader=reader(bucket, key, **config))) == items


def test_items_are_the_rows_of_an_inventory_and_the_objects_of_a_listing(rig: StepsRig, bucket: str) -> None:
    s3 = rig.cloud.client("s3")
    s3.put_object(Bucket=bucket, Key="inventory/1.csv.gz", Body=gzip.compress(b'"b","k1"\n"b","k2"\n'))
    manifest = {
        "destinationBucket": f"arn:aws:s3:::{bucket}",
        "fileFormat": "CSV",
        "fileSchema": "Bucket, Key",
        "files": [{"key": "inventory/1.csv.gz"}],
    }
    s3.put_object(Bucket=bucket, Key="inventory/manifest.json", Body=json.dumps(manifest))
    read = reader(bucket, "inventory/manifest.json", InputType="MANIFEST")
    rows = rig.output(distributed(ItemReader=read))
    assert rows == [{"Bucket": "b", "Key": "k1"}, {"Bucket": "b", "Key": "k2"}]
    listing = {"Resource": LIST, "Parameters": {"Bucket": bucket, "Prefix": "inventory/"}}
    listed = rig.output(distributed(ItemReader=listing))
    assert [item["Key"] for item in listed] == ["inventory/1.csv.gz", "inventory/manifest.json"]
    assert set(listed[0]) == {"Etag", "Key", "LastModified", "Size", "StorageClass"}
    nothing = {"Resource": LIST, "Parameters": {"Bucket": bucket, "Prefix": "none/"}}
    assert rig.output(distributed(ItemReader=nothing)) == []


@pytest.mark.parametrize(
    ("key", "content", "config", "cause"),
    [
        ("o.json", b'{"a": 1}', {"InputType": "JSON"}, "Attempting to map over non-iterable node."),
        (
            "d.csv",
            b"a,a\n",
            {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"},
            "CSV headers cannot contain duplicates.",
        ),
        (
            "p.parquet",
            b"PAR1",
            {"InputType": "PARQUET"},
            "does not support an ItemReader of InputType PARQUET",
        ),
        ("", b"", {"InputType": "JSON"}, "NoSuchKey|does not exist"),
    ],
)
def test_what_cannot_be_read_fails_the_map_run(
    rig: StepsRig, bucket: str, key: str, content: bytes, config: Json, cause: str
) -> None:
    if key:
        rig.cloud.client("s3").put_object(Bucket=bucket, Key=key, Body=content)
    execution = rig.run(distributed(ItemReader=reader(bucket, key or "absent", **config)))
    assert execution["error"] == "States.ItemReaderFailed"
    assert any(one in execution["cause"] for one in cause.split("|")), execution["cause"]
    assert rig.types(execution)[-3:] == ["MapRunFailed", "MapStateFailed", "ExecutionFailed"]


def test_children_are_executions_of_a_map_run_and_their_results_are_written(
    rig: StepsRig, bucket: str
) -> None:
    writer = {"Resource": PUT, "Parameters": {"Bucket": bucket, "Prefix": "results"}}
    fields = {"ResultWriter": writer, "ToleratedFailureCount": 1, "MaxConcurrency": 2}
    execution = rig.run(distributed(FAIL_ON_TWO, **fields), [{"n": 1}, {"n": 2}, {"n": 3}])
    output = json.loads(execution["output"])
    (run,) = rig.states.list_map_runs(executionArn=execution["executionArn"])["mapRuns"]
    assert output["MapRunArn"] == run["mapRunArn"]
    described = rig.states.describe_map_run(mapRunArn=run["mapRunArn"])
    assert (described["status"], described["maxConcurrency"], described["toleratedFailureCount"]) == (
        "SUCCEEDED",
        2,
        1,
    )
    counts = described["executionCounts"]
    assert (counts["succeeded"], counts["failed"], counts["total"], counts["resultsWritten"]) == (2, 1, 3, 3)

    children = rig.states.list_executions(mapRunArn=run["mapRunArn"])["executions"]
    assert sorted(child["status"] for child in children) == ["FAILED", "SUCCEEDED", "SUCCEEDED"]
    failed = next(child for child in children if child["status"] == "FAILED")
    assert rig.types(failed)[0] == "ExecutionStarted"
    assert rig.types(failed)[-1] == "ExecutionFailed"
    assert rig.states.describe_execution(executionArn=failed["executionArn"])["error"] == "Two"

    s3 = rig.cloud.client("s3")
    place = output["ResultWriterDetails"]
    manifest = json.loads(s3.get_object(**place)["Body"].read())
    files = manifest["ResultFiles"]
    assert {name: len(listed) for name, listed in files.items()} == {
        "FAILED": 1,
        "PENDING": 0,
        "SUCCEEDED": 1,
    }
    good = json.loads(s3.get_object(Bucket=bucket, Key=files["SUCCEEDED"][0]["Key"])["Body"].read())
    assert [json.loads(one["Output"]) for one in good] == [{"n": 1}, {"n": 3}]
    bad = json.loads(s3.get_object(Bucket=bucket, Key=files["FAILED"][0]["Key"])["Body"].read())
    assert [(one["Error"], one["Cause"], json.loads(one["Input"])) for one in bad] == [
        ("Two", "it is two", {"n": 2})
    ]


def test_more_failures_than_tolerated_fail_the_map(rig: StepsRig) -> None:
    execution = rig.run(distributed(FAIL_ON_TWO, MaxConcurrency=1), [{"n": 2}, {"n": 1}])
    assert execution["error"] == "States.ExceedToleratedFailureThreshold"
    (run,) = rig.states.list_map_runs(executionArn=execution["executionArn"])["mapRuns"]
    assert rig.states.describe_map_run(mapRunArn=run["mapRunArn"])["status"] == "FAILED"


def test_items_are_selected_and_batched_for_express_children(rig: StepsRig) -> None:
    fields = {
        "ItemSelector": {"n.$": "$$.Map.Item.Value", "all.$": "$.of"},
        "ItemsPath": "$.items",
        "ItemBatcher": {"MaxItemsPerBatch": 2, "BatchInput": {"tag.$": "$.of"}},
    }
    execution = rig.run(distributed(kind="EXPRESS", **fields), {"items": [1, 2, 3], "of": "x"})
    batches = json.loads(execution["output"])
    assert [[item["n"] for item in batch["Items"]] for batch in batches] == [[1, 2], [3]]
    assert {batch["BatchInput"]["tag"] for batch in batches} == {"x"}
    (run,) = rig.states.list_map_runs(executionArn=execution["executionArn"])["mapRuns"]
    described = rig.states.describe_map_run(mapRunArn=run["mapRunArn"])
    assert (described["executionCounts"]["total"], described["itemCounts"]["total"]) == (2, 3)


def test_a_distributed_map_in_jsonata_has_its_own_fields(rig: StepsRig) -> None:
    machine = distributed(
        Items="{% [1..5] %}",
        ItemBatcher={"MaxItemsPerBatch": "{% 1 + 2 %}", "BatchInput": {"sum": "{% 6 * 7 %}"}},
        ToleratedFailureCount="{% 1 %}",
    )
    batches = rig.output({**machine, "QueryLanguage": "JSONata"})
    assert batches == [
        {"BatchInput": {"sum": 42}, "Items": [1, 2, 3]},
        {"BatchInput": {"sum": 42}, "Items": [4, 5]},
    ]


@pytest.mark.prove
def test_an_inline_map_of_more_than_a_thousand_items_ends(rig: StepsRig) -> None:
    processor = {"StartAt": "Item", "States": {"Item": PASS}}
    machine = single({"Type": "Map", "ItemProcessor": processor, "MaxConcurrency": 1})
    assert rig.output(machine, list(range(1100))) == list(range(1100))
