"""A run and a month in all three forms."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from covidlake.cost import prices, show
from covidlake.cost.lines import Cost, Line
from covidlake.cost.month_cost import Forecast, MonthCost, RunCost

US = prices.load("us-east-1")
LINE = Line("job run: jr_1", 0.05, US["glue_dpu_hour"], "2 DPU x 90 s / 3,600")
RUN = Cost("execution <b>today</b>", "us-east-1", "2026-11-28", (LINE,), ("crawls of x: denied",))
STANDING = Cost("resources that stand", "us-east-1", "2026-11-28", (), ("what X costs by being there",))
MONTH = MonthCost(
    "2026-11",
    (RunCost("today", "SUCCEEDED", datetime(2026, 11, 28, 4, 15, tzinfo=UTC), RUN),),
    RUN,
    STANDING,
    Forecast("cron(15 4 * * ? *)", 2, 0.022, 1.1, 1.166, "$0.0220 so far + ..."),
)


def test_a_run_as_text_shows_each_line_with_its_arithmetic() -> None:
    first, line, *notes = show.run_text(RUN).splitlines()
    assert first == "execution <b>today</b>: $0.022"
    assert " ".join(line.split()) == (
        "job run $0.022 jr_1: 2 DPU x 90 s / 3,600 = 0.05 DPU-hours x $0.44 = $0.022"
    )
    assert notes[0] == "an estimate by AWS's published prices of 2026-11-28 in us-east-1, not the bill"
    assert notes[1].startswith("not in it: storage")
    assert notes[2] == "not known: crawls of x: denied"


def test_markdown_is_safe_and_whole() -> None:
    text = show.run_markdown(RUN)
    assert "<b>" not in text
    assert (
        "| job run: jr&#95;1 | 2 DPU x 90 s / 3,600 = 0.05 DPU-hours x &#36;0.44 = &#36;0.022 | $0.022 |"
        in text
    )
    assert "- not known: <code>crawls of x: denied</code>" in text


def test_json_holds_the_same() -> None:
    content = json.loads(show.run_json(RUN))
    assert content["usd"] == 0.022
    assert content["lines"][0]["source"] == "https://aws.amazon.com/glue/pricing/"
    assert content["unknown"] == ["crawls of x: denied"]


def test_a_month_has_its_runs_its_forecast_and_what_stands() -> None:
    text = show.month_text(MONTH)
    assert text.startswith("2026-11 so far: $0.022\n")
    assert "  today  SUCCEEDED  $0.022" in text
    assert "2026-11 in all: $1.17 (cron(15 4 * * ? *), 2 runs to come): $0.0220 so far + ..." in text
    assert "not known: what X costs by being there" in text
    marked = show.month_markdown(MONTH)
    assert "| <code>today</code> | <code>SUCCEEDED</code> | 2026-11-28 04:15 | $0.022 |" in marked
    content = json.loads(show.month_json(MONTH))
    assert content["forecast"]["runs"] == 2
    assert content["executions"][0]["by_service"] == {"Glue": 0.022}


def test_a_month_without_a_forecast_says_why() -> None:
    month = MonthCost("2026-11", (), RUN, STANDING, None, "nothing has run")
    assert show.forecast(month) == "not known: nothing has run"
    assert json.loads(show.month_json(month))["no_forecast_because"] == "nothing has run"
