"""Contracts as files: YAML as the standard has it, or JSON, which is YAML too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from covidlake.base.errors import DataSetError
from covidlake.dataset.contract import grades
from covidlake.dataset.contract.document import Document


def text(document: Document, as_json: bool = False) -> str:
    """The document, its parts in the standard's order."""
    if as_json:
        return json.dumps(document, indent=2, ensure_ascii=False)
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)


def changes(path: Path, document: Document) -> list[grades.Change]:
    """What is different from the contract in a file; raises `DataSetError` if that is none of ours."""
    before = _read(path)
    try:
        if before["id"] != document["id"]:
            raise ValueError(f"it is the contract {before['id']!r}, not {document['id']!r}")
        return grades.changes(before, document)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise _no_contract(path, error) from error


def _read(path: Path) -> Any:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError, RecursionError) as error:
        raise _no_contract(path, error) from error


def _no_contract(path: Path, error: BaseException) -> DataSetError:
    said = " ".join(f"{type(error).__name__}: {error}".split())
    return DataSetError(
        f"{path}: is no contract of this data set by this tool ({said[:200]}): make one with: "
        "covidlake dataset contract NAME --output FILE"
    )
