"""Lakes as the four jobs would leave them: small tables, their states, the run records."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import duckdb

from covidlake.laptop.preview.lake import Lake
from covidlake.laptop.preview.segmentation.runs import RESULT

Customer = tuple[int, int, str, int, float]
COLUMNS = ("customer_id", "segment", "segment_name", "frequency", "monetary")
BASE: tuple[Customer, ...] = (
    (1, 1, "best", 30, 900.0),
    (2, 1, "best", 20, 700.0),
    (3, 2, "lost", 1, 10.0),
    (4, 2, "lost", 2, 20.0),
)


def write(folder: Path, name: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table of the clean area, or of the quarantine."""
    place = folder / ("quarantine" if name.endswith("_quarantine") else "clean") / name
    place.mkdir(parents=True)
    text = place / "rows.json"
    text.write_text(json.dumps([dict(zip(columns, row, strict=True)) for row in rows]))
    with duckdb.connect() as database:
        database.read_json(str(text)).write_parquet(str(place / "part-0.parquet"))


def lake(
    folder: Path, name: str, customers: Sequence[Customer] = BASE, error: str = "", refused: int = 1
) -> Lake:
    """With the table of segments, what arrived in the database, and orders of which some are refused."""
    place = folder / name
    for table in ("customer_segments", RESULT):
        write(place, table, COLUMNS, customers)
    write(place, "sales_orders", ("order_id", "amount"), [(1, 5.0), (2, 6.0)])
    if refused:
        write(place, "customers_quarantine", ("reason", "raw"), [("no_date", "{}")] * refused)
    for table, key in (("customer_segments", "customer_id"), ("sales_orders", "order_id")):
        state = place / "state" / table / "table.json"
        state.parent.mkdir(parents=True)
        state.write_text(json.dumps({"version": 1, "key": [key]}))
    record(place, name, "sales_orders", rows_read=100, rows_changed=1, detail={"position": {}})
    record(place, name, "customer_segments", rows_read=4, rows_changed=2, rows_deleted=1, files_written=1)
    return Lake(place, name, error)


def record(folder: Path, lake: str, name: str, **counts: object) -> None:
    path = folder / "runs" / name / f"preview-{lake}.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"dataset": name, "status": "LOADED", **counts}))
