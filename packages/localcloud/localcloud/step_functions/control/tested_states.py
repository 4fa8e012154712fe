"""The state that TestState is asked for, and the Map and Parallel states around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from localcloud.plugin import AwsError, refusals
from localcloud.step_functions.definition.structure import Place, inner_machines, places
from localcloud.step_functions.states.trials import retries


def around(machine: dict[str, Any], found: Place) -> tuple[Place, ...]:
    """The states that the found one is within, from the outermost."""
    return tuple(
        place
        for place in places(machine)
        if any(found.path.startswith(f"{path}/States/") for path, _ in inner_machines(place))
    )


@dataclass(frozen=True)
class Tested:
    """A state, and the states that it is within: none where it was given by itself."""

    state: dict[str, Any]
    around: Sequence[Place]

    def is_in_map(self) -> bool:
        return any(place.kind == "Map" for place in self.around)

    def check_propagation(self, status: str, error: str | None) -> None:
        """On AWS a Map or Parallel around a state handles its error. Raises ValidationException: not here."""
        if status != "FAILED":
            return
        for place in self.around:
            handlers = [*place.state.get("Retry", ()), *place.state.get("Catch", ())]
            if retries.applying(handlers, error) is not None:
                what = f"TestState of an error that the {place.kind} around the state retries or catches"
                raise AwsError("ValidationException", refusals.not_supported(what))
