"""The outline of a preview as one HTML file: no script, nothing fetched, a strict policy of content."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from covidlake.base.errors import ReportError
from covidlake.base.text import printable, shorten
from covidlake.laptop.preview.outline import Outline
from covidlake.report.page import page

if TYPE_CHECKING:
    from jinja2 import Environment

HERE = Path(__file__).parent
CELL = 300  # characters
LARGEST = 5_000_000  # bytes


def html(shown: Outline) -> str:
    """The page, in the style of the reports. Raises `ReportError` where it is larger than `LARGEST`."""
    style = page.stylesheet()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    made = _environment().get_template("page.html").render(outline=shown, style=style, policy=policy)
    if len(made.encode()) > LARGEST:
        raise ReportError(
            f"the page has {len(made.encode()):,} bytes, at most {LARGEST:,} are allowed: preview fewer data "
            "sets with --dataset, or read the JSON"
        )
    return made


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    made = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"own": Markup, "shown": lambda value: shorten(printable(str(value)), CELL)}
    return made
