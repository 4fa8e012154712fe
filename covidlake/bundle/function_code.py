"""The code of a Lambda function: its folder in `lambdas/`, and what it carries of `jobs/`.

`carries.txt` in the folder names files and folders of `jobs/`, one a line.
"""

from __future__ import annotations

from pathlib import Path

from covidlake.base import project
from covidlake.base.errors import BundleError
from covidlake.bundle.archive import files_in

CARRIES = "carries.txt"


def folders() -> list[Path]:
    return sorted(path.parent for path in project.LAMBDAS.glob("[!.]*/handler.py"))


def files(folder: Path) -> list[tuple[str, bytes]]:
    """Names and contents, as they lie at the root of the archive.

    Raises `BundleError` for something that is to be carried and is not there.
    """
    own = [(path.relative_to(folder).as_posix(), path) for path in files_in(folder)]
    carried = [(path.relative_to(project.JOBS).as_posix(), path) for path in _carried(folder)]
    return [(name, path.read_bytes()) for name, path in [*own, *carried] if name != CARRIES]


def gathers(folder: Path) -> bool:
    """Whether the code does not lie in the folder alone."""
    return (folder / CARRIES).is_file()


def _carried(folder: Path) -> list[Path]:
    if not gathers(folder):
        return []
    found: list[Path] = []
    for line in (folder / CARRIES).read_text(encoding="utf-8").splitlines():
        path = project.JOBS / line.strip()
        if not line.strip() or not path.exists():
            raise BundleError(
                f"{project.relative(folder / CARRIES)}: jobs/{line.strip()} is not there: name files and "
                "folders of jobs/, one a line"
            )
        found += files_in(path) if path.is_dir() else [path]
    return found
