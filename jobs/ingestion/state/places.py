"""Where a data set lies in the lake: its tables with their partitions, its state, copies and run records."""

from __future__ import annotations

from dataclasses import dataclass

from ingestion.description import DataSet
from ingestion.description.model import WHOLE_TABLE
from ingestion.state.storage import Prefix, Storage, StoredObject


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
        return sorted(folder for folder in data_files(storage, self.folder) if self._is_own(folder))

    def foreign(self, storage: Storage) -> list[str]:
        """Folders of another partition key, which the table had before."""
        return sorted(folder for folder in data_files(storage, self.folder) if not self._is_own(folder))

    def _is_own(self, folder: str) -> bool:
        return folder == self.partition_folder(self.value(folder)) and folder.count("/") <= 1

    def partition_folder(self, value: str) -> str:
        return f"{self.key}={value}/" if self.key else ""

    def value(self, folder: str) -> str:
        """The value in the name of a partition's folder, such as `month=2022-12/`."""
        return folder.removeprefix(f"{self.key}=").rstrip("/") if self.key else WHOLE_TABLE


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

    @property
    def run_id(self) -> str:
        return self.staging.key.rstrip("/").rpartition("/")[2]


def data_files(storage: Storage, folder: Prefix) -> dict[str, StoredObject]:
    """The file in each partition folder below the prefix, by the folder."""
    found: dict[str, StoredObject] = {}
    for item in storage.list(folder):
        partition, slash, name = item.key.removeprefix(folder.key).rpartition("/")
        if is_data(name):
            found[partition + slash] = item
    return found


def is_data(name: str) -> bool:
    """Whether a file has rows: S3A keeps folders by empty names, Spark marks its own files."""
    return bool(name) and not name.startswith(("_", "."))
