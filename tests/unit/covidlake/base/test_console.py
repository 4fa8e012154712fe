"""The one printer: results on standard output, everything else on standard error, nothing acted upon."""

from __future__ import annotations

import io

import pytest
from rich.console import Console, Group
from rich.markup import escape
from rich.text import Text

from covidlake.base import console


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Consoles without a terminal, as in a pipe."""
    results = console.escaping(Console(soft_wrap=True, emoji=False, width=200))
    monkeypatch.setattr(console, "results", results)
    plain = Console(stderr=True, soft_wrap=True, highlight=False, emoji=False, width=200)
    monkeypatch.setattr(console, "progress", console.escaping(plain))


def test_a_result_is_said_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    console.say("[bold]not markup[/] :key: in an ARN")
    assert capsys.readouterr() == ("[bold]not markup[/] :key: in an ARN\n", "")


def test_what_a_program_reads_keeps_every_character(capsys: pytest.CaptureFixture[str]) -> None:
    console.write("a\tb,[red]" + "x" * 500 + "\n\n")
    assert capsys.readouterr().out == "a\tb,[red]" + "x" * 500 + "\n"


def test_errors_and_details_go_to_standard_error_on_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    console.error("two\nlines [red]")
    console.detail("so\x1b far")
    assert capsys.readouterr() == ("", "error: two\\nlines [red]\n    so\\u001b far\n")


def test_a_table_shows_missing_values_and_sets_numbers_to_the_right() -> None:
    table = console.table(["name", "rows"], [["[b]", "-1.5"], [None, None]])
    name, rows = table.columns
    assert (name.justify, rows.justify) == ("left", "right")
    assert list(rows.cells) == ["-1.5", "-"]
    assert "[b]" in console.rendered(table)


def test_stages_are_kept_with_their_time_also_when_they_fail(capsys: pytest.CaptureFixture[str]) -> None:
    stages = console.Stages()
    with stages.stage("Build") as stage:
        stage.note = "3 files"
    with pytest.raises(ValueError, match="no"), stages.stage("Deploy"):
        raise ValueError("no")
    assert [one.title for one in stages.finished] == ["Build", "Deploy"]
    shown = capsys.readouterr().err
    assert "✓ Build" in shown
    assert "3 files" in shown
    assert "✗ Deploy" in shown


def test_a_bar_is_drawn_only_in_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with console.progress_bar("send", 2) as step:
        step()
        step()
    assert capsys.readouterr() == ("", "")


EVIL = "\x1b]0;title\x07\x9b31m\u202e\r"
SHOWN = "\\u001b]0;title\\u0007\\u009b31m\\u202e\\r"


def test_no_way_of_showing_lets_a_control_character_through(capsys: pytest.CaptureFixture[str]) -> None:
    console.say(EVIL)
    console.show([EVIL], [[EVIL]], EVIL)
    console.print_result(Group(EVIL, Text(EVIL), console.table(["a"], [[EVIL]])))
    console.error(EVIL)
    console.detail(EVIL)
    with console.Stages().stage(EVIL) as stage:
        stage.note = EVIL
    out, err = capsys.readouterr()
    assert out.count(SHOWN) == 5
    assert out.count("title") == 7  # Rich takes some characters away itself
    assert err.count(SHOWN) == 4
    assert not set(EVIL) & set("\x1b\x07\x9b\u202e\r") & set(out + err)


def test_a_terminal_gets_escapes_and_a_file_every_character(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    console.write(EVIL)
    assert capsys.readouterr().out == EVIL + "\n"
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    console.write("a\n" + EVIL)
    assert capsys.readouterr().out == f"a\n{SHOWN}\n"


def test_a_table_in_a_terminal_has_the_consoles_colors_and_no_others() -> None:
    text = io.StringIO()
    terminal = console.escaping(Console(file=text, force_terminal=True, width=80, emoji=False))
    terminal.print("[bold]" + escape(EVIL) + "[/]")
    assert text.getvalue().startswith("\x1b[1m\\u001b")
    assert "\x1b]" not in text.getvalue()


def test_marks_are_plain_letters_where_the_encoding_lacks_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    assert console.mark("✓", "+") == "+"


SEVEN = ["areacode", "areaname", "date", "cases", "deaths", "vaccinations", "place"]
PLACE = "s3://bucket/clean/areatype=region/" + "x" * 60
ROWS: list[list[str | None]] = [
    ["E12000007", "[b]London", "2022-12-07 00:00:00", "1234567890", None, "9", PLACE],
    ["E12000008", "South East", "2022-12-07 00:00:00", "12", "3", "9", PLACE],
]


@pytest.mark.parametrize("width", [1, 20, 40, 60])
def test_a_table_is_a_list_where_its_columns_would_be_too_narrow(width: int) -> None:
    lines = shown_in(width, SEVEN, ROWS).splitlines()
    assert lines[:3] == ["title", "row 1", "  areacode: E12000007"]
    assert lines[5:7] == ["  cases: 1234567890", "  deaths: -"]
    assert lines[8:10] == [f"  place: {PLACE}", "row 2"]
    assert shown_in(width, SEVEN, []) == f"title\nno rows of {', '.join(SEVEN)}\n"


@pytest.mark.parametrize("width", [20, 40, 60, 80, 100, 150, 200, 300])
def test_no_width_cuts_a_value(width: int) -> None:
    text = shown_in(width, SEVEN, ROWS)
    assert "…" not in text
    assert text.count("x") >= 120
    assert "1234567890" in text  # a number is never parted


def shown_in(width: int, columns: list[str], rows: list[list[str | None]]) -> str:
    text = io.StringIO()
    narrow = console.escaping(Console(file=text, width=width, soft_wrap=True, emoji=False))
    narrow.print(console.table(columns, rows, "title"))
    return text.getvalue()


def test_what_lives_is_drawn_below_what_is_printed_and_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = io.StringIO()
    terminal = Console(file=drawn, force_terminal=True, width=40, _environ={"TERM": "xterm"})
    monkeypatch.setattr(console, "progress", console.escaping(terminal))

    def interrupt() -> None:
        console.detail("a line")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), console.living(lambda: Text("a tree"), 4):
        interrupt()
    text = drawn.getvalue()
    assert text.index("a line") < text.rindex("a tree")
    assert text.rfind("\x1b[?25h") > text.rfind("\x1b[?25l")
    assert text.rstrip().endswith("\x1b[2K"), "the tree is wiped away"


def test_signs_that_a_stream_cannot_show_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    assert (console.shows("ab"), console.shows("⠋")) == (True, False)


@pytest.mark.parametrize(
    ("width", "line"),
    [(80, "✓ Build                                0.00 s  3 files"), (40, "✓ Build 0.00 s  3 files")],
)
def test_a_narrow_terminal_spends_no_room_on_having_times_below_each_other(
    monkeypatch: pytest.MonkeyPatch, width: int, line: str
) -> None:
    text = io.StringIO()
    monkeypatch.setattr(console, "mark", lambda sign, _: sign)
    narrow = Console(file=text, width=width, soft_wrap=True, emoji=False)
    monkeypatch.setattr(console, "progress", console.escaping(narrow))
    console.Stages().ended(console.Stage("Build", "3 files"), succeeded=True)
    assert text.getvalue() == f"{line}\n"
