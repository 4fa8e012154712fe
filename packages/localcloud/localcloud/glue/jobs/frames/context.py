"""`awsglue.context`: a GlueContext over a SparkSession."""

from __future__ import annotations

import datetime
import logging
import warnings
from collections.abc import Mapping
from typing import Any

from pyspark.sql import SparkSession, SQLContext

from localcloud.glue.catalog.table_objects import list_objects, split_location
from localcloud.glue.jobs.frames import catalog, files, readers, sinks
from localcloud.glue.jobs.frames.dynamic_frame import DynamicFrame
from localcloud.glue.jobs.frames.refusing import check_options, refuse, refused

_PURGE = {"retentionPeriod", "excludeStorageClasses", "manifestFilePath"}
_RETENTION_HOURS = 168


class GlueContext(SQLContext):
    """The methods of awsglue's class that read and write in S3."""

    def __init__(self, sparkContext: Any = None, **_options: Any) -> None:
        given = sparkContext if isinstance(sparkContext, SparkSession) else None
        session = given or SparkSession.builder.getOrCreate()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            super().__init__(session.sparkContext, session)
        self.spark_session = session
        self.create_dynamic_frame = _DynamicFrameReader(self)
        self.write_dynamic_frame = _DynamicFrameWriter(self)
        self.create_data_frame = _DataFrameReader(self)
        self.write_data_frame = _DataFrameWriter(self)

    def get_logger(self) -> logging.Logger:
        logger = logging.getLogger("GlueLogger")
        if not logger.handlers:
            logger.addHandler(logging.StreamHandler())
            logger.setLevel(logging.INFO)
        return logger

    def create_dynamic_frame_from_options(
        self,
        connection_type: str,
        connection_options: Mapping[str, Any] | None = None,
        format: Any = None,
        format_options: Mapping[str, Any] | None = None,
        transformation_ctx: str = "",
        push_down_predicate: str = "",
        **more: Any,
    ) -> DynamicFrame:
        if push_down_predicate or more:
            refuse("push_down_predicate of from_options", "filter the frame")
        read = readers.from_options(
            self.spark_session, connection_type, connection_options or {}, format, format_options or {}
        )
        return DynamicFrame(read[0], self, transformation_ctx, read[1])

    def create_dynamic_frame_from_catalog(
        self,
        database: str | None = None,
        table_name: str | None = None,
        redshift_tmp_dir: str = "",
        transformation_ctx: str = "",
        push_down_predicate: str = "",
        additional_options: Mapping[str, Any] | None = None,
        catalog_id: str | None = None,
        **more: Any,
    ) -> DynamicFrame:
        names = _names(database, table_name, more)
        read = readers.from_catalog(self.spark_session, *names, push_down_predicate, additional_options or {})
        return DynamicFrame(read[0], self, names[1], read[1])

    def create_dynamic_frame_from_rdd(
        self,
        data: Any,
        name: str,
        schema: Any = None,
        sample_ratio: Any = None,
        transformation_ctx: str = "",
    ) -> DynamicFrame:
        return DynamicFrame(self.createDataFrame(data, schema, sample_ratio), self, name)

    def create_data_frame_from_catalog(self, *arguments: Any, **named: Any) -> Any:
        return self.create_dynamic_frame_from_catalog(*arguments, **named).toDF()

    def create_data_frame_from_options(self, *arguments: Any, **named: Any) -> Any:
        return self.create_dynamic_frame_from_options(*arguments, **named).toDF()

    def getSink(
        self,
        connection_type: str,
        format: Any = None,
        transformation_ctx: str = "",
        **options: Any,
    ) -> sinks.DataSink:
        return sinks.DataSink(connection_type, format, options)

    def getSource(
        self,
        connection_type: str,
        format: Any = None,
        transformation_ctx: str = "",
        push_down_predicate: str = "",
        **options: Any,
    ) -> _DataSource:
        if push_down_predicate:
            refuse("push_down_predicate of getSource", "filter the frame")
        return _DataSource(self, connection_type, format, transformation_ctx, options)

    def write_dynamic_frame_from_options(
        self,
        frame: DynamicFrame,
        connection_type: str,
        connection_options: Mapping[str, Any] | None = None,
        format: Any = None,
        format_options: Mapping[str, Any] | None = None,
        transformation_ctx: str = "",
    ) -> Any:
        sink = sinks.DataSink(connection_type, format, connection_options or {})
        if format:
            sink.setFormat(format, **(format_options or {}))
        return sink.write(frame)

    write_from_options = write_dynamic_frame_from_options

    def write_dynamic_frame_from_catalog(
        self,
        frame: DynamicFrame,
        database: str | None = None,
        table_name: str | None = None,
        redshift_tmp_dir: str = "",
        transformation_ctx: str = "",
        additional_options: Mapping[str, Any] | None = None,
        catalog_id: str | None = None,
        **more: Any,
    ) -> DynamicFrame:
        return sinks.to_catalog(frame, *_names(database, table_name, more), additional_options or {})

    def write_data_frame_from_catalog(self, frame: Any, *arguments: Any, **named: Any) -> DynamicFrame:
        return self.write_dynamic_frame_from_catalog(DynamicFrame(frame, self), *arguments, **named)

    def purge_s3_path(
        self, s3_path: str, options: Mapping[str, Any] | None = None, transformation_ctx: str = ""
    ) -> None:
        """Delete the objects below a path that are older than the retention, a week by default."""
        options = options or {}
        check_options("purge_s3_path", options, _PURGE - {"manifestFilePath", "excludeStorageClasses"})
        hours = float(options.get("retentionPeriod", _RETENTION_HOURS))
        before = datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=hours)
        bucket, prefix = split_location(s3_path)
        s3 = files.client("s3")
        for item in list(list_objects(s3, bucket, prefix)):
            if s3.head_object(Bucket=bucket, Key=item.key)["LastModified"] <= before:
                s3.delete_object(Bucket=bucket, Key=item.key)

    def purge_table(
        self,
        database: str,
        table_name: str,
        options: Mapping[str, Any] | None = None,
        transformation_ctx: str = "",
        catalog_id: Any = None,
    ) -> None:
        table = catalog.Table.found(database, table_name)
        if table.partition_keys():
            refuse("purge_table of a table with partitions", "delete objects and partitions with boto3")
        self.purge_s3_path(table.location(), options)

    transition_table = refused("transition_table", "objects here have one storage class")
    transition_s3_path = refused("transition_s3_path", "objects here have one storage class")
    extract_jdbc_conf = refused("extract_jdbc_conf", "read the connection with boto3's get_connection")
    write_dynamic_frame_from_jdbc_conf = refused(
        "write_dynamic_frame_from_jdbc_conf", "write with Spark's own JDBC source"
    )
    write_from_jdbc_conf = write_dynamic_frame_from_jdbc_conf
    create_sample_dynamic_frame_from_catalog = refused("create_sample_dynamic_frame_from_catalog")
    create_sample_dynamic_frame_from_options = refused("create_sample_dynamic_frame_from_options")
    getStreamingSource = refused("getStreamingSource", "no stream is read here")
    forEachBatch = refused("forEachBatch", "no stream is read here")
    getSampleStreamingDynamicFrame = forEachBatch
    add_ingestion_time_columns = refused("add_ingestion_time_columns")
    start_transaction = refused("start_transaction")
    commit_transaction = refused("commit_transaction")
    cancel_transaction = refused("cancel_transaction")
    get_catalog_schema_as_spark_schema = refused("get_catalog_schema_as_spark_schema")


