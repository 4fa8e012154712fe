"""Tables of the Data Catalog that a DynamicFrame is read from and written to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from localcloud.glue.catalog.storage import format_of, storage_format
from localcloud.glue.jobs.frames.files import client
from localcloud.glue.jobs.frames.refusing import check_options, refuse

NULL = "__HIVE_DEFAULT_PARTITION__"
BATCH = 100
_OPTIONS = {
    *("catalogPartitionPredicate", "groupFiles", "groupSize", "useCatalogSchema", "recurse"),
    *("useS3ListImplementation", "mergeSchema"),
}


class Table:
    """A table's definition as the catalog has it."""

    def __init__(self, definition: dict[str, Any]) -> None:
        self.definition = definition

    @classmethod
    def found(cls, database: str, name: str) -> Table:
        return cls(client("glue").get_table(DatabaseName=database, Name=name)["Table"])

    @property
    def descriptor(self) -> dict[str, Any]:
        return dict(self.definition.get("StorageDescriptor") or {})

    def location(self) -> str:
        where = str(self.descriptor.get("Location") or "")
        if not where.startswith("s3"):
            name = f"{self.definition['DatabaseName']}.{self.definition['Name']}"
            refuse(f"the table {name}, which is not in S3 ({where or 'no location'})")
        return where

    def columns(self) -> list[dict[str, str]]:
        return list(self.descriptor.get("Columns") or [])

    def partition_keys(self) -> list[dict[str, str]]:
        return list(self.definition.get("PartitionKeys") or [])

    def types(self) -> dict[str, str]:
        return {column["Name"].lower(): column["Type"] for column in self.columns()}

    def data_schema(self) -> Any:
        return _schema(self.columns())

    def spark_schema(self) -> Any:
        return _schema([*self.columns(), *self.partition_keys()])

    def format(self) -> tuple[str, dict[str, Any]]:
        """A format of Spark, and its reader's options by the SerDe's parameters."""
        kind = format_of(self.descriptor)
        parameters = dict((self.descriptor.get("SerdeInfo") or {}).get("Parameters") or {})
        skipped = str((self.definition.get("Parameters") or {}).get("skip.header.line.count", "0"))
        if skipped not in ("0", "1"):
            refuse(f"a table with skip.header.line.count {skipped}")
        header = {"header": skipped == "1", "enforceSchema": "true"}
        if kind == "lazy":
            separator = parameters.get("field.delim", parameters.get("separatorChar", "\x01"))
            return "csv", {**header, "sep": separator, "quote": "", "nullValue": "\\N"}
        if kind == "opencsv":
            quote, escape = parameters.get("quoteChar", '"'), parameters.get("escapeChar", "\\")
            return "csv", {
                **header,
                "sep": parameters.get("separatorChar", ","),
                "quote": quote,
                "escape": escape,
            }
        if kind not in ("parquet", "json"):
            refuse(f"the table {self.definition['Name']} with the SerDe {kind}")
        return kind, {}

    def partitions(self, options: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Those that `catalogPartitionPredicate` lets through, which Glue's own API judges."""
        check_options("a catalog's table", options, _OPTIONS)
        if not self.partition_keys():
            return []
        condition = options.get("catalogPartitionPredicate")
        pages = (
            client("glue")
            .get_paginator("get_partitions")
            .paginate(
                DatabaseName=self.definition["DatabaseName"],
                TableName=self.definition["Name"],
                **({"Expression": condition} if condition else {}),
            )
        )
        return [part for page in pages for part in page["Partitions"]]


def _schema(columns: Sequence[Mapping[str, str]]) -> Any:
    from pyspark.sql import types

    return types.StructType(
        [types.StructField(one["Name"], types._parse_datatype_string(one["Type"])) for one in columns]
    )


def register(
    database: str, name: str, location: str, kind: str, schema: Any, keys: Sequence[str], update: str
) -> None:
    """Create the table, or add new columns to it where `update` says so."""
    glue = client("glue")
    columns = [
        {"Name": field.name.lower(), "Type": field.dataType.simpleString()}
        for field in schema.fields
        if field.name not in keys
    ]
    try:
        held = glue.get_table(DatabaseName=database, Name=name)["Table"]
    except glue.exceptions.EntityNotFoundException:
        partition_keys = [{"Name": key.lower(), "Type": schema[key].dataType.simpleString()} for key in keys]
        described = _input(name, location, kind, columns, partition_keys)
        glue.create_table(DatabaseName=database, TableInput=described)
        return
    known = {column["Name"] for column in held["StorageDescriptor"]["Columns"]}
    added = [column for column in columns if column["Name"] not in known]
    if added and update == "UPDATE_IN_DATABASE":
        held["StorageDescriptor"]["Columns"] += added
        names = (
            "Name",
            "Description",
            "Owner",
            "StorageDescriptor",
            "PartitionKeys",
            "TableType",
            "Parameters",
        )
        glue.update_table(DatabaseName=database, TableInput={key: held[key] for key in names if key in held})


def _input(
    name: str, location: str, kind: str, columns: list[dict[str, str]], keys: list[dict[str, str]]
) -> dict[str, Any]:
    descriptor = {"Columns": columns, "Location": location, **storage_format(kind)}
    parameters = {"classification": kind, **({"skip.header.line.count": "1"} if kind == "csv" else {})}
    return {
        "Name": name,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": parameters,
        "PartitionKeys": keys,
        "StorageDescriptor": descriptor,
    }


def add_partitions(database: str, name: str, values: Sequence[Sequence[str]]) -> None:
    """Those of these values that the table lacks, at their places below its location."""
    glue, table = client("glue"), Table.found(database, name)
    known = {tuple(part["Values"]) for part in table.partitions({})}
    keys, location = [key["Name"] for key in table.partition_keys()], table.location().rstrip("/")
    new = [list(one) for one in values if tuple(one) not in known]
    inputs = [
        {
            "Values": one,
            "StorageDescriptor": {
                **table.descriptor,
                "Location": "/".join(
                    [location, *[f"{key}={value}" for key, value in zip(keys, one, strict=True)], ""]
                ),
            },
        }
        for one in new
    ]
    for start in range(0, len(inputs), BATCH):
        answer = glue.batch_create_partition(
            DatabaseName=database, TableName=name, PartitionInputList=inputs[start : start + BATCH]
        )
        for error in answer.get("Errors", []):
            raise RuntimeError(
                f"the partition {error['PartitionValues']} was not made: {error['ErrorDetail']}"
            )
