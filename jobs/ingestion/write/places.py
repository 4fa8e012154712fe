"""Where a data set lies in the lake, and how Spark reads and writes its tables there."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingestion.description import DataSet
from ingestion.description.model import WHOLE_TABLE
from ingestion.state.storage import Prefix, Storage, StoredObject
from ingestion.write.publish import Change, staged_files

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from ingestion.state.ledger import Ledger

PARTITION = "_partition"
NO_MARKER = {"mapreduce.fileoutputcommitter.marksuccessfuljobs": "false"}


@dataclass(frozen=True)
class Table:
    """A table: its folder in the lake, its staging prefix, the name of its partition key ("" for none)."""

    name: str
    lake: Prefix
    area: str
    staging: Prefix
    key: str = ""

    @property
    def folder(self) -> Prefix:
        return self.lake.folder(self.area).folder(self.name)

    @property
    def place(self) -> str:
        """The folder as it is below the root of the lake."""
        return f"{self.area}/{self.name}/"

    def folders(self, storage: Storage) -> list[str]:
        """The folders of its published partitions."""
        return sorted(folder for folder in staged_files(storage, self.folder) if self._is_own(folder))

    def foreign(self, storage: Storage) -> list[str]:
        """Folders of another partition key, which the table had before."""
        return sorted(folder for folder in staged_files(storage, self.folder) if not self._is_own(folder))

    def _is_own(self, folder: str) -> bool:
        return folder == self.partition_folder(self.value(folder)) and folder.count("/") <= 1

    def partition_folder(self, value: str) -> str:
        return f"{self.key}={value}/" if self.key else ""

    def value(self, folder: str) -> str:
        """The value in the name of a partition's folder, such as `month=2022-12/`."""
        return folder.removeprefix(f"{self.key}=").rstrip("/") if self.key else WHOLE_TABLE

    def change(self, value: str, staged: StoredObject | None) -> Change:
        return Change(self.place, self.partition_folder(value), staged)

    def write(self, frame: DataFrame) -> None:
        """Stage rows with PARTITION; those of a partition must lie in one task, which makes one file."""
        if self.key:
            writer = frame.withColumnRenamed(PARTITION, self.key).write.partitionBy(self.key)
        else:
            writer = frame.drop(PARTITION).coalesce(1).write
        writer.mode("overwrite").options(**NO_MARKER).parquet(str(self.staging))

    def staged_rows(self, spark: SparkSession) -> dict[str, int]:
        """The rows of each staged partition, from the footers of the files."""
        if not self.key:
            return {WHOLE_TABLE: spark.read.parquet(str(self.staging)).count()}
        staged = spark.read.schema(f"`{self.key}` string").parquet(str(self.staging))
        return {row[0]: row[1] for row in staged.groupBy(self.key).count().collect()}

    def staged(self, spark: SparkSession, dataset: DataSet) -> DataFrame:
        """What is staged, with PARTITION."""
        return self._read(spark, dataset.schema, [str(self.staging)], self.staging)

    def published(
        self,
        spark: SparkSession,
        storage: Storage,
        dataset: DataSet,
        ledger: Ledger,
        affected: Collection[str] | None,
    ) -> DataFrame | None:
        """The rows of the affected partitions (None: all) as queries see them now, in the columns of
        `dataset`.

        None if there are none, or if the type of a column has changed.
        """
        then = dict(ledger.columns)
        now = dataset.types
        by = dataset.column(dataset.partition.field).table_name if dataset.partition else ""
        retyped = any(now.get(name, kind) != kind for name, kind in then.items())
        if not then or retyped or (by and by not in then):
            return None
        schema = ", ".join(f"`{name}` {kind}" for name, kind in then.items())
        if affected is None:
            found = self._whole(spark, storage, schema, dataset)
        else:
            found = self.read(spark, storage, schema, affected)
        if found is None:
            return None
        added = [f"cast(null as {kind}) as `{name}`" for name, kind in now.items() if name not in then]
        return found.selectExpr("*", *added).select(*now, PARTITION)

    def _whole(
        self, spark: SparkSession, storage: Storage, schema: str, dataset: DataSet
    ) -> DataFrame | None:
        """All published rows, each with its partition by the description of now."""
        from ingestion.read import rows

        if not staged_files(storage, self.folder):
            return None
        found = spark.read.schema(schema).option("recursiveFileLookup", "true").parquet(str(self.folder))
        return found.withColumn(PARTITION, rows.partition(dataset))

    def read(
        self, spark: SparkSession, storage: Storage, schema: str, affected: Collection[str] | None
    ) -> DataFrame | None:
        """The published rows of the affected partitions (None: all), with PARTITION; None if there are
        none.
        """
        there = self.folders(storage)
        chosen = [folder for folder in there if affected is None or self.value(folder) in affected]
        if not chosen:
            return None
        paths = [f"{self.folder}{folder}" for folder in chosen]
        return self._read(spark, schema, paths, self.folder)

    def _read(self, spark: SparkSession, schema: str, paths: list[str], base: Prefix) -> DataFrame:
        from pyspark.sql import functions as F  # noqa: N812

        if not self.key:
            return spark.read.schema(schema).parquet(*paths).withColumn(PARTITION, F.lit(WHOLE_TABLE))
        keyed = f"{schema}, `{self.key}` string"
        return (
            spark.read.schema(keyed)
            .option("basePath", str(base))
            .parquet(*paths)
            .withColumnRenamed(self.key, PARTITION)
        )


@dataclass(frozen=True)
class Places:
    """`staging` is this run's; the other prefixes are the data set's."""

    lake: Prefix
    source: Prefix
    state: Prefix
    all_staging: Prefix
    staging: Prefix
    runs: Prefix
    archive: Prefix
    refused: Prefix
    main: Table
    history: Table
    quarantine: Table
    unnested: tuple[Table, ...]

    @classmethod
    def of(cls, dataset: DataSet, source_root: Prefix, lake: Prefix, run_id: str) -> Places:
        name = dataset.name
        state = lake.folder("state").folder(name)
        staging = state.folder("staging").folder(run_id)
        key = dataset.partition.name if dataset.partition else ""

        def table(table_name: str, area: str = "clean", key: str = key) -> Table:
            return Table(table_name, lake, area, staging.folder(table_name), key)

        return cls(
            lake=lake,
            source=source_root.folder(dataset.source.prefix),
            state=state,
            all_staging=state.folder("staging"),
            staging=staging,
            runs=lake.folder("runs").folder(name),
            archive=lake.folder("archive").folder(name),
            refused=lake.folder("refused").folder(name).folder(f"run_id={run_id}"),
            main=table(name),
            history=table(f"{name}_history"),
            quarantine=table(f"{name}_quarantine", "quarantine", ""),
            unnested=tuple(table(one.name) for one in dataset.unnested),
        )
