"""The folders of partitions as Hive names them: `key=value`, with signs that mean something escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable

NO_VALUE = "__HIVE_DEFAULT_PARTITION__"
_SPECIAL = re.compile(r"""[\x01-\x1f"#%'*/:=?\\\x7f{\[\]^]""")


def partition_name(keys: Iterable[str], values: Iterable[str]) -> str:
    """`key=value/key=value`, escaped."""
    return "/".join(f"{escape(key)}={escape(value)}" for key, value in zip(keys, values, strict=True))


def escape(text: str) -> str:
    """A key or value as a part of a path; what is empty has the name of no value."""
    return _SPECIAL.sub(lambda sign: f"%{ord(sign[0]):02X}", text) or NO_VALUE


def unescape(text: str) -> str:
    """The key or value of a part of a path."""
    return re.sub(r"%([0-9a-fA-F]{2})", lambda code: chr(int(code[1], 16)), text)
