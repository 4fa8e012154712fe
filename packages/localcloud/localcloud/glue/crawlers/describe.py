"""What AWS Glue writes into the catalog for a crawled table: names, parameters, storage descriptors."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from localcloud.glue.catalog.storage import storage_format
from localcloud.glue.catalog.types import settle
from localcloud.glue.crawlers.grouping import CrawledTable
from localcloud.glue.crawlers.schema import Columns, DataFile, merge_columns


def table_name(bucket: str, root: str, prefix: str) -> str:
    """The last folder of the root (the bucket when there is none), in the catalog's alphabet."""
    last = root.rstrip("/").rpartition("/")[2] or bucket
    return prefix.lower() + re.sub(r"[^a-z0-9_]", "_", last.lower())


def hashed_name(name: str, location: str) -> str:
    """The name of a table whose plain name is taken by data of another location."""
    return f"{name}_{hashlib.md5(location.encode(), usedforsecurity=False).hexdigest()}"


def file_statistics(files: list[DataFile]) -> dict[str, str]:
    """The counters that Glue keeps among a table's parameters; sizes in bytes."""
    size = sum(file.item.size for file in files)
    records = sum(file.schema.records for file in files)
    return {
        "objectCount": str(len(files)),
        "recordCount": str(records),
        "sizeKey": str(size),
        "averageRecordSize": str(max(1, size // records) if records else 0),
    }


def parameters(files: list[DataFile], crawler: str) -> dict[str, str]:
    """`Parameters` of a crawled table or partition."""
    schema = files[0].schema
    return {
        "CrawlerSchemaDeserializerVersion": "1.0",
        "CrawlerSchemaSerializerVersion": "1.0",
        "UPDATED_BY_CRAWLER": crawler,
        "classification": schema.classification,
        "compressionType": schema.compression,
        "typeOfData": "file",
        **file_statistics(files),
        **schema.parameters,
    }


def catalog_columns(columns: Columns, without: list[str]) -> list[dict[str, str]]:
    return [{"Name": name, "Type": str(settle(kind))} for name, kind in columns if name not in without]


def descriptor(
    location: str, columns: list[dict[str, str]], files: list[DataFile], crawler: str
) -> dict[str, Any]:
    """`StorageDescriptor` of a crawled table or partition."""
    schema = files[0].schema
    serde = dict(schema.serde)
    if schema.classification == "json":
        serde["paths"] = ",".join(sorted(column["Name"] for column in columns))
    return {
        "Columns": columns,
        "Location": location,
        **storage_format(schema.classification, serde),
        "Compressed": schema.compression != "none",
        "NumberOfBuckets": -1,
        "BucketColumns": [],
        "SortColumns": [],
        "Parameters": parameters(files, crawler),
        "StoredAsSubDirectories": False,
    }


def table_input(table: CrawledTable, name: str, location: str, crawler: str) -> dict[str, Any]:
    """`TableInput` of a crawled table."""
    keys, files = table.partition_keys, table.files
    return {
        "Name": name,
        "Owner": "owner",
        "Retention": 0,
        "TableType": "EXTERNAL_TABLE",
        "PartitionKeys": [{"Name": key, "Type": "string"} for key in keys],
        "Parameters": parameters(files, crawler),
        "StorageDescriptor": descriptor(location, catalog_columns(table.columns, keys), files, crawler),
    }


def partition_inputs(
    table: CrawledTable, described: dict[str, Any], crawler: str, inherit: bool
) -> list[dict[str, Any]]:
    """A partition has the columns of its own files, or those of the table when it inherits."""
    root = described["StorageDescriptor"]["Location"]
    keys = [key["Name"] for key in described["PartitionKeys"]]
    inputs = []
    for folders, files in table.partitions.items():
        columns = (
            described["StorageDescriptor"]["Columns"]
            if inherit
            else catalog_columns(merge_columns([file.schema.columns for file in files]), keys)
        )
        location = root + "".join(folder + "/" for folder in folders)
        stored = descriptor(location, columns, files, crawler)
        if inherit:
            stored["SerdeInfo"] = described["StorageDescriptor"]["SerdeInfo"]
        inputs.append(
            {
                "Values": table.partition_values(folders),
                "StorageDescriptor": stored,
                "Parameters": parameters(files, crawler),
            }
        )
    return inputs
