"""The files of a folder that become objects of the bucket, by their keys, and those that do not."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from covidlake.base.errors import SourceError
from covidlake.base.text import printable, shorten

LONGEST = 1024  # bytes of a key in S3


@dataclass
class Found:
    """`left_out` are files at the root and hidden ones, which belong to no data set, and links to folders."""

    files: dict[str, Path] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)


def found_in(folder: Path) -> Found:
    """Raises `SourceError` for a name that a job could not read, and for a folder that may not be read."""
    found = Found()
    for place, folders, names in os.walk(folder, onerror=_unreadable):
        links = [name for name in folders if Path(place, name).is_symlink()]
        for path in (Path(place, name) for name in [*names, *links]):
            key = path.relative_to(folder).as_posix()
            if _is_object(path, key):
                check_key(key)
                found.files[key] = path
            else:
                found.left_out.append(key)
    return Found(dict(sorted(found.files.items())), sorted(found.left_out))


def check_key(key: str) -> None:
    """Raise `SourceError` for a key that S3 cannot have, or that Spark cannot read."""
    shown = shorten(printable(key))
    try:
        length = len(key.encode())
    except UnicodeEncodeError as error:
        raise SourceError(f"{shown}: the name is not UTF-8, no object can have it: rename it") from error
    if any(char < " " or char == "\x7f" for char in key):
        raise SourceError(f"{shown}: the name has a control character, no job could read it: rename it")
    if length > LONGEST:
        raise SourceError(f"{shown}: the key has {length:,} of at most {LONGEST:,} bytes: shorten it")


def is_hidden(key: str) -> bool:
    """Whether the file, or a folder of it, begins with a dot."""
    return any(part.startswith(".") for part in key.split("/"))


def _is_object(path: Path, key: str) -> bool:
    return "/" in key and not is_hidden(key) and path.is_file()


def _unreadable(error: OSError) -> NoReturn:
    raise SourceError(f"{error.filename}: {error.strerror}: give a folder that you may read") from error
