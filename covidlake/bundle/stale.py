"""Whether a bundle is what the checkout would give now: what was edited since is not in it."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import PurePosixPath

from covidlake.base.errors import ProjectError
from covidlake.bundle import package
from covidlake.bundle.manifest import Bundle

LIBRARY = "library.zip"
_KEY = re.compile(rb"artifacts/[0-9a-f]{64}/")
Sources = dict[str, bytes]  # content by the name of a file of the checkout


def stale_files(bundle: Bundle) -> list[str]:
    """The files of the checkout, and the templates made from it, that the bundle has otherwise or not.

    Where no bundle can be made of the checkout, the one entry is the reason.
    """
    try:
        now = _sources(package.content())
    except ProjectError as error:
        return [str(error)]
    there = {name: bundle.folder / name for name in bundle.manifest}
    then = _sources({name: path.read_bytes() for name, path in there.items() if path.is_file()})
    differ = {name for name in {*now, *then} if now.get(name) != then.get(name)}
    return sorted(name for name in differ if _carried(name) not in differ)


def _sources(files: dict[str, bytes]) -> Sources:
    found: Sources = {}
    for name, content in files.items():
        path = PurePosixPath(name)
        if path.parts[0] != "artifacts":
            found[name] = _KEY.sub(b"artifacts/", content)  # code of another digest is named by its files
        elif path.suffix == ".zip" and zipfile.is_zipfile(io.BytesIO(content)):
            folder = "jobs" if path.name == LIBRARY else f"lambdas/{path.stem}"
            found |= {f"{folder}/{entry}": data for entry, data in _entries(content)}
        else:
            found[f"jobs/{path.name}"] = content
    return found


def _carried(name: str) -> str:
    """The file of jobs/ that a function's archive may carry as this one."""
    return f"jobs/{name.split('/', 2)[2]}" if name.startswith("lambdas/") else ""


def _entries(content: bytes) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [(name, archive.read(name)) for name in archive.namelist()]
