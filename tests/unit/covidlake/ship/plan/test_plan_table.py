"""A plan is readable in a terminal, and harmless and bounded as a comment."""

import re
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from covidlake.base.markdown import LIMIT, code
from covidlake.ship.plan import plan_file, plan_table
from covidlake.ship.plan.model import Plan
from covidlake.ship.plan.plan_markdown import markdown
from tests.unit.covidlake.ship.plan_samples import change, context, plan_of

EVIL = (
    "a|b`c`</details><script>@admin #12 [x](http://evil) **b** _i_ ~~s~~ $m$ www.evil.com"
    "\n\n# h \u202e\x1b[31m</pre>"
)


def topic(name: str, before: str, after: str, **more: Any) -> dict[str, Any]:
    return change(
        name,
        "AWS::SNS::Topic",
        BeforeContext=context(DisplayName=before),
        AfterContext=context(DisplayName=after),
        **more,
    )


def shown(plan: Plan) -> str:
    console = Console(width=250, record=True, file=None, quiet=True)
    with console.capture() as captured:
        console.quiet = False
        console.print(plan_table.table(plan))
    return captured.get()


def test_the_table_tells_action_values_parameters_and_call_outs(tmp_path: Path) -> None:
    plan = plan_of(
        tmp_path,
        topic("Topic", "old name", "new name", PhysicalResourceId="arn:aws:sns:::t"),
        change("LakeBucket", "AWS::S3::Bucket", "Remove", PolicyAction="Retain"),
        parameters=({"Areas": "*"}, {"Areas": "UK"}),
        tags=({"Team": "a"}, {"Team": "b"}),
    )
    text = shown(plan)
    for part in ("old name", "new name", "arn:aws:sns:::t", "Areas", "UK", "Team", "Retain", "DisplayName"):
        assert part in text
    assert "Destructive: LakeBucket (AWS::S3::Bucket): removed from the stack" in text
    assert (
        "1 to modify, 1 to remove, 1 parameter changed, 1 stack tag changed; call-outs: 1 destructive" in text
    )


def test_no_change_is_said(tmp_path: Path) -> None:
    plan = plan_of(tmp_path)
    assert "no change" in shown(plan)
    assert "**no change**" in markdown(plan)


def test_long_values_are_shortened_where_they_differ_but_whole_in_json(tmp_path: Path) -> None:
    same = "x" * 5000
    plan = plan_of(tmp_path, topic("Topic", same + "old", same + "new"))
    for text in (shown(plan), markdown(plan)):
        assert same not in text
        assert "xold" in text
        assert "xnew" in text
    assert same + "new" in plan_file.to_json(plan)


def evil_plan(folder: Path) -> Plan:
    return plan_of(
        folder,
        topic("Topic", EVIL, EVIL + "2", PhysicalResourceId=EVIL),
        parameters=({"Areas": EVIL}, {"Areas": "UK"}),
        tags=({EVIL: EVIL}, {}),
    )


def test_values_cannot_break_out_of_the_comment(tmp_path: Path) -> None:
    text = markdown(evil_plan(tmp_path))
    for element in ("<script", "\u202e", "\x1b"):
        assert element not in text
    for element in ("details", "pre"):
        assert len(re.findall(f"<{element}\\b", text)) == text.count(f"</{element}>") == 1
    outside = re.sub(r"<pre .*?</pre>", "", text, flags=re.DOTALL)  # Markdown is not read inside of it
    for active in ("](", "**b**", "~~", "`", "\n# h", "http://", "www."):
        assert active not in outside
    assert "@" not in re.sub(r"<code>.*?</code>", "", outside)


def test_every_row_of_a_table_has_its_columns(tmp_path: Path) -> None:
    rows = [line for line in markdown(evil_plan(tmp_path)).splitlines() if line.startswith("|")]
    assert {row.count("|") for row in rows} == {8, 4}


def test_a_terminal_gets_no_control_character(tmp_path: Path) -> None:
    text = shown(evil_plan(tmp_path))
    assert "\x1b[31m" not in text
    assert "\u202e" not in text


@pytest.mark.parametrize("char", list("&<>\"'\\`*_[]{}()|~@#$!^"))
def test_what_markdown_acts_upon_is_escaped(char: str) -> None:
    assert code(f"a{char}b") == f"<code>a&#{ord(char)};b</code>"


def many(folder: Path, count: int) -> Plan:
    changes = [topic(f"Topic{number:03}", "a" * 300, "b" * 300 + str(number)) for number in range(count)]
    return plan_of(folder, change("Lake", "AWS::S3::Bucket", "Remove"), *changes)


@pytest.mark.parametrize("limit", [LIMIT, 20_000, 3_000, 700])
def test_a_comment_is_cut_between_two_parts_and_says_so(tmp_path: Path, limit: int) -> None:
    text = markdown(many(tmp_path, 400), limit)
    assert len(text.encode("utf-16-le")) // 2 <= limit
    assert text.count("<details>") == text.count("</details>")
    assert re.search(r"_Cut here: \d+ more parts are in the JSON form of the plan\._\n$", text)
    assert "**Destructive**" in text
    assert all(line.endswith("|") for line in text.splitlines() if line.startswith("|"))


def test_what_fits_is_not_cut(tmp_path: Path) -> None:
    plan = many(tmp_path, 3)
    text = markdown(plan)
    assert "Cut here" not in text
    assert markdown(plan, len(text.encode("utf-16-le")) // 2) == text


def test_the_comment_can_be_found_again(tmp_path: Path) -> None:
    assert markdown(plan_of(tmp_path)).startswith("<!-- covidlake-plan:dev -->\n")
