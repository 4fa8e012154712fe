"""A lake in a folder, as a run left it: its tables, its run records, what is in quarantine."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from covidlake.base import json_text
from covidlake.laptop.preview import cloud
from covidlake.laptop.preview.compare import compare, connection
from covidlake.laptop.preview.model import TableChange
from covidlake.laptop.preview.parquet_table import ParquetTable

QUARANTINE = "_quarantine"
# Differ from run to run, whatever the code does.
OF_THE_RUN = ("run_id", "rejected_at", "superseded_at", "superseded_by")
REJECTED_BY = ("source_object", "line")


@dataclass(frozen=True)
class Lake:
    """`name` is that of the run ids; `error` is what Glue says of a job run that failed as a whole."""

    folder: Path
    name: str
    error: str = ""

    def record(self, data_set: str) -> dict[str, Any]:
        """The run record of a data set; of one that left none, a failed one with the words of the job run."""
        path = self.folder / "runs" / data_set / f"{cloud.run_id_of(self.name)}.json"
        if not path.is_file():
            return {"status": "FAILED", "cause": self.error or "the run left no run record"}
        found: dict[str, Any] = json_text.read(path)
        return found

    def failure(self, data_set: str) -> str:
        """Why the data set has no tables of this run; empty where it was ingested."""
        record = self.record(data_set)
        return str(record.get("cause") or "no cause given") if record["status"] == "FAILED" else ""

    def table(self, name: str) -> ParquetTable | None:
        """A table of the clean area, or the quarantine of a data set."""
        area = "quarantine" if name.endswith(QUARANTINE) else "clean"
        return ParquetTable.in_folder(self.folder / area / name)

    def rejected(self, data_set: str) -> Counter[str]:
        """How many rows stand in quarantine, by reason."""
        table = self.table(f"{data_set}{QUARANTINE}")
        if table is None:
            return Counter()
        with connection() as database:
            table.view(database, "rejected")
            rows = database.execute(
                "SELECT coalesce(reason, ''), count(*) FROM rejected GROUP BY 1"
            ).fetchall()
        return Counter(dict(rows))


def tables(
    before: Lake,
    after: Lake,
    keys: dict[str, tuple[str, ...]],
    names_before: dict[str, str],
    histories: tuple[str, ...] = (),
) -> tuple[TableChange, ...]:
    """How each table of `keys` differs; `names_before` is what `before` calls some of them."""
    found = []
    for name, key in keys.items():
        then = names_before.get(name, name)
        found.append(
            compare(
                name, before.table(then), after.table(name), key, rows=name not in histories, before_name=then
            )
        )
    return tuple(one for one in found if one.before or one.after)


def disagreements(fresh: Lake, upgraded: Lake, keys: dict[str, tuple[str, ...]]) -> tuple[TableChange, ...]:
    """Where the lake that was upgraded is not the one that was made from nothing.

    Rows, columns and what is in quarantine; not which run rejected a row, nor into how many files it went.
    """
    names = dict(keys)
    for name in [
        name for name in keys if fresh.table(f"{name}{QUARANTINE}") or upgraded.table(f"{name}{QUARANTINE}")
    ]:
        names[f"{name}{QUARANTINE}"] = REJECTED_BY
    found = [
        compare(name, upgraded.table(name), fresh.table(name), key, OF_THE_RUN) for name, key in names.items()
    ]
    return tuple(one for one in found if not one.identical)
