"""`covidlake report`: collect the facts of an execution, and write them in a form."""

from __future__ import annotations

from pathlib import Path

from covidlake.base import project
from covidlake.report.form import Form
from covidlake.report.page import collect, data, facts, markdown, page
from covidlake.report.page.facts import Facts

FILE = project.BUILD / "report.html"


_FORMS = {Form.HTML: page.html, Form.MARKDOWN: markdown.markdown, Form.JSON: data.to_json}


def found(environment: str, execution: str | None = None, beside: Facts | None = None) -> Facts:
    """The facts of an execution, by default of the last one. Raises `IngestionError` where there is none.

    `beside` are those of another one that were found just now: what they share is not asked for again.
    """
    return facts.facts(collect.collect(environment, execution, beside.collected if beside else None))


def text(of: Facts, form: Form) -> str:
    """The report in this form."""
    return _FORMS[form](of)


def write(of: Facts, form: Form = Form.HTML, path: Path = FILE) -> Path:
    """Write the report to a file, and return its path."""
    made = text(of, form)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(made, encoding="utf-8")
    return path
