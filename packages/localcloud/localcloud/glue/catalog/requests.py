"""What requests to the Data Catalog share: names in lower case, the catalog's id, batches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localcloud import plugin
from localcloud.plugin import AwsError

Request = dict[str, Any]
FOLDED = ("DatabaseName", "TableName")


def folded(request: Mapping[str, Any], *more: str) -> Request:
    """The request with the names of databases and tables in lower case, as Glue stores them.

    `more` names further fields that hold such a name, a list of them or a structure with `Name`.
    Raises the error of AWS for the catalog of another account.
    """
    catalog = request.get("CatalogId") or plugin.current_account()
    if catalog != plugin.current_account():
        raise AwsError("EntityNotFoundException", f"Catalog {catalog} not found.")
    lowered = {name: _lower(request[name]) for name in (*FOLDED, *more) if name in request}
    return {**request, **lowered}


def _lower(value: Any) -> Any:
    if isinstance(value, str):
        return value.lower()
    if isinstance(value, list):
        return [_lower(item) for item in value]
    return {**value, "Name": _lower(value["Name"])} if isinstance(value, dict) and "Name" in value else value


def at_most(request: Mapping[str, Any], field: str, largest: int) -> list[Any]:
    """The list of a batch; AWS refuses one that is longer than its limit."""
    given = list(request.get(field) or [])
    if len(given) > largest:
        name = field[0].lower() + field[1:]
        raise AwsError(
            "ValidationException",
            f"1 validation error detected: Value at '{name}' failed to satisfy constraint: "
            f"Member must have length less than or equal to {largest}",
        )
    return given