class _DataSource:
    """What getSource gives: a format is set, then the frame is read."""

    def __init__(
        self, context: GlueContext, kind: str, given: Any, name: str, options: Mapping[str, Any]
    ) -> None:
        self._context, self._kind, self._format, self._name = context, kind, given, name
        self._options, self._format_options = options, dict[str, Any]()

    def setFormat(self, format: str, **options: Any) -> None:
        self._format, self._format_options = format, options

    def getFrame(self, **_more: Any) -> DynamicFrame:
        return self._context.create_dynamic_frame_from_options(
            self._kind, self._options, self._format, self._format_options, self._name
        )


class _DynamicFrameReader:
    def __init__(self, context: GlueContext) -> None:
        self.from_options = context.create_dynamic_frame_from_options
        self.from_catalog = context.create_dynamic_frame_from_catalog
        self.from_rdd = context.create_dynamic_frame_from_rdd


class _DynamicFrameWriter:
    def __init__(self, context: GlueContext) -> None:
        self.from_options = context.write_dynamic_frame_from_options
        self.from_catalog = context.write_dynamic_frame_from_catalog
        self.from_jdbc_conf = context.write_dynamic_frame_from_jdbc_conf


class _DataFrameReader:
    def __init__(self, context: GlueContext) -> None:
        self.from_options = context.create_data_frame_from_options
        self.from_catalog = context.create_data_frame_from_catalog


class _DataFrameWriter:
    from_options = refused("write_data_frame.from_options", "use DataFrame.write")

    def __init__(self, context: GlueContext) -> None:
        self.from_catalog = context.write_data_frame_from_catalog


def _names(database: str | None, table: str | None, more: Mapping[str, Any]) -> tuple[str, str]:
    """`name_space` is the older word for a database."""
    unknown = set(more) - {"name_space"}
    if unknown:
        refuse(f"the argument {sorted(unknown)[0]}")
    if (database is None) == ("name_space" not in more):
        raise Exception("Parameter name_space or database is missing, or both are given: choose one.")
    if table is None:
        raise Exception("Parameter table_name is missing.")
    return str(database or more["name_space"]), table
