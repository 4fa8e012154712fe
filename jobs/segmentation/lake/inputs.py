"""What a step reads of the tables that the steps before it have published."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from pyspark.sql import DataFrame, SparkSession

from ingestion.state.storage import Prefix, Storage
from segmentation.errors import MissingInputError
from segmentation.lake.files import Files, empty
from segmentation.lake.places import Places
from segmentation.lake.table_state import TableState


@dataclass(frozen=True)
class Input:
    """A published table, as it is now."""

    name: str
    state: TableState
    files: Files

    def rows(self) -> DataFrame:
        """All rows; an empty frame of the same columns if there are none."""
        found = self.files.published(self.state)
        return empty(self.files.spark, self.state.columns) if found is None else found


@dataclass(frozen=True)
class Inputs:
    """The tables that a step reads."""

    storage: Storage
    lake: Prefix
    run_id: str

    def states(self, wanted: Mapping[str, Collection[str]]) -> dict[str, TableState]:
        """The state of each table, with the columns that the step needs of it. Raises MissingInputError."""
        found = {}
        for name, columns in wanted.items():
            state = TableState.load(self.storage, Places(name, self.run_id, self.lake).state)
            if not state.revision or state.pending:
                raise MissingInputError(
                    f"table {name} is not in {self.lake}, or not as a whole: run the step that makes it first"
                )
            if lost := sorted(set(columns) - state.columns.keys()):
                raise MissingInputError(
                    f"table {name} has no column {', '.join(lost)}, which the join needs: its columns are "
                    f"{', '.join(state.columns)}"
                )
            found[name] = state
        return found

    def of(self, spark: SparkSession, name: str, state: TableState) -> Input:
        return Input(name, state, Files(spark, self.storage, Places(name, self.run_id, self.lake)))
