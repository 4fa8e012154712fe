"""Properties of SerDes: where they stand, and the ones that would change values and are not followed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localcloud.athena.sql.errors import unsupported
from localcloud.athena.sql.tables import json_rows
from localcloud.glue.catalog.storage import JSON_SERDES, OPENX_JSON_SERDE
from localcloud.glue.catalog.types import STRING, HiveType

_NAMES = {"lazy": "LazySimpleSerDe", "opencsv": "OpenCSVSerde", "json": "the JSON SerDe"}
_NULL_FOR_BAD = "use.null.for.invalid.data"
_TAKES_REST = "serialization.last.column.takes.rest"
_TIMESTAMPS = "timestamp.formats"
_SKIPPED = ("skip.header.line.count", "skip.footer.line.count")


def serde_parameters(
    descriptor: Mapping[str, Any], table_parameters: Mapping[str, str] | None
) -> dict[str, str]:
    """What a SerDe is told: its own properties and, before them, those of the table, as Hive merges them.

    Hive's JSON SerDe has none of the properties of OpenX's.
    """
    info = descriptor.get("SerdeInfo") or {}
    merged = {**(info.get("Parameters") or {}), **(table_parameters or {})}
    library = info.get("SerializationLibrary")
    if library in JSON_SERDES and library != OPENX_JSON_SERDE:
        return {name: value for name, value in merged.items() if not json_rows.is_of_openx(name)}
    return merged


def check(form: str, parameters: Mapping[str, str], columns: list[tuple[str, HiveType]]) -> None:
    """Raise `QueryError` for a property that would change values and that nothing here follows."""
    kinds = [kind for _, kind in columns]
    if form in ("lazy", "json") and _TIMESTAMPS in parameters and any("timestamp" in str(k) for k in kinds):
        raise _refused(_TIMESTAMPS, form)
    if _is_true(parameters, _NULL_FOR_BAD) and any(kind != STRING for kind in kinds):
        raise _refused(_NULL_FOR_BAD, form)
    if form == "lazy" and _is_true(parameters, _TAKES_REST):
        raise _refused(_TAKES_REST, form)
    if form == "json":
        json_rows.check(parameters, columns)
        for name in _SKIPPED:
            if parameters.get(name, "0").strip() != "0":
                raise _refused(name, form)


def _is_true(parameters: Mapping[str, str], name: str) -> bool:
    return parameters.get(name, "").strip().lower() == "true"


def _refused(name: str, form: str) -> Exception:
    return unsupported(f"{name} of {_NAMES[form]}")
