"""The verb: facts of an execution, in a file."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from covidlake.report.form import Form
from covidlake.report.page import collect, report
from covidlake.report.page.facts import Facts


@pytest.mark.parametrize(
    ("form", "begin"), [(Form.HTML, "<!doctype html>"), (Form.MARKDOWN, "### Ingestion")]
)
def test_each_form_is_written(form: Form, begin: str, told: Callable[[str], Facts], tmp_path: Path) -> None:
    facts = replace(told("nothing-new"), charts=(), trend=())
    path = report.write(facts, form, tmp_path / "new" / "report")
    assert path.read_text(encoding="utf-8").lstrip().startswith(begin)


def test_the_facts_are_those_that_were_collected(
    told: Callable[[str], Facts], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, str | None, object]] = []

    def collected(environment: str, name: str | None, beside: object) -> object:
        asked.append((environment, name, beside))
        return told("failed").collected

    monkeypatch.setattr(collect, "collect", collected)
    found = report.found("dev", "failed")
    assert asked == [("dev", "failed", None)]
    assert json.loads(report.text(found, Form.JSON))["status"] == "FAILED"
