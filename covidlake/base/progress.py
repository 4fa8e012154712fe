"""What a command says while it works: whoever calls a verb decides where its lines go."""

from __future__ import annotations

from collections.abc import Callable

# Takes one line at a time. `console.detail` prints it; a test or a report may keep it.
Progress = Callable[[str], None]
