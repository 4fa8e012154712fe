"""Deterministic zip archives: the same content gives the same bytes on any machine and any checkout."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from pathlib import Path

IGNORED_FOLDERS = {"__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache"}
IGNORED_SUFFIXES = {".pyc", ".pyo"}
EARLIEST_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


def files_in(folder: Path) -> list[Path]:
    """The files that ship, sorted by their path with `/`; caches, byte code and hidden files do not."""
    found = [path for path in folder.rglob("*") if path.is_file() and _ships(path.relative_to(folder))]
    return sorted(found, key=lambda path: path.relative_to(folder).as_posix())


def _ships(path: Path) -> bool:
    hidden = any(part.startswith(".") or part in IGNORED_FOLDERS for part in path.parts)
    return not hidden and path.suffix not in IGNORED_SUFFIXES


def archive(entries: Iterable[tuple[str, bytes]]) -> bytes:
    """Zip (name, content) pairs in the order of their names, without times, owners or umask."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        for name, content in sorted(entries):
            entry = zipfile.ZipInfo(name, EARLIEST_ZIP_DATE)
            entry.create_system = 3
            entry.external_attr = 0o100644 << 16
            # Stored, not deflated: compressed bytes differ between zlib builds.
            entry.compress_type = zipfile.ZIP_STORED
            target.writestr(entry, content)
    return buffer.getvalue()


def archive_folder(folder: Path) -> bytes:
    return archive((path.relative_to(folder).as_posix(), path.read_bytes()) for path in files_in(folder))
