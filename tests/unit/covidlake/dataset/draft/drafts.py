"""Sample objects, and the descriptions that are drafted from them."""

from __future__ import annotations

from pathlib import Path

from covidlake.dataset.draft.draft import Draft
from covidlake.dataset.draft.source_code import source_code
from ingestion.description import DataSet


def write(folder: Path, objects: dict[str, str]) -> list[Path]:
    for name, content in objects.items():
        (folder / name).write_bytes(content.encode())
    return [folder / name for name in objects]


def described(found: Draft) -> DataSet:
    space: dict[str, DataSet] = {}
    exec(source_code(found), space)  # noqa: S102
    return space["DATASET"]
