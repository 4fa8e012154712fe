"""The fields of a distributed Map that moto's grammar lacks: taken out before it reads a definition."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]
_KNOWN_READER = ("InputType", "CSVHeaderLocation", "CSVHeaders", "MaxItems", "MaxItemsPath")


def states(machine: Json) -> Iterator[tuple[str, Json]]:
    """Every state of the machine, its branches and its iterations, by name: AWS takes no name twice."""
    for name, state in machine["States"].items():
        yield name, state
        inner = [*state.get("Branches", []), state.get("ItemProcessor"), state.get("Iterator")]
        for one in inner:
            if one:
                yield from states(one)


def split(machine: Json) -> tuple[Json, dict[str, Json]]:
    """The machine as moto's grammar takes it, and the Map states as they were, by name."""
    plain = copy.deepcopy(machine)
    whole = {name: state for name, state in states(machine) if state.get("Type") == "Map"}
    for _, state in states(plain):
        if state.get("Type") == "Map":
            _reduce(state)
    return plain, whole


def _reduce(state: Json) -> None:
    state.pop("ItemBatcher", None)
    for name in ("ItemProcessor", "Iterator"):
        processor = state.get(name, {}).get("ProcessorConfig", {})
        if "ExecutionType" in processor:
            processor["ExecutionType"] = "STANDARD"
    reader = state.get("ItemReader", {}).get("ReaderConfig")
    if reader is not None:
        kept = {name: value for name, value in reader.items() if name in _KNOWN_READER}
        kept["InputType"] = "CSV" if kept.get("InputType") == "CSV" else "JSON"
        state["ItemReader"]["ReaderConfig"] = kept
    writer = state.get("ResultWriter")
    if writer is not None:
        writer.pop("WriterConfig", None)
        if "Resource" not in writer:
            del state["ResultWriter"]
