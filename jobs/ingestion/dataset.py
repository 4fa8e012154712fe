"""Keeps descriptions working that import `ingestion.dataset` or `ingestion.rules`, for one release.

Each such import warns with what to write instead. Nothing here is for new code.
"""

from __future__ import annotations

import warnings
from typing import Any

from ingestion import description

_RENAMED = {"formerly": "aliases", "may_be_empty": "nullable", "questions": "queries"}


def _column(*values: Any, **options: Any) -> description.Column:
    return description.Column(*values, **_with_new_names(options))


def _data_set(*values: Any, **options: Any) -> description.DataSet:
    return description.DataSet(*values, **_with_new_names(options))


def _with_new_names(options: dict[str, Any]) -> dict[str, Any]:
    for old, new in _RENAMED.items():
        if old in options and new in options:
            raise TypeError(f"{old} is the old name of {new}: give {new} alone")
    return {_RENAMED.get(name, name): value for name, value in options.items()}


_OLD = {"Column": _column, "DataSet": _data_set, "Question": description.NamedQuery}


def __getattr__(name: str) -> Any:
    if name not in _OLD and name not in description.__all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    warnings.warn(
        "the next release removes ingestion.dataset and ingestion.rules: import from ingestion.description, "
        "write NamedQuery for Question, queries for questions, aliases for formerly, nullable for "
        "may_be_empty",
        FutureWarning,
        stacklevel=2,
    )
    return _OLD.get(name) or getattr(description, name)
