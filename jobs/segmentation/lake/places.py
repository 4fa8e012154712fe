"""Where a table lies in the lake: its files, its quarantine, its state, its run records."""

from __future__ import annotations

from dataclasses import dataclass

from ingestion.state.storage import Prefix


@dataclass(frozen=True)
class Places:
    """`staging` is this run's; the other prefixes are the table's."""

    name: str
    run_id: str
    lake: Prefix

    @property
    def clean(self) -> Prefix:
        return self.lake.folder("clean").folder(self.name)

    @property
    def quarantine_name(self) -> str:
        return f"{self.name}_quarantine"

    @property
    def quarantine(self) -> Prefix:
        return self.lake.folder("quarantine").folder(self.quarantine_name)

    @property
    def state(self) -> Prefix:
        return self.lake.folder("state").folder(self.name)

    @property
    def all_staging(self) -> Prefix:
        return self.state.folder("staging")

    @property
    def staging(self) -> Prefix:
        return self.all_staging.folder(self.run_id)

    @property
    def runs(self) -> Prefix:
        return self.lake.folder("runs").folder(self.name)

    @property
    def models(self) -> Prefix:
        return self.state.folder("models")

    def file(self, bucket: int, buckets: int) -> str:
        """The key of the file of one bucket; the name says of how many, so that no two cuts mix unseen."""
        return f"{self.clean.key}part-{bucket:05d}-of-{buckets:05d}.parquet"
