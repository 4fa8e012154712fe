"""The cost of a plan below its table and in its comment."""

from __future__ import annotations

from pathlib import Path

from covidlake.base import console
from covidlake.base.markdown import fit
from covidlake.cost import plan_words
from covidlake.cost.plan_cost import Change, PlanCost
from covidlake.ship.plan import plan_markdown
from tests.unit.covidlake.ship.plan_samples import plan_of

COST = PlanCost(
    "us-east-1",
    "2026-11-28",
    (Change("Key | (x), a month", "-", "1 key-months x $1 = $1.00", 1.0), Change("each run", "a", "b")),
    ("a note @all",),
    ("what X costs",),
)


def test_the_comment_has_a_table_and_nobody_is_called() -> None:
    text = fit(plan_words.markdown(COST), 5_000, "")
    assert "**Cost: &#36;1.00 more a month for what stands; AWS&#39;s published prices of 2026-11-28" in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert {row.count("|") for row in rows} == {4}
    assert "@all" not in text
    assert "- **Not known**: <code>what X costs</code>" in text


def test_the_terminal_shows_the_same() -> None:
    shown = "".join(console.rendered(one) for one in plan_words.table(COST))
    assert (
        "Cost: $1.00 more a month for what stands; AWS's published prices of 2026-11-28 in us-east-1" in shown
    )
    assert "1 key-months x $1 = $1.00" in shown
    assert "Cost: a note @all" in shown
    assert "Cost not known: what X costs" in shown


def test_less_and_nothing_have_words_of_their_own() -> None:
    less = PlanCost("us-east-1", "2026-11-28", (Change("Key", "$1", "-", -1.0),))
    assert plan_words.summary(less).startswith("Cost: $1.00 less a month")
    job = PlanCost("us-east-1", "2026-11-28", (Change("each run", "a", "b"),))
    assert plan_words.summary(job).startswith("Cost: nothing that stands gets dearer or cheaper")
    assert plan_words.summary(PlanCost("x", "", unknown=("why",))) == "Cost: not known"


def test_where_nothing_changes_nothing_is_shown(tmp_path: Path) -> None:
    empty = PlanCost("us-east-1", "2026-11-28")
    assert (plan_words.markdown(empty), plan_words.table(empty)) == ([], [])
    plan = plan_of(tmp_path)
    assert plan_markdown.markdown(plan, more=plan_words.markdown(COST)).count("**Cost: ") == 1
    assert "Cost" not in plan_markdown.markdown(plan, more=plan_words.markdown(empty))
