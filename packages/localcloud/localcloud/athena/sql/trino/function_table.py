"""`python -m localcloud.athena.sql.trino.function_table`: Trino's functions, and the forms that are done.

It prints `function_table.md`.
"""

from __future__ import annotations

import sys

from localcloud.athena.sql.trino.analysis.special import CLAIMED_FORMS
from localcloud.athena.sql.trino.functions.catalog import CATALOG
from localcloud.athena.sql.trino.functions.names import TRINO_FUNCTIONS

HEADING = """\
# Trino's functions, and which are done here

Made by `python -m localcloud.athena.sql.trino.function_table`; a test holds that it is current, and another
that each function that is done gives Trino's value. A call in another form than those shown is refused as
Trino refuses it, with FUNCTION_NOT_FOUND. A function that is not done is refused with NOT_SUPPORTED and its
name. In the forms a capital letter is any type, the same wherever it is.
"""
SPECIAL = "a form of its own: its types are those of its arguments"


def forms(name: str) -> list[str]:
    """The forms of a function; [] where it is refused."""
    if name in CLAIMED_FORMS:
        return [SPECIAL]
    shown = [one.text + (", ..." if one.variadic else "") for one in CATALOG.get(name, ())]
    return list(dict.fromkeys(shown))


def table() -> str:
    """All names as Markdown."""
    names = sorted(TRINO_FUNCTIONS | (CATALOG.keys() - {"count_rows"}))
    lines = [f"| `{name}` | {_cell(forms(name))} |" for name in names]
    return "\n".join([HEADING, "| function | forms |", "|---|---|", *lines])


def _cell(found: list[str]) -> str:
    if found == [SPECIAL]:
        return SPECIAL
    return "<br>".join(f"`{one}`" for one in found) if found else "refused"


if __name__ == "__main__":
    sys.stdout.write(f"{table()}\n")
