"""The schema of one file, as a classifier found it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from localcloud.glue.catalog.table_objects import S3Object
from localcloud.glue.catalog.types import HiveType, merge_fields

Columns = tuple[tuple[str, HiveType], ...]


@dataclass(frozen=True)
class FileSchema:
    """What a classifier says of one file; `records` is an estimate for a file read in part."""

    classification: str
    columns: Columns
    compression: str = "none"
    records: int = 0
    parameters: Mapping[str, str] = field(default_factory=dict)
    serde: Mapping[str, str] = field(default_factory=dict)

    @property
    def data_format(self) -> tuple[object, ...]:
        """What two files must share to be of one table, whatever their columns."""
        return self.classification, self.compression, self.parameters.get("delimiter")


@dataclass(frozen=True)
class DataFile:
    item: S3Object
    schema: FileSchema


def lower_case(columns: Columns) -> Columns:
    """Columns with the catalog's lower-case names; two that differ only by case become one."""
    return tuple((name.lower(), kind) for name, kind in merge_fields((), columns))


def merge_columns(schemas: list[Columns]) -> Columns:
    """The union of the columns in the order of first appearance, each of the narrowest common type."""
    merged: Columns = ()
    for columns in dict.fromkeys(schemas):
        merged = tuple(merge_fields(merged, columns))
    return merged
