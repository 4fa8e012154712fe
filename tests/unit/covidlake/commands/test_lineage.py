"""The command shows the lineage of a column without any cloud."""

from __future__ import annotations

import typer
from typer.testing import CliRunner

from covidlake.commands import dataset, lineage


def test_it_shows_what_a_column_is_made_of() -> None:
    app = typer.Typer()
    lineage.register(app)
    dataset.register(app)
    done = CliRunner().invoke(app, ["lineage", "uk_covid.month"], catch_exceptions=False)
    assert done.exit_code == 0
    assert "uk_covid/json/: date" in done.stdout
    assert "date written as yyyy-MM" in done.stdout
