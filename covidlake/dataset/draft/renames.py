"""Fields that older objects spell differently."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence

from covidlake.dataset.draft.sample_objects import Row, Sample

SIMILAR = 0.85  # as jobs/ingestion/read/schema_change.py


def present_row(row: Row, present: Mapping[str, str]) -> Row:
    """The row by the present names; of two fields with one name, the first value counts."""
    renamed: Row = {}
    for name, value in row.items():
        new = present.get(name, name)
        if renamed.get(new) in (None, ""):
            renamed[new] = value
    return renamed


def find(samples: Sequence[Sample]) -> tuple[dict[str, list[str]], list[str]]:
    """Fields that older objects spell differently: similar names that are never both in one object."""
    aliases: dict[str, list[str]] = {}
    notes: list[str] = []
    last = samples[-1].fields
    older = dict.fromkeys(name for sample in samples[:-1] for name in sample.fields if name not in last)
    for name in older:
        together = {other for sample in samples if name in sample.fields for other in sample.fields}
        alike = [other for other in last if other not in together and _alike(name, other)]
        if alike:
            aliases.setdefault(alike[0], []).append(name)
            notes.append(f"{name} is taken for the older name of {alike[0]}")
        else:
            notes.append(f"{name} is in older objects only: if it was renamed, name it under `aliases`")
    return aliases, notes


def _alike(first: str, second: str) -> bool:
    one, other = (re.sub(r"[^a-z0-9]", "", name.lower()) for name in (first, second))
    shortened = min(len(one), len(other)) >= 3 and (one.startswith(other) or other.startswith(one))
    return one == other or shortened or difflib.SequenceMatcher(None, one, other).ratio() >= SIMILAR
