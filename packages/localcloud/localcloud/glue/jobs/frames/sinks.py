"""Where DynamicFrames are written: folders of S3, and the catalog's tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localcloud.glue.jobs.frames import catalog, files, paths
from localcloud.glue.jobs.frames.dynamic_frame import DynamicFrame, DynamicFrameCollection
from localcloud.glue.jobs.frames.refusing import check_options, refuse

_OPTIONS = {
    *("path", "partitionKeys", "compression", "enableUpdateCatalog", "updateBehavior", "useFrameName"),
    "groupFiles",
}
_CATALOGUED = ("json", "csv", "parquet")
_BEHAVIOURS = ("UPDATE_IN_DATABASE", "LOG")


class DataSink:
    """A folder of S3 and, with `enableUpdateCatalog`, a table that is kept up to date."""

    def __init__(self, connection_type: str, given: Any, options: Mapping[str, Any]) -> None:
        if connection_type not in ("s3", "parquet", "orc"):
            refuse(
                f"the connection type {connection_type} as a target",
                "targets are S3 and the catalog's tables in S3",
            )
        check_options("an S3 target", options, _OPTIONS)
        if not options.get("path"):
            raise ValueError("a target in S3 needs the option path")
        self._options = options
        self._format, self._format_options = "", dict[str, Any]()
        self._database = self._table = ""
        if given or connection_type != "s3":
            self.setFormat(given or connection_type)

    def setFormat(self, format: str, **options: Any) -> None:
        self._format = files.format_name(format)
        self._format_options = options

    def setCatalogInfo(
        self,
        catalogDatabase: str,
        catalogTableName: str,
        catalogId: str = "",
    ) -> None:
        self._database, self._table = catalogDatabase, catalogTableName

    def setAccumulableSize(self, size: int) -> None:
        """Sets how many error records Glue keeps; none are kept here."""

    def writeFrame(self, dynamic_frame: DynamicFrame, info: str = "") -> DynamicFrame:
        """Objects are added to the folder: nothing that lies there is replaced, as in Glue."""
        frame = dynamic_frame.toDF()
        if frame.columns and not frame.isEmpty():
            self._write(frame)
        return dynamic_frame

    def write(self, dynamic_frame_or_dfc: Any, info: str = "") -> Any:
        """A frame, or a collection of frames, each into the folder of its name."""
        if not isinstance(dynamic_frame_or_dfc, DynamicFrameCollection):
            return self.writeFrame(dynamic_frame_or_dfc, info)
        for name in dynamic_frame_or_dfc:
            sink = DataSink("s3", self._format, {**self._options, "path": f"{self._path()}/{name}"})
            sink.setFormat(self._format, **self._format_options)
            sink.writeFrame(dynamic_frame_or_dfc[name], info)
        return dynamic_frame_or_dfc

    def _path(self) -> str:
        return str(self._options["path"]).rstrip("/")

    def _write(self, frame: Any) -> None:
        if not self._format:
            raise ValueError("a target in S3 needs a format: setFormat")
        keys = list(self._options.get("partitionKeys") or [])
        options = files.writer_options(self._format, self._format_options)
        if compression := self._options.get("compression"):
            options["compression"] = compression
        values = self._values(frame, keys) if self._updates() else []
        writer = frame.write.mode("append").options(**options)
        (writer.partitionBy(*keys) if keys else writer).format(self._format).save(self._path())
        if self._updates():
            self._update_catalog(frame, keys, values)

    def _updates(self) -> bool:
        return str(self._options.get("enableUpdateCatalog", False)).lower() == "true"

    def _update_catalog(self, frame: Any, keys: list[str], values: list[list[str]]) -> None:
        behaviour = str(self._options.get("updateBehavior") or "UPDATE_IN_DATABASE")
        if not self._table:
            raise ValueError("enableUpdateCatalog needs setCatalogInfo with a database and a table")
        if self._format not in _CATALOGUED or behaviour not in _BEHAVIOURS:
            refuse(f"enableUpdateCatalog with {self._format} and {behaviour}")
        where = (self._database, self._table, f"{self._path()}/", self._format)
        catalog.register(*where, frame.schema, keys, behaviour)
        if keys:
            catalog.add_partitions(self._database, self._table, values)

    def _values(self, frame: Any, keys: list[str]) -> list[list[str]]:
        if not keys:
            return []
        rows = (
            frame.select(*[paths.column([key]).cast("string").alias(key) for key in keys])
            .distinct()
            .collect()
        )
        return sorted([catalog.NULL if value is None else str(value) for value in row] for row in rows)


def to_catalog(frame: DynamicFrame, database: str, name: str, options: Mapping[str, Any]) -> DynamicFrame:
    """Add a frame's records at the location of a table; its partitions only with `enableUpdateCatalog`."""
    check_options("write_dynamic_frame.from_catalog", options, _OPTIONS - {"path"})
    table = catalog.Table.found(database, name)
    kind, reader = table.format()
    keys = list(options.get("partitionKeys") or [key["Name"] for key in table.partition_keys()])
    sink = DataSink("s3", kind, {**options, "path": table.location(), "partitionKeys": keys})
    if kind == "csv":
        sink.setFormat(
            "csv", separator=reader["sep"], writeHeader=reader["header"], quoteChar=reader["quote"] or -1
        )
    sink.setCatalogInfo(database, name)
    return sink.writeFrame(frame)
