"""Whether a bundle is what the files beside it would make: an edit without `make build` changes nothing."""

from __future__ import annotations

import hashlib

from covidlake.base.errors import ProjectError
from covidlake.bundle import package
from covidlake.bundle.manifest import Bundle


def stale_files(bundle: Bundle) -> list[str]:
    """The files of the bundle that would be other ones now, or more or fewer; [] where none can be made."""
    try:
        now = {name: hashlib.sha256(content).hexdigest() for name, content in package.content().items()}
    except ProjectError:  # whatever is wrong, package says
        return []
    changed = {name for name in {*now, *bundle.manifest} if now.get(name) != bundle.manifest.get(name)}
    return sorted({_readable(name) for name in changed})


def _readable(name: str) -> str:
    """An artifact without the digest in its path."""
    return name.rpartition("/")[2] if name.startswith("artifacts/") else name
