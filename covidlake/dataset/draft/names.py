"""The name of a data set and the prefix of its objects, as a user gives them."""

from __future__ import annotations

import keyword
import re

from covidlake.base.errors import DataSetError
from covidlake.base.text import printable, shorten

LONGEST_NAME, LONGEST_PREFIX = 100, 512  # characters, bytes


def check_name(name: str) -> None:
    """Raise `DataSetError` for a name that a table or a module cannot have."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
        raise DataSetError(
            f"{name!r} cannot be the name of a data set: take lower-case letters, digits and underscores, "
            "a letter first, and not a keyword of Python, such as daily_reports"
        )
    if len(name) > LONGEST_NAME:
        raise DataSetError(
            f"{shorten(name, 40)!r} cannot be the name of a data set: it has {len(name)} of at most "
            f"{LONGEST_NAME} letters"
        )


def key_prefix(text: str) -> str:
    """Where objects lie in the bucket, also of an S3 URI: `s3://bucket/x/` is `x/`.

    Raises `DataSetError` where that is not a folder.
    """
    key = re.sub(r"^s3[an]?://[^/]*", "", text).strip("/")
    if printable(key) != key or len(key.encode(errors="replace")) > LONGEST_PREFIX:
        raise DataSetError(
            f"--prefix {shorten(text)}: no objects lie there: give at most {LONGEST_PREFIX} printable "
            "characters"
        )
    if not key or "://" in key or {"", ".", ".."} & set(key.split("/")):
        raise DataSetError(
            f"--prefix {text}: names no folder of a bucket: give its key alone, such as jhu/csv/"
        )
    return f"{key}/"
