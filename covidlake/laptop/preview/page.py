"""The outline of a preview as one HTML file: no script, nothing fetched, a strict policy of content."""

from __future__ import annotations

from pathlib import Path

from covidlake.base.errors import ReportError
from covidlake.laptop.preview.outline.parts import Outline
from covidlake.report.page import page

HERE = Path(__file__).parent
LARGEST = 5_000_000  # bytes


def html(shown: Outline) -> str:
    """The page, in the style of the reports. Raises `ReportError` where it is larger than `LARGEST`."""
    made = page.render("preview.html", HERE, outline=shown)
    if len(made.encode()) > LARGEST:
        raise ReportError(
            f"the page has {len(made.encode()):,} bytes, at most {LARGEST:,} are allowed: preview fewer data "
            "sets with --dataset, or read the JSON"
        )
    return made
