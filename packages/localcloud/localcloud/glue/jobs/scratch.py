"""The part of the tree that stays on the local disk: what Spark's committers write and rename."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CHUNK = 1 << 20


@dataclass(frozen=True)
class Entry:
    """One file or folder; `name` is relative to the folder that was listed, `modified` is in milliseconds."""

    name: str = ""
    size: int = 0
    modified: int = 0
    is_folder: bool = False


def is_scratch(path: str) -> bool:
    return any(part == "_temporary" or part.startswith(".spark-staging-") for part in path.split("/"))


def local_entry(path: Path, name: str = "") -> Entry | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    is_folder = path.is_dir()
    return Entry(name, 0 if is_folder else found.st_size, int(found.st_mtime * 1000), is_folder)


def delete_local(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def read_local(path: Path, offset: int, length: int | None) -> tuple[int, Iterator[bytes]] | None:
    if not path.is_file():
        return None
    rest = max(0, path.stat().st_size - offset)
    size = rest if length is None else min(rest, length)

    def chunks() -> Iterator[bytes]:
        with path.open("rb") as stream:
            stream.seek(offset)
            left = size
            while left and (chunk := stream.read(min(left, CHUNK))):
                left -= len(chunk)
                yield chunk

    return size, chunks()
