"""`docs/cli.md` says what the command line says."""

from __future__ import annotations

import re

from covidlake.base import errors
from covidlake.base.errors import CovidLakeError
from docs import cli_reference


def test_the_reference_is_current() -> None:
    assert cli_reference.PAGE.read_text(encoding="utf-8") == cli_reference.reference(), "run: make docs"


def test_every_exit_code_has_its_line() -> None:
    listed = {int(code) for code in re.findall(r"^\| (\d+) \|", cli_reference.reference(), flags=re.M)}
    raised = {
        kind.exit_code
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, CovidLakeError)
    }
    assert listed == set(errors.EXIT_CODES)
    assert listed >= raised
