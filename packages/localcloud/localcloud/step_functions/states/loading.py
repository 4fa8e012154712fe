"""Imports the interpreter when it is first needed, in one thread at a time."""

from __future__ import annotations

import importlib
from threading import RLock
from typing import Any

_lock = RLock()


def interpreter() -> Any:
    """The module `localcloud.step_functions.states.interpreter`; importing moto takes about a second."""
    return _load("localcloud.step_functions.states.interpreter")


def execution() -> Any:
    """The module `localcloud.step_functions.states.execution`, which needs the interpreter."""
    return _load("localcloud.step_functions.states.execution")


def trial() -> Any:
    """The module `localcloud.step_functions.states.trials.trial`, which needs the interpreter."""
    return _load("localcloud.step_functions.states.trials.trial")


def _load(name: str) -> Any:
    # Two threads that import parts of moto at once wait for each other's modules for ever.
    with _lock:
        return importlib.import_module(name)
