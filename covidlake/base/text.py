"""Text for people: safe to print, and short enough to read."""

from __future__ import annotations

import unicodedata
from itertools import takewhile

SHORT = 120  # characters of a value in a table
SHARED = 30  # characters shown of what two long values begin with alike
# Control, format, surrogate, private and unassigned characters, and separators of lines and paragraphs.
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def printable(text: str) -> str:
    """The text with control characters, also those that turn or hide what follows, written as escapes."""
    return "".join(_escape(char) if unicodedata.category(char) in _HIDDEN else char for char in text)


def printable_lines(text: str) -> str:
    """The same, but line breaks stay what they are."""
    return "\n".join(printable(line) for line in text.split("\n"))


def _escape(char: str) -> str:
    return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(char, f"\\u{ord(char):04x}")


def one_line(text: object) -> str:
    """The text with each run of white space as one space."""
    return " ".join(str(text).split())


def count(number: int, noun: str, plural: str = "") -> str:
    """`1 resource`, `2 resources`."""
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"


def shorten(text: str, limit: int = SHORT) -> str:
    """At most `limit` characters."""
    return text if len(text) <= limit else f"{text[: limit - 2]} …"


def shorten_pair(before: str, after: str, limit: int = SHORT) -> tuple[str, str]:
    """Two texts from a little before they begin to differ."""
    if max(len(before), len(after)) <= limit:
        return before, after
    alike = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(before, after, strict=False)))
    start = max(0, alike - SHARED)
    lead = "… " if start else ""
    return shorten(lead + before[start:], limit), shorten(lead + after[start:], limit)
