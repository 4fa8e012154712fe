"""How Spark reads and writes the files of a table, published and staged."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812 - the name that every Spark code base uses

from ingestion.description import DataSet
from ingestion.description.model import WHOLE_TABLE
from ingestion.read import rows
from ingestion.read.rows import PARTITION
from ingestion.state.ledger import Ledger
from ingestion.state.places import Table, data_files
from ingestion.state.storage import Prefix, Storage

NO_MARKER = {"mapreduce.fileoutputcommitter.marksuccessfuljobs": "false"}


@dataclass(frozen=True)
class TableFiles:
    """Rows of a table have PARTITION, whose column in the files is the table's partition key."""

    spark: SparkSession
    storage: Storage

    def write(self, table: Table, frame: DataFrame) -> None:
        """Stage rows; those of a partition must lie in one task, which makes one file."""
        if table.key:
            writer = frame.withColumnRenamed(PARTITION, table.key).write.partitionBy(table.key)
        else:
            writer = frame.drop(PARTITION).coalesce(1).write
        writer.mode("overwrite").options(**NO_MARKER).parquet(str(table.staging))

    def staged_rows(self, table: Table) -> dict[str, int]:
        """The number of rows of each staged partition that has any, from the footers of the files."""
        if not table.key:
            count = self.spark.read.parquet(str(table.staging)).count()
            return {WHOLE_TABLE: count} if count else {}
        staged = self.spark.read.schema(f"`{table.key}` string").parquet(str(table.staging))
        return {row[0]: row[1] for row in staged.groupBy(table.key).count().collect()}

    def staged(self, table: Table, dataset: DataSet) -> DataFrame:
        """The staged rows."""
        return self._read(table, dataset.schema, [str(table.staging)], table.staging)

    def published(
        self, table: Table, dataset: DataSet, ledger: Ledger, affected: Collection[str] | None
    ) -> DataFrame | None:
        """The rows of the affected partitions (None: all) that queries see now, in the columns of `dataset`.

        None if there are none, or if the type of a column has changed.
        """
        then, now = dict(ledger.columns), dataset.types
        by = dataset.column(dataset.partition.field).table_name if dataset.partition else ""
        retyped = any(now.get(name, kind) != kind for name, kind in then.items())
        if not then or retyped or (by and by not in then):
            return None
        schema = ", ".join(f"`{name}` {kind}" for name, kind in then.items())
        if affected is None:
            found = self._whole(table, schema, dataset)
        else:
            found = self.read(table, schema, affected)
        if found is None:
            return None
        added = [f"cast(null as {kind}) as `{name}`" for name, kind in now.items() if name not in then]
        return found.selectExpr("*", *added).select(*now, PARTITION)

    def _whole(self, table: Table, schema: str, dataset: DataSet) -> DataFrame | None:
        """All published rows, each with its partition by the description of now."""
        if not data_files(self.storage, table.folder):
            return None
        reader = self.spark.read.schema(schema).option("recursiveFileLookup", "true")
        return reader.parquet(str(table.folder)).withColumn(PARTITION, rows.partition(dataset))

    def read(self, table: Table, schema: str, affected: Collection[str] | None) -> DataFrame | None:
        """The published rows of the affected partitions (None: all); None if there are none."""
        there = table.folders(self.storage)
        chosen = [folder for folder in there if affected is None or table.value(folder) in affected]
        if not chosen:
            return None
        return self._read(table, schema, [f"{table.folder}{folder}" for folder in chosen], table.folder)

    def _read(self, table: Table, schema: str, paths: list[str], base: Prefix) -> DataFrame:
        if not table.key:
            found = self.spark.read.schema(schema).parquet(*paths)
            return found.withColumn(PARTITION, F.lit(WHOLE_TABLE))
        reader = self.spark.read.schema(f"{schema}, `{table.key}` string").option("basePath", str(base))
        return reader.parquet(*paths).withColumnRenamed(table.key, PARTITION)
