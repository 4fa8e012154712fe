"""The one printer: results on standard output, progress and errors on standard error."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console, RenderableType
from rich.markup import escape
from rich.table import Table

from covidlake.base.text import printable

PIPED_WIDTH = 200  # columns, where no terminal says how wide it is

# Without emoji: `:key:` in an ARN stays what it is.
results = Console(soft_wrap=True, emoji=False, width=None if sys.stdout.isatty() else PIPED_WIDTH)
progress = Console(stderr=True, soft_wrap=True, highlight=False, emoji=False)


def say(text: str) -> None:
    """One line of a result, as it is."""
    results.print(text, markup=False, highlight=False)


def write(text: str) -> None:
    """A result that another program may read: every character as it is, and a line break at its end."""
    sys.stdout.write(text.rstrip("\n") + "\n")


def show(columns: list[str], rows: list[list[str | None]], title: str | None = None) -> None:
    """A result as a table."""
    results.print(table(columns, rows, title))


def error(message: str) -> None:
    """One line, also if a name or a value in it holds a line break."""
    progress.print(f"[bold red]error:[/] {escape(printable(message))}")


def detail(text: str) -> None:
    """One indented line of progress inside a stage."""
    progress.print(f"    [dim]{escape(printable(text))}[/]")


@dataclass
class Stage:
    """One step of a command; `note` is shown beside its time when it ends."""

    title: str
    note: str = ""
    seconds: float = 0.0


@dataclass
class Stages:
    """Shows each stage while it runs and its time when it ends; keeps them for the summary."""

    finished: list[Stage] = field(default_factory=list)

    @contextmanager
    def stage(self, title: str) -> Iterator[Stage]:
        current, started = Stage(title), time.perf_counter()
        mark = "[red]✗[/]"
        try:
            with progress.status(f"{title} ..."):
                yield current
            mark = "[green]✓[/]"
        finally:
            current.seconds = time.perf_counter() - started
            self.finished.append(current)
            note = f"  [dim]{escape(current.note)}[/]" if current.note else ""
            progress.print(f"{mark} {escape(title):<34} {current.seconds:6.2f} s{note}")


@contextmanager
def progress_bar(title: str, total: int) -> Iterator[Callable[[], None]]:
    """A bar for `total` steps that goes when they are done; yields the function to call after each step.

    Draws nothing without steps or without a terminal.
    """
    if not total or not progress.is_terminal:
        yield lambda: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = TextColumn("    [dim]{task.description}"), BarColumn(), MofNCompleteColumn()
    with Progress(*columns, console=progress, transient=True) as bar:
        task = bar.add_task(title, total=total)
        yield lambda: bar.advance(task)


def rendered(shown: RenderableType) -> str:
    """As the terminal would show it; without colours where there is no terminal."""
    text = io.StringIO()
    terminal = Console(file=text, width=results.width, force_terminal=results.is_terminal, emoji=False)
    terminal.print(shown)
    return text.getvalue()


def table(columns: list[str], rows: list[list[str | None]], title: str | None = None) -> Table:
    """A table of text cells; a missing value is shown as a dash."""
    shown = Table(title=title, title_justify="left", header_style="bold")
    numeric = [all(_is_number(row[index]) for row in rows) for index in range(len(columns))]
    for name, right in zip(columns, numeric, strict=True):
        shown.add_column(escape(name), justify="right" if right else "left")
    for row in rows:
        shown.add_row(*("-" if cell is None else escape(cell) for cell in row))
    return shown


def _is_number(cell: str | None) -> bool:
    return cell is None or cell.replace(".", "", 1).lstrip("-").isdigit()
