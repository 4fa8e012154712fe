"""JSON from a file or a variable that anybody may have written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def parse(text: str | bytes) -> Any:
    """What the text holds; raises `ValueError` for all that is no JSON, and for one nested too deeply."""
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def read(path: Path) -> Any:
    """What a file in UTF-8 holds; raises `OSError` or `ValueError`."""
    return parse(path.read_text(encoding="utf-8"))
