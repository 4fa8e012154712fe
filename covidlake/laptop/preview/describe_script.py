"""Run by itself, in a process of its own: writes what the descriptions of one ref's `jobs/` say, as JSON.

Arguments: the folder, the file to write. The code of the ref runs here, so nothing of ours is imported, and
the names that it may lack are asked for with care.
"""

from __future__ import annotations

import dataclasses
import importlib
import json
import sys
from pathlib import Path
from typing import Any


def main(folder: str, output: str) -> None:
    """Write the file; a description that cannot be loaded is an error in it, not the end."""
    sys.path.insert(0, folder)
    sys.meta_path[:] = [one for one in sys.meta_path if not type(one).__module__.startswith("__editable__")]
    sys.dont_write_bytecode = True
    found: dict[str, Any] = {"arguments": [], "data_sets": {}, "problem": ""}
    found["segmentation"] = _segmentation() if Path(folder, "segmentation").is_dir() else None
    try:
        datasets = importlib.import_module("datasets")
        found["arguments"] = list(importlib.import_module("ingestion.arguments").NAMES)
        for name in datasets.names():
            found["data_sets"][name] = _described(datasets, name)
    except BaseException as error:
        found["problem"] = _said(error)
    Path(output).write_text(json.dumps(found, default=str))


def _described(datasets: Any, name: str) -> dict[str, Any]:
    try:
        dataset = datasets.load(name)
        return {"problem": "", **_facts(dataset)}
    except BaseException as error:
        return {"problem": _said(error)}


def _facts(dataset: Any) -> dict[str, Any]:
    whole = dataclasses.asdict(dataset)
    rules = [*getattr(dataset, "expectations", ()), *getattr(dataset, "rules", ())]
    unnested = [
        {"name": one.name, "key": [*dataset.key_columns, one.label.lower()]}
        for one in getattr(dataset, "unnested", ())
    ]
    return {
        "whole": whole,
        "fingerprint": dataset.fingerprint(()),
        "prefix": dataset.source.prefix,
        "key": list(dataset.key_columns),
        "columns": dict(dataset.types),
        "unnested": unnested,
        "history": bool(getattr(dataset, "history", False)),
        "tables": list(dataset.tables),
        "rules": {rule.name: _rule(rule) for rule in rules},
        "limits": {name: float(getattr(dataset, name, 1.0)) for name in ("max_rejected", "max_removed")},
        "queries": {one.title: one.sql for one in dataset.queries},
    }


def _rule(rule: Any) -> dict[str, Any]:
    content = {name: value for name, value in dataclasses.asdict(rule).items() if name != "called"}
    return {"kind": type(rule).__name__, **content}


def _segmentation() -> dict[str, Any]:
    """What the jobs of the second pipeline are told, and what each described table says."""
    try:
        arguments = importlib.import_module("segmentation.arguments")
        tables = importlib.import_module("tables")
        jobs = ("extract", "join", "segment", "write_back")
        names = {one: list(getattr(arguments, one.upper())) for one in jobs}
        described = {name: dataclasses.asdict(tables.load(name)) for name in tables.names()}
        return {"problem": "", "arguments": names, "tables": described}
    except BaseException as error:
        return {"problem": _said(error), "arguments": {}, "tables": {}}


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:500]


if __name__ == "__main__":
    main(*sys.argv[1:])
