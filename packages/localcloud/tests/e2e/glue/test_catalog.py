"""The Data Catalog as Glue keeps it: names in lower case, filters that filter, errors for what is absent."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import LocalCloud

DATABASE, TABLE = "catalog_tests", "events"
KEYS = [{"Name": "year", "Type": "int"}, {"Name": "region", "Type": "string"}]
VALUES = [[str(year), region] for year in (2019, 2020, 2021) for region in ("eu", "us")]


@pytest.fixture(scope="module")
def glue(cloud: LocalCloud) -> Any:
    client = cloud.client("glue")
    client.create_database(DatabaseInput={"Name": "Catalog_Tests"})
    client.create_table(DatabaseName="CATALOG_tests", TableInput=table("Events", PartitionKeys=KEYS))
    inputs = [{"Values": values, "StorageDescriptor": descriptor()} for values in VALUES]
    assert not client.batch_create_partition(
        DatabaseName=DATABASE, TableName="EVENTS", PartitionInputList=inputs
    )["Errors"]
    return client


def descriptor(*names: str) -> dict[str, Any]:
    return {
        "Columns": [{"Name": name, "Type": "string"} for name in names or ("a",)],
        "Location": "s3://b/c/",
    }


def table(name: str, **more: Any) -> dict[str, Any]:
    return {"Name": name, "StorageDescriptor": descriptor(), "TableType": "EXTERNAL_TABLE", **more}


def error(call: Any, **arguments: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    found = caught.value.response["Error"]
    return found["Code"], found["Message"]


def found(glue: Any, **arguments: Any) -> list[list[str]]:
    pages = glue.get_paginator("get_partitions").paginate(DatabaseName=DATABASE, TableName=TABLE, **arguments)
    return [part["Values"] for page in pages for part in page["Partitions"]]


@pytest.mark.claim("Glue catalog", "supported", "names of databases and tables in lower case")
def test_names_are_kept_and_found_in_lower_case(glue: Any) -> None:
    assert glue.get_database(Name="CATALOG_TESTS")["Database"]["Name"] == DATABASE
    shown = glue.get_table(DatabaseName="Catalog_tests", Name="EVENTS")["Table"]
    assert (shown["Name"], shown["DatabaseName"]) == (TABLE, DATABASE)
    assert error(glue.create_database, DatabaseInput={"Name": "catalog_TESTS"})[0] == "AlreadyExistsException"
    taken = error(glue.create_table, DatabaseName=DATABASE, TableInput=table("EVENTS"))
    assert taken[0] == "AlreadyExistsException"


@pytest.mark.claim("Glue catalog", "supported", "`Expression`, `Segment` and pages of GetPartitions")
def test_partitions_are_those_of_the_expression_and_the_segment(glue: Any) -> None:
    assert found(glue, Expression="year > 2019 and region = 'us'") == [["2020", "us"], ["2021", "us"]]
    assert found(glue, Expression="year = 1999") == []
    assert len(found(glue, PaginationConfig={"PageSize": 4})) == 6
    parts = [found(glue, Segment={"SegmentNumber": n, "TotalSegments": 3}) for n in range(3)]
    assert sorted(values for part in parts for values in part) == sorted(VALUES)
    assert all(len(part) < 6 for part in parts)
    answer = glue.get_partitions(
        DatabaseName=DATABASE, TableName=TABLE, ExcludeColumnSchema=True, MaxResults=1
    )
    assert "Columns" not in answer["Partitions"][0]["StorageDescriptor"]
    assert answer["NextToken"]


@pytest.mark.parametrize(
    "arguments",
    [
        {"Expression": "nonsense!"},
        {"Expression": "month = 1"},
        {"Segment": {"SegmentNumber": 3, "TotalSegments": 3}},
        {"NextToken": "x"},
    ],
)
def test_a_filter_that_means_nothing_is_refused(glue: Any, arguments: dict[str, Any]) -> None:
    found_error = error(glue.get_partitions, DatabaseName=DATABASE, TableName=TABLE, **arguments)
    assert found_error[0] == "InvalidInputException"


@pytest.mark.claim("Glue catalog", "supported", "EntityNotFoundException for what is absent")
@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("get_database", {"Name": "absent"}),
        ("update_database", {"Name": "absent", "DatabaseInput": {"Name": "absent"}}),
        ("delete_database", {"Name": "absent"}),
        ("get_tables", {"DatabaseName": "absent"}),
        ("get_table", {"DatabaseName": DATABASE, "Name": "absent"}),
        ("get_table", {"DatabaseName": DATABASE, "Name": TABLE, "CatalogId": "111111111111"}),
        ("update_table", {"DatabaseName": DATABASE, "TableInput": table("absent")}),
        ("create_table", {"DatabaseName": "absent", "TableInput": table("t")}),
        ("get_table_versions", {"DatabaseName": DATABASE, "TableName": "absent"}),
        ("get_partitions", {"DatabaseName": DATABASE, "TableName": "absent"}),
        ("get_partitions", {"DatabaseName": "absent", "TableName": TABLE}),
        ("get_partition", {"DatabaseName": DATABASE, "TableName": TABLE, "PartitionValues": ["1", "2"]}),
        ("delete_partition", {"DatabaseName": DATABASE, "TableName": TABLE, "PartitionValues": ["1", "2"]}),
        (
            "update_partition",
            {
                "DatabaseName": DATABASE,
                "TableName": TABLE,
                "PartitionValueList": ["1", "2"],
                "PartitionInput": {},
            },
        ),
        (
            "create_partition",
            {"DatabaseName": DATABASE, "TableName": "absent", "PartitionInput": {"Values": ["1"]}},
        ),
        ("batch_get_partition", {"DatabaseName": DATABASE, "TableName": "absent", "PartitionsToGet": []}),
    ],
)
def test_what_is_absent_is_an_error(glue: Any, operation: str, arguments: dict[str, Any]) -> None:
    assert error(getattr(glue, operation), **arguments)[0] == "EntityNotFoundException"


@pytest.mark.claim("Athena", "supported", "GetTableMetadata and ListTableMetadata with location and formats")
@pytest.mark.parametrize("operation", ["get_table_metadata", "list_table_metadata", "get_database"])
def test_athena_sees_what_the_catalog_has(cloud: LocalCloud, glue: Any, operation: str) -> None:
    athena = cloud.client("athena")
    arguments = {"CatalogName": "awsdatacatalog", "DatabaseName": DATABASE}
    more = {"TableName": "Events"} if operation == "get_table_metadata" else {}
    shown = getattr(athena, operation)(**arguments, **more)
    if operation != "get_database":
        one = shown.get("TableMetadata") or shown["TableMetadataList"][0]
        assert (one["Name"], one["Parameters"]["location"]) == (TABLE, "s3://b/c")
        assert [key["Name"] for key in one["PartitionKeys"]] == ["year", "region"]
    absent = {"TableName": "absent"} if more else {}
    database = DATABASE if more else "absent"
    code, message = error(
        getattr(athena, operation), CatalogName="AwsDataCatalog", DatabaseName=database, **absent
    )
    assert (code, "EntityNotFoundException" in message) == ("MetadataException", True)


@pytest.mark.claim("Glue catalog", "supported", "versions of tables")
def test_a_table_comes_back_as_it_was_put_and_can_be_put_again(glue: Any) -> None:
    glue.create_table(DatabaseName=DATABASE, TableInput=table("versioned", Description="first", Owner="me"))
    shown = glue.get_table(DatabaseName=DATABASE, Name="versioned")["Table"]
    assert (shown["Owner"], shown["Description"], shown["VersionId"]) == ("me", "first", "0")
    assert "Owner" not in glue.get_table(DatabaseName=DATABASE, Name=TABLE)["Table"]
    glue.update_table(DatabaseName=DATABASE, TableInput=table("Versioned", Parameters={"a": "b"}))
    glue.update_table(
        DatabaseName=DATABASE, TableInput=table("versioned", Parameters={"a": "c"}), SkipArchive=True
    )
    shown = glue.get_table(DatabaseName=DATABASE, Name="versioned")["Table"]
    assert not {"Owner", "Description"} & shown.keys()
    versions = glue.get_table_versions(DatabaseName=DATABASE, TableName="versioned")["TableVersions"]
    assert [one["VersionId"] for one in versions] == ["2", "0"]
    first = glue.get_table_version(DatabaseName=DATABASE, TableName="versioned", VersionId="0")[
        "TableVersion"
    ]
    assert first["Table"]["Description"] == "first"
    stale = error(glue.update_table, DatabaseName=DATABASE, TableInput=table("versioned"), VersionId="0")
    assert stale[0] == "ConcurrentModificationException"
    answer = glue.batch_delete_table_version(
        DatabaseName=DATABASE, TableName="versioned", VersionIds=["0", "9"]
    )
    assert [one["VersionId"] for one in answer["Errors"]] == ["9"]
    assert len(glue.get_table_versions(DatabaseName=DATABASE, TableName="versioned")["TableVersions"]) == 1


def test_partitions_are_changed_and_deleted(glue: Any) -> None:
    glue.create_table(DatabaseName=DATABASE, TableInput=table("parts", PartitionKeys=KEYS[:1]))
    names = {"DatabaseName": DATABASE, "TableName": "parts"}
    inputs = [{"Values": [str(year)], "StorageDescriptor": descriptor()} for year in range(30)]
    glue.batch_create_partition(**names, PartitionInputList=inputs)
    glue.update_partition(
        **names, PartitionValueList=["3"], PartitionInput={"Values": ["33"], "Parameters": {"a": "b"}}
    )
    assert glue.get_partition(**names, PartitionValues=["33"])["Partition"]["Parameters"] == {"a": "b"}
    taken = error(glue.update_partition, **names, PartitionValueList=["4"], PartitionInput={"Values": ["5"]})
    assert taken[0] == "AlreadyExistsException"
    uneven = error(glue.create_partition, **names, PartitionInput={"Values": ["1", "2"]})
    assert uneven[0] == "InvalidInputException"
    answer = glue.batch_delete_partition(**names, PartitionsToDelete=[{"Values": ["0"]}, {"Values": ["99"]}])
    assert [one["PartitionValues"] for one in answer["Errors"]] == [["99"]]
    many = [{"Values": [str(year)]} for year in range(26)]
    assert error(glue.batch_delete_partition, **names, PartitionsToDelete=many)[0] == "ValidationException"
    got = glue.batch_get_partition(**names, PartitionsToGet=[{"Values": ["7"]}, {"Values": ["99"]}])
    assert [one["Values"] for one in got["Partitions"]] == [["7"]]


@pytest.mark.claim("Glue catalog", "supported", "SearchTables")
def test_tables_are_found_by_name_and_by_what_they_say(glue: Any) -> None:
    glue.create_table(
        DatabaseName=DATABASE,
        TableInput=table("sales_2020", Parameters={"classification": "csv"}, Description="Shop"),
    )
    for expression in ("sales*", "*2020", "*les*", "sales_.*", "SALES_2020", "nosuch|sales_2020"):
        shown = glue.get_tables(DatabaseName=DATABASE, Expression=expression)["TableList"]
        assert [one["Name"] for one in shown] == ["sales_2020"], expression
    searched = [
        {"SearchText": "shop"},
        {"Filters": [{"Key": "DatabaseName", "Value": DATABASE}, {"Key": "classification", "Value": "csv"}]},
        {"Filters": [{"Key": "Name", "Value": "sales_2020"}]},
    ]
    for arguments in searched:
        assert [one["Name"] for one in glue.search_tables(**arguments)["TableList"]] == ["sales_2020"], (
            arguments
        )
    pages = glue.get_paginator("get_tables").paginate(DatabaseName=DATABASE, PaginationConfig={"PageSize": 1})
    assert len([one for page in pages for one in page["TableList"]]) >= 2


@pytest.mark.claim("Glue catalog", "supported", "the database `default`")
def test_every_account_has_a_default_database(glue: Any) -> None:
    assert glue.get_database(Name="default")["Database"]["Name"] == "default"
    assert "default" in [one["Name"] for one in glue.get_databases()["DatabaseList"]]


@pytest.mark.claim("Glue catalog", "refused", "resource links; Iceberg tables")
def test_links_and_iceberg_tables_are_refused_by_name(glue: Any) -> None:
    link = {"Name": "link", "TargetTable": {"DatabaseName": DATABASE, "Name": TABLE}}
    assert (
        "does not support glue TargetTable"
        in error(glue.create_table, DatabaseName=DATABASE, TableInput=link)[1]
    )
    iceberg = {"IcebergInput": {"MetadataOperation": "CREATE"}}
    refused = error(
        glue.create_table, DatabaseName=DATABASE, TableInput=table("ice"), OpenTableFormatInput=iceberg
    )
    assert "does not support Iceberg tables" in refused[1]
