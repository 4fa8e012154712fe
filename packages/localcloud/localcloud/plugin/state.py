"""What plug-ins keep between two runs of a cloud: one JSON document each, beside ministack's own state.

Call `keep` in the plug-in's `install`. A cloud that is not asked to keep state never saves or restores.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class UnusableStateError(Exception):
    """What a plug-in kept is damaged, or was written by another release."""

    def __init__(self, name: str, path: Path, cause: Exception) -> None:
        said = f"{type(cause).__name__}: {cause}"
        super().__init__(
            f"the state of {name} in {path} cannot be used ({said}): reset starts anew, with nothing in it"
        )
        self.path = path


@dataclass(frozen=True)
class _Keeper:
    save: Callable[[], Any]
    restore: Callable[[Any], None]
    reset: Callable[[], None]


_keepers: dict[str, _Keeper] = {}


def keep(
    name: str, save: Callable[[], Any], restore: Callable[[Any], None], reset: Callable[[], None]
) -> None:
    """Keep what `save` returns (JSON) when the cloud stops and give it to `restore` when it starts again.

    `reset` is called when all state of a running cloud is wiped.
    """
    _keepers[name] = _Keeper(save, restore, reset)


def save() -> None:
    """Write the document of every plug-in, each whole or not at all."""
    for name, keeper in _keepers.items():
        if path := _path(name):
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_suffix(".new")
            draft.write_text(json.dumps(keeper.save()))
            draft.replace(path)


def restore() -> None:
    """Give every plug-in its document; raises UnusableStateError for one that it cannot take.

    Without it the cloud would come back without what it had, and nobody would know.
    """
    for name, keeper in _keepers.items():
        path = _path(name)
        if path and path.exists():
            try:
                keeper.restore(json.loads(path.read_text()))
            except Exception as error:
                raise UnusableStateError(name, path, error) from error


def reset() -> None:
    """Have every plug-in forget what it holds."""
    for keeper in _keepers.values():
        keeper.reset()


def _path(name: str) -> Path | None:
    """Beside ministack's own files, whose wiping removes every `*.json` of that folder."""
    if os.environ.get("PERSIST_STATE") != "1":
        return None
    return Path(os.environ["STATE_DIR"]) / f"localcloud-{name}.json"
