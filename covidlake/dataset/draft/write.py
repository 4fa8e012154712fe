"""Write the draft of a description, or change nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from covidlake.base.errors import DataSetError
from covidlake.dataset import descriptions
from covidlake.dataset.draft.draft import draft
from covidlake.dataset.draft.names import check_name
from covidlake.dataset.draft.source_code import source_code


def write(name: str, objects: Sequence[Path], prefix: str, force: bool) -> Sequence[str]:
    """Write `jobs/datasets/NAME.py` from sample objects: what was guessed, as notes.

    Raises `DataSetError` when a name, a prefix or an object cannot be used, or a description is there
    already and `force` is not given. Then nothing is written.
    """
    check_name(name)
    path = descriptions.FOLDER / f"{name}.py"
    if path.exists() and not force:
        raise DataSetError(f"{descriptions.path(name)} exists: replace it with --force")
    before = path.read_bytes() if path.exists() else None
    found = draft(name, objects, prefix)
    try:
        path.write_bytes(source_code(found).encode())
        descriptions.check_statements(descriptions.load(name))
    except BaseException:  # an interrupt too must leave no half of it
        path.unlink(missing_ok=True) if before is None else path.write_bytes(before)
        raise
    return found.notes
