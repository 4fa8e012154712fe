"""What plug-ins keep between two runs of a cloud: one JSON document each, beside ministack's own state.

Call `keep` in the plug-in's `install`. A cloud that is not asked to keep state never saves or restores.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_logger = logging.getLogger(__name__)


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
    """Give every plug-in its document; one that cannot be used is logged and left out."""
    for name, keeper in _keepers.items():
        path = _path(name)
        if path and path.exists():
            try:
                keeper.restore(json.loads(path.read_text()))
            except Exception:
                _logger.exception("the state of %s in %s cannot be restored", name, path)


def reset() -> None:
    """Have every plug-in forget what it holds."""
    for keeper in _keepers.values():
        keeper.reset()


def _path(name: str) -> Path | None:
    """Beside ministack's own files, whose wiping removes every `*.json` of that folder."""
    if os.environ.get("PERSIST_STATE") != "1":
        return None
    return Path(os.environ["STATE_DIR"]) / f"localcloud-{name}.json"
