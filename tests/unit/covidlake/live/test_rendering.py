"""The tree at widths of 20, 80 and 200 columns, and in few lines: nothing breaks, nothing acts."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest
from rich.cells import cell_len
from rich.console import Console

from covidlake.live.model import FAILED, SUCCEEDED, Event, Tree
from covidlake.live.rendering import TreeView

START = datetime(2026, 11, 28, 4, 15, tzinfo=UTC)
NOW = START + timedelta(seconds=75)
HOSTILE = "\x1b[31m[bold]@all[/] \u202e <b>" + "x" * 500


def event(kind: str, node: str, seconds: float = 0.0, **more: str) -> Event:
    return Event(kind, node, START + timedelta(seconds=seconds), **more)  # type: ignore[arg-type]


def sample() -> Tree:
    tree = Tree()
    for one in (
        event("begun", "x", title="execution today"),
        event("begun", "x/FindWork", parent="x", title="FindWork"),
        event("ended", "x/FindWork", 3.0, status=SUCCEEDED),
        event("begun", "x/RunJobs", 3.0, parent="x", title="RunJobs"),
        event("begun", "x/RunJobs[0]", 3.0, parent="x/RunJobs", title="uk_covid"),
        event("begun", "x/RunJobs[0]/RunJob", 3.0, parent="x/RunJobs[0]", title="RunJob"),
        event("retried", "x/RunJobs[0]/RunJob", 5.0),
        event("said", "x/RunJobs[0]/RunJob", 9.0, text="180 objects to read"),
    ):
        tree.apply(one)
    return tree


def draw(tree: Tree, width: int, height: int = 40, final: bool = False) -> list[str]:
    console = Console(file=io.StringIO(), record=True, width=width, height=height, color_system=None)
    console.print(TreeView(tree, NOW, final))
    return console.export_text(styles=False).splitlines()


@pytest.mark.parametrize("width", [20, 80, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    tree = sample()
    tree.apply(event("noted", "x", text=HOSTILE))
    tree.apply(event("begun", "x/long", parent="x", title=HOSTILE))
    lines = draw(tree, width)
    assert len(lines) == 6
    assert max(map(cell_len, lines)) <= width


def test_what_runs_is_shown_with_time_retries_and_its_own_line() -> None:
    shown = draw(sample(), 80)
    assert shown[1] == "  ✓ FindWork  3.0 s"
    assert shown[2][4:] == "RunJobs  1 min 12 s"
    assert shown[4][8:] == "RunJob (1 retry)  1 min 12 s  180 objects to read"


def test_a_narrow_terminal_shows_what_matters() -> None:
    shown = draw(sample(), 20)
    assert shown[1] == "  ✓ FindWork 3.0 s"
    assert shown[4].endswith("…")


def test_what_is_finished_is_a_line() -> None:
    tree = sample()
    for node in ("x/RunJobs[0]/RunJob", "x/RunJobs[0]", "x/RunJobs"):
        tree.apply(event("ended", node, 60.0, status=SUCCEEDED))
    assert [line.split()[1] for line in draw(tree, 80)] == ["execution", "FindWork", "RunJobs"]


def test_what_failed_stays_open_with_its_reason() -> None:
    tree = sample()
    tree.apply(event("ended", "x", 60.0, status=FAILED, text="uk_covid in RunJob"))
    shown = draw(tree, 80, final=True)
    assert shown[0] == "✗ execution today  1 min 00 s  uk_covid in RunJob"
    assert shown[-1].strip() == "✗ RunJob (1 retry)  57 s"


def test_texts_of_others_act_upon_nothing() -> None:
    tree = sample()
    tree.apply(event("said", "x/RunJobs[0]/RunJob", text=HOSTILE))
    text = "\n".join(draw(tree, 200))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "\\u001b[31m[bold]@all[/]" in text


@pytest.mark.parametrize("height", [3, 6, 10])
def test_a_low_terminal_loses_what_is_finished_first(height: int) -> None:
    tree = sample()
    for number in range(30):
        tree.apply(event("begun", f"x/{number}", parent="x", title=f"S{number}"))
        tree.apply(event("ended", f"x/{number}", 1.0, status=SUCCEEDED))
    lines = draw(tree, 80, height)
    assert len(lines) <= max(height - 2, 3)
    assert "execution today" in lines[0]
    assert any("finished" in line for line in lines)
    if height == 10:
        assert any("RunJob (1 retry)" in line for line in lines)
    assert len(draw(tree, 80, height, final=True)) == 35, "at the end all of it is printed"


def test_more_than_fits_is_said() -> None:
    tree = Tree()
    tree.apply(event("begun", "x", title="execution"))
    for number in range(30):
        tree.apply(event("begun", f"x/{number}", parent="x", title=f"S{number}"))
    lines = draw(tree, 80, 10)
    assert len(lines) == 8
    assert lines[-1] == "  … 24 lines more"


def test_the_spinner_turns_and_stands_still_at_the_end() -> None:
    tree = sample()
    first, second = (TreeView(tree, NOW + timedelta(seconds=part)) for part in (0, 0.125))
    console = Console(file=io.StringIO(), width=80)
    marks = []
    for view in (first, second):
        with console.capture() as captured:
            console.print(view)
        marks.append(captured.get()[0])
    assert marks[0] != marks[1]
    assert draw(tree, 80, final=True)[0].startswith("· execution today")


def test_without_such_letters_it_is_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    shown = draw(sample(), 80)
    assert shown[1] == "  + FindWork  3.0 s"
    assert shown[0][0] in "|/-\\"
