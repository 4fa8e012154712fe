"""Run the cases of a client, one after the other, and print what became of each as a line of JSON.

Imported by the programs beside it, which run in the clients' own environment and know no local cloud.
"""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Callable

REFUSED = "localcloud does not support"
Case = Callable[[], None]
_CASES: list[Case] = []


def case(function: Case) -> Case:
    """Mark a function as a case; its name says what is tried."""
    _CASES.append(function)
    return function


def fails_with(words: str, call: Case) -> None:
    """The call has to raise an error with these words."""
    try:
        call()
    except Exception as error:
        if words not in str(error):
            raise
        return
    raise AssertionError(f"it did not fail with {words}")


def run() -> None:
    """`passed`, `refused` by an error that names what this cloud does not do, or `wrong`."""
    for function in _CASES:
        outcome, detail = "passed", ""
        try:
            function()
        except Exception as error:
            text = f"{type(error).__name__}: {error}"
            outcome = "refused" if REFUSED in text else "wrong"
            detail = (
                text[text.index(REFUSED) :][:200] if outcome == "refused" else f"{text[:600]} at {_place()}"
            )
        told = {"case": function.__name__.replace("_", " "), "outcome": outcome, "detail": detail}
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


def _place() -> str:
    frames = traceback.extract_tb(sys.exc_info()[2])
    return ", ".join(f"{frame.name}:{frame.lineno}" for frame in frames[1:4])
