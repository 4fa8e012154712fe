"""The one printer: results on standard output, progress and errors on standard error."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderableType, RenderHook, RenderResult
from rich.control import Control
from rich.markup import escape
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from covidlake.base.text import printable, printable_lines, shorten

ERROR_LENGTH = 4_000  # characters: room for the whole cause of a failed state
READABLE = 8  # columns of a table that a text gets at least
PIPED_WIDTH = 200  # columns, where no terminal says how wide it is


@dataclass(frozen=True)
class _Safe:
    """Something shown whose control characters, which may come from data, are written as escapes."""

    shown: ConsoleRenderable

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for segment in console.render(self.shown, options):
            yield segment if segment.control else Segment(printable_lines(segment.text), segment.style)


class _Escaping(RenderHook):
    """A hook of Rich's: everything that a console shows passes here, before Rich adds its own colors."""

    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        return [one if isinstance(one, Control) else _Safe(one) for one in renderables]


def escaping(console: Console) -> Console:
    """The console itself, which from now on shows no control character of a text."""
    console.push_render_hook(_Escaping())
    return console


# Without emoji: `:key:` in an ARN stays what it is.
results = escaping(Console(soft_wrap=True, emoji=False, width=None if sys.stdout.isatty() else PIPED_WIDTH))
progress = escaping(Console(stderr=True, soft_wrap=True, highlight=False, emoji=False))


def say(text: str) -> None:
    """One line of a result, or several, as it is but for control characters."""
    results.print(printable_lines(text), markup=False, highlight=False)


def write(text: str) -> None:
    """A result that another program may read: every character as it is, and a line break at its end.

    A terminal gets control characters as escapes.
    """
    whole = text.rstrip("\n") + "\n"
    sys.stdout.write(printable_lines(whole) if sys.stdout.isatty() else whole)


def print_result(shown: RenderableType) -> None:
    """A result made of tables and texts."""
    results.print(shown)


def show(columns: list[str], rows: list[list[str | None]], title: str | None = None) -> None:
    """A result as a table."""
    results.print(table(columns, rows, title))


def error(message: str) -> None:
    """One line, also if a name or a value in it holds a line break; of a very long one its beginning."""
    progress.print(f"[bold red]error:[/] {escape(shorten(printable(message), ERROR_LENGTH))}")


def warning(text: str) -> None:
    """One line of what a success should not hide."""
    progress.print(f"[yellow]warning:[/] {escape(printable(text))}")


def detail(text: str) -> None:
    """One indented line of progress inside a stage."""
    progress.print(f"    [dim]{escape(printable(text))}[/]")


ALIGNED_WIDTH = 60  # of a terminal with room to have times below each other


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
        current, started, succeeded = Stage(title), time.perf_counter(), False
        try:
            with self.running(current):
                yield current
            succeeded = True
        finally:
            current.seconds = time.perf_counter() - started
            self.finished.append(current)
            self.ended(current, succeeded)

    def running(self, stage: Stage) -> AbstractContextManager[object]:
        """What is shown while it runs."""
        return progress.status(f"{stage.title} ...")

    def ended(self, stage: Stage, succeeded: bool) -> None:
        """Show how it ended."""
        sign = f"[green]{mark('✓', '+')}[/]" if succeeded else f"[red]{mark('✗', 'x')}[/]"
        note = f"  [dim]{escape(printable(stage.note))}[/]" if stage.note else ""
        title, time_taken = escape(printable(stage.title)), f"{stage.seconds:.2f} s"
        if progress.width >= ALIGNED_WIDTH:
            title, time_taken = f"{title:<34}", f"{time_taken:>8}"
        progress.print(f"{sign} {title} {time_taken}{note}")

    def answer(self, columns: list[str], rows: list[list[str | None]], title: str) -> None:
        """Show what a stage has found."""
        show(columns, rows, title)


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
    """As text for a file: without colors, in `PIPED_WIDTH` columns."""
    text = io.StringIO()
    escaping(Console(file=text, width=PIPED_WIDTH, soft_wrap=True, emoji=False)).print(shown)
    return text.getvalue()


def table(columns: list[str], rows: list[list[str | None]], title: str | None = None) -> Table:
    """A table of text cells; a missing value is shown as a dash. Nothing is cut: long texts are folded."""
    return _Fitting(
        [printable(name) for name in columns],
        [["-" if cell is None else printable(cell) for cell in row] for row in rows],
        [all(_is_number(row[index]) for row in rows) for index in range(len(columns))],
        printable(title) if title else None,
    )


class _Fitting(Table):
    """A table that becomes a list of `name: value` where its columns would be too narrow to read."""

    def __init__(
        self, names: list[str], records: list[list[str]], numeric: list[bool], title: str | None
    ) -> None:
        super().__init__(title=escape(title) if title else None, title_justify="left", header_style="bold")
        self._names, self._records, self._numeric = names, records, numeric
        for name, right in zip(names, numeric, strict=True):
            self.add_column(
                escape(name), justify="right" if right else "left", overflow="fold", no_wrap=right
            )
        for record in records:
            self.add_row(*map(escape, record))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if self._narrowest() <= options.max_width:
            yield from super().__rich_console__(console, options)
        else:
            yield from self._as_list()

    def _narrowest(self) -> int:
        """The width that the table needs: numbers whole, texts with room for a short word in each line."""
        columns = list(zip(self._names, *self._records, strict=True))
        widths = [max(map(cell_len, column)) for column in columns]
        needed = (
            width if number else min(width, READABLE)
            for width, number in zip(widths, self._numeric, strict=True)
        )
        return sum(needed) + 3 * len(columns) + 1  # borders and blanks

    def _as_list(self) -> Iterator[Text]:
        if isinstance(self.title, str):
            yield Text.from_markup(self.title, style="italic")
        if not self._records:
            yield Text(f"no rows of {', '.join(self._names)}")
        for number, record in enumerate(self._records, 1):
            yield Text(f"row {number}", style="bold")
            for name, cell in zip(self._names, record, strict=True):
                yield Text(f"  {name}: {cell}")


def mark(sign: str, plain: str) -> str:
    """The sign, or the plain letter where standard error cannot show it."""
    return sign if shows(sign) else plain


def shows(signs: str) -> bool:
    """Whether standard error can show these signs."""
    try:
        signs.encode(getattr(sys.stderr, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


@contextmanager
def living(view: Callable[[], RenderableType], frames_a_second: float) -> Iterator[None]:
    """Draw a view again and again below what is printed meanwhile, until the block ends; then it goes.

    However the block ends, the terminal is as it was. The view's texts have to be printable by themselves.
    """
    from rich.live import Live

    with Live(
        console=progress,
        get_renderable=view,
        refresh_per_second=frames_a_second,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    ):
        yield


def _is_number(cell: str | None) -> bool:
    return cell is None or cell.replace(".", "", 1).lstrip("-").isdigit()
