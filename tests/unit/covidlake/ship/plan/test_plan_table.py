"""A plan is readable in a terminal."""

from pathlib import Path
from typing import Any

from rich.console import Console

from covidlake.base import console
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


def test_a_terminal_gets_no_control_character(tmp_path: Path) -> None:
    text = shown(evil_plan(tmp_path))
    assert "\x1b[31m" not in text
    assert "\u202e" not in text


def test_what_the_bucket_lacks_is_called_out_although_nothing_changes() -> None:
    plan = Plan("dev", "s", "UPDATE", "0" * 64, absent=("artifacts/0/ingest.py",))
    assert plan_table.title(plan) == "s: no change; 1 artifact missing in the bucket"
    said = "Missing in the artifact bucket, a deploy sends it again: ingest.py"
    assert said in console.rendered(plan_table.table(plan))
    assert said in markdown(plan)
    assert plan_file.from_json(plan_file.to_json(plan)) == plan
