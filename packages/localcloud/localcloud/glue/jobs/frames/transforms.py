"""`awsglue.transforms`: classes whose `apply` calls a frame's method."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from localcloud.glue.jobs.frames.refusing import refused


def _transform(name: str, call: Callable[..., Any]) -> type:
    """A class of awsglue: `apply`, or an instance that is called."""
    members = {
        "__call__": lambda _self, *arguments, **named: call(*arguments, **named),
        "apply": classmethod(lambda _kind, *arguments, **named: call(*arguments, **named)),
        "__doc__": f"awsglue's {name}.",
    }
    return type(name, (), members)


def _of(method: str) -> Callable[..., Any]:
    return lambda frame, *arguments, **named: getattr(frame, method)(*arguments, **named)


def _join(frame1: Any, frame2: Any, keys1: Any, keys2: Any, transformation_ctx: str = "") -> Any:
    return frame1.join(keys1, keys2, frame2, transformation_ctx)


def _union(frame1: Any, frame2: Any, transformation_ctx: str = "", **more: Any) -> Any:
    return frame1.union(frame2, transformation_ctx, **more)


def _select(dfc: Any, key: str, transformation_ctx: str = "") -> Any:
    return dfc.select(key, transformation_ctx)


def _map_collection(dfc: Any, callable: Callable[..., Any], transformation_ctx: str = "") -> Any:
    return dfc.map(callable, transformation_ctx)


def _drop_nulls(frame: Any, transformation_ctx: str = "", **_more: Any) -> Any:  # noqa: ARG001
    return frame.drop_nulls()


ApplyMapping = _transform("ApplyMapping", _of("apply_mapping"))
Coalesce = _transform("Coalesce", _of("coalesce"))
DropFields = _transform("DropFields", _of("drop_fields"))
DropNullFields = _transform("DropNullFields", _drop_nulls)
Filter = _transform("Filter", _of("filter"))
Join = _transform("Join", _join)
Map = _transform("Map", _of("map"))
MapToCollection = _transform("MapToCollection", _map_collection)
RenameField = _transform("RenameField", _of("rename_field"))
Repartition = _transform("Repartition", _of("repartition"))
ResolveChoice = _transform("ResolveChoice", _of("resolveChoice"))
SelectFields = _transform("SelectFields", _of("select_fields"))
SelectFromCollection = _transform("SelectFromCollection", _select)
SplitFields = _transform("SplitFields", _of("split_fields"))
SplitRows = _transform("SplitRows", _of("split_rows"))
Union = _transform("Union", _union)

ErrorsAsDynamicFrame = _transform("ErrorsAsDynamicFrame", refused("ErrorsAsDynamicFrame"))
FlatMap = _transform("FlatMap", refused("FlatMap"))
Relationalize = _transform("Relationalize", _of("relationalize"))
Spigot = _transform("Spigot", _of("spigot"))
Unbox = _transform("Unbox", _of("unbox"))
UnnestFrame = _transform("UnnestFrame", _of("unnest"))

__all__ = [
    "ApplyMapping",
    "Coalesce",
    "DropFields",
    "DropNullFields",
    "ErrorsAsDynamicFrame",
    "Filter",
    "FlatMap",
    "Join",
    "Map",
    "MapToCollection",
    "Relationalize",
    "RenameField",
    "Repartition",
    "ResolveChoice",
    "SelectFields",
    "SelectFromCollection",
    "Spigot",
    "SplitFields",
    "SplitRows",
    "Unbox",
    "Union",
    "UnnestFrame",
]
