"""The pages of the site: every link leads to a page, nothing runs and nothing is fetched."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from covidlake.cost import prices
from covidlake.cost.lines import Cost, Line
from covidlake.cost.month_cost import MonthCost
from covidlake.report.page import facts
from covidlake.report.page.collected import Gap
from covidlake.report.site import site
from covidlake.report.site.status import Status
from tests import recorded_executions

US = prices.load("us-east-1")
SO_FAR = Cost("dev, 3 executions", "us-east-1", US.date, (Line("dpu", 2, US["glue_dpu_hour"]),), ("a crawl",))
STANDING = Cost("resources", "us-east-1", US.date, (Line("Key", 1, US["kms_key_month"]),))
MONTH = MonthCost("2026-11", (), SO_FAR, STANDING, None, "schedule rate(1 moon) is not understood")
HOSTILE = "<script>alert(1)</script>"
RECORD = {"run_id": HOSTILE, "ended_at": HOSTILE, "status": "LOADED"}


@pytest.fixture(scope="module")
def status() -> Status:
    """Of recorded executions without their charts, which take their time and have tests of their own."""
    found = []
    for name in ("replayed", "nothing-new", "failed"):
        collected = recorded_executions.read(name)
        collected.charts.clear()
        found.append(facts.facts(collected))
    return Status("dev", datetime(2026, 11, 30, tzinfo=UTC).isoformat(), tuple(found), MONTH, ())


@pytest.fixture(scope="module")
def folder(status: Status, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("site")
    assert site.write(status, made) == made / "index.html"
    return made


def test_every_link_leads_to_a_page_of_the_site(folder: Path) -> None:
    text = (folder / "index.html").read_text(encoding="utf-8")
    links = set(re.findall(r'href="([^"]+)"', text))
    inside = {link.removeprefix("#") for link in links if link.startswith("#")}
    assert inside <= set(re.findall(r'id="([^"]+)"', text))
    pages = {link for link in links if not link.startswith("#")}
    assert pages == {"reports/replayed.html", "reports/nothing-new.html"}
    assert all((folder / page).is_file() for page in pages)
    assert "<h1>failed</h1>" in (folder / "reports/failed.html").read_text(encoding="utf-8")


def test_the_page_says_last_run_history_freshness_and_cost(folder: Path) -> None:
    text = (folder / "index.html").read_text(encoding="utf-8")
    for section in ("freshness", "history", "cost"):
        assert f'<section id="{section}"' in text
    for name in recorded_executions.DATA_SETS:
        assert f'scope="row">{name}</th>' in text
    assert "<strong>$1.88</strong> in 2026-11 so far" in text  # 2 DPU-hours x $0.44 + one key at $1
    assert "not known: schedule rate(1 moon) is not understood" in text
    assert "Not known: a crawl" in text


def test_nothing_runs_and_nothing_is_fetched(folder: Path) -> None:
    for path in (folder / "index.html", folder / "reports/replayed.html"):
        text = path.read_text(encoding="utf-8")
        assert text.startswith("<!doctype html>")
        (style,) = re.findall("<style>(.*?)</style>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        policy = f"default-src &#39;none&#39;; style-src &#39;sha256-{digest}&#39;; base-uri"
        assert policy in text
        assert not re.search(r"<(script|link|img|iframe|object|form)\b|\bon[a-z]+=|url\((?!#)", text)


def test_what_comes_from_outside_is_text(status: Status) -> None:
    gaps = (Gap(HOSTILE, HOSTILE),)
    hostile = replace(status.last.collected, records={HOSTILE: [RECORD]})
    shown = site.html(replace(status, reports=(facts.facts(hostile),), gaps=gaps))
    assert "<script" not in shown
    assert shown.count("&lt;script&gt;") >= 4


@pytest.mark.parametrize("name", ["../../index", "a/b", "größe", "", "x" * 81, "index.html"])
def test_a_name_cannot_leave_the_folder_of_the_reports(name: str) -> None:
    assert re.fullmatch(r"reports/execution-[0-9a-f]{16}\.html", site.place(name))
    assert site.place("ingest-2026-11-28") == "reports/ingest-2026-11-28.html"


def test_without_a_cost_the_page_says_so(status: Status) -> None:
    assert "The cost of the month is not known." in site.html(replace(status, month=None))
