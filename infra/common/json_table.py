"""A table over objects of JSON in the lake bucket, which the template declares: no crawl has to find it."""

from __future__ import annotations

from collections.abc import Mapping

from troposphere import AccountId, Ref, Sub, glue

from infra.common import catalog, names


def json_table(
    title: str,
    name: str,
    description: str,
    prefix: str,
    columns: Mapping[str, str],
    partition_keys: Mapping[str, str] | None = None,
    parameters: Mapping[str, str] | None = None,
) -> glue.Table:
    """One row a line of each object below `prefix`; types are Hive's."""
    return glue.Table(
        title,
        CatalogId=AccountId,
        DatabaseName=Ref(catalog.DATABASE),
        TableInput=glue.TableInput(
            Name=name,
            Description=description,
            TableType="EXTERNAL_TABLE",
            Parameters={**(parameters or {}), "EXTERNAL": "TRUE", "classification": "json"},
            PartitionKeys=_columns(partition_keys or {}),
            StorageDescriptor=_storage(prefix, columns),
        ),
    )


def _columns(types: Mapping[str, str]) -> list[glue.Column]:
    return [glue.Column(Name=name, Type=kind) for name, kind in types.items()]


def _storage(prefix: str, columns: Mapping[str, str]) -> glue.StorageDescriptor:
    return glue.StorageDescriptor(
        Columns=_columns(columns),
        Location=Sub(f"s3://${{{names.LAKE_BUCKET}}}/{prefix}"),
        InputFormat="org.apache.hadoop.mapred.TextInputFormat",
        OutputFormat="org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        SerdeInfo=glue.SerdeInfo(SerializationLibrary="org.openx.data.jsonserde.JsonSerDe"),
    )
