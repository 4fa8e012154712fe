"""A preview is written as JSON and read back; what anybody else wrote is refused or harmless."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from covidlake.base.errors import ReportError
from covidlake.base.markdown import length
from covidlake.laptop.preview import gate, model, page, renderings
from covidlake.laptop.preview.model import (
    Answer,
    ColumnChange,
    DataSetChange,
    Example,
    Move,
    Preview,
    QueryChange,
    RuleChange,
    Segment,
    SegmentChange,
    SegmentsChange,
    Side,
    Statistic,
    TableChange,
    Upgrade,
)
from covidlake.laptop.preview.outline.outline import outline

EVIL = "<script>alert(1)</script> @everyone ::error::x <!-- covidlake:plan --> | [a](http://evil) `\n\n# x"


def preview(text: str = "x", rows: int = 1) -> Preview:
    """One of everything, with this text wherever a text may stand."""
    example = Example(text, text, None)
    column = ColumnChange(
        text, "int", "string", 5, (example,) * 5, Statistic(9, 3, text, text), Statistic(9, 0)
    )
    side = Side(9, 1, 100, (text,))
    table = TableChange(text, side, side, (text,), 1, 2, 3, (column,) * rows, (text,), (text,), text)
    answer = Answer((text,), ((text,),), 1)
    segment = SegmentChange(text, Segment(3, ((text, 1.5),)), Segment(4, ((text, 2.5),)))
    change = DataSetChange(
        text, model.CHANGED, text, (text,), "", "", (text,), (text, "y"), 9, 9, (table,),
        ((text, 1, 2),), (RuleChange(text, "weaker", text, text, 1, 2),), (("max_removed", 0.1, 0.2),),
        (QueryChange(text, answer, answer, 1),), Upgrade("LOADED", text), (table,), is_pipeline=True,
        segments=SegmentsChange(9, 1, 1, (segment,), (Move(text, text, 3, (text,)),), (text,), (text,)),
    )  # fmt: skip
    return Preview("base", text, text, (change,), (text,), (text,), (text,))


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    made = preview()
    path = tmp_path / "data.json"
    path.write_text(renderings.as_json(made, gate.judge(made)))
    assert model.load(path) == made


def broken() -> list[Any]:
    good = {"preview": preview().as_json()}
    whole = good["preview"]
    return [
        [], {}, None, 1, "x", {"preview": None}, {"preview": {**whole, "seconds": "long"}},
        {"preview": {**whole, "seconds": 1e999}}, {"preview": {**whole, "data_sets": {}}},
        {"preview": {**whole, "data_sets": [1]}}, {"preview": {**whole, "base": True}},
        {"preview": {**whole, "more": 1}}, {"preview": {**whole, "version": 99}},
        {"preview": {**whole, "base": None}},
        {"preview": {name: value for name, value in whole.items() if name != "base"}},
        {"preview": {**whole, "library": ["x"] * 100_000}},
    ]  # fmt: skip


@pytest.mark.parametrize("content", broken())
def test_what_is_no_preview_is_refused_in_one_line(content: Any) -> None:
    with pytest.raises(ReportError) as raised:
        model.read(json.dumps(content))
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "x" * (model.LARGEST + 1)])
def test_a_text_that_is_no_json_or_too_long_is_refused(text: str) -> None:
    with pytest.raises(ReportError):
        model.read(text)


def test_a_file_that_is_not_there_or_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    for name in ("binary", "none"):
        with pytest.raises(ReportError, match="cannot be read"):
            model.load(tmp_path / name)


def drawn(made: Preview, accepted: bool = False) -> Any:
    return outline(made, gate.judge(made), accepted)


def test_no_text_of_a_preview_breaks_out_of_its_place() -> None:
    shown = drawn(preview(EVIL))
    text = renderings.markdown(shown)
    for active in ("<script", "@everyone", "<!--", "](http", "\n# x"):
        assert active not in text.replace("&#", ""), active
    html = page.html(shown)
    assert "<script" not in html
    assert "default-src " in html


def test_markdown_is_cut_to_its_limit_between_whole_parts() -> None:
    made = preview("x" * 200, rows=60)
    many = Preview("a", "b", "sample", made.data_sets * 60)
    text = renderings.markdown(drawn(many), 20_000)
    assert length(text) <= 20_000
    assert "Cut here" in text
    assert text.count("<details>") == text.count("</details>")


def test_every_form_says_what_the_gate_stops_and_whether_it_is_accepted() -> None:
    from covidlake.base import console

    made = preview()
    red, green = drawn(made), drawn(made, accepted=True)
    assert red.red
    assert not green.red
    for form in (renderings.markdown, page.html, lambda shown: console.rendered(renderings.terminal(shown))):
        assert "The gate is red" in form(red)
        assert "column was" in form(red) or "key was" in form(red)
        assert "accepted" in form(green)


def test_a_comparison_with_a_real_lake_is_not_called_judged_nor_counted() -> None:
    table = TableChange("t", Side(10, 1, 1, ()), Side(500, 1, 1, ()), rows_compared=False)
    change = DataSetChange("t", model.CHANGED, tables=(table,))
    text = renderings.markdown(outline(Preview("lake", "head", "sample", (change,)), None))
    assert "Not judged" in text
    assert "green" not in text
    assert outline(Preview("a", "b", "c", (change,)), None).tables[0].rows[0][-4:] == ("-", "-", "-", "-")
    failed = Preview("a", "b", "c", (DataSetChange("t", model.FAILED, fails_after="boom"),))
    assert outline(failed, None).red
