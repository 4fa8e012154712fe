"""The tree in a terminal: what runs or failed in full, what is finished in a line, never wider or higher."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from covidlake.base import console
from covidlake.base.text import count, printable
from covidlake.live.model import RUNNING, SUCCEEDED, Node, Tree

FRAMES, PLAIN_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏", "|/-\\"
FRAMES_A_SECOND = 8
LEAST_ROOM = 3  # lines, however low a terminal is
NARROW = 40  # columns, below which only mark, title and time are shown


class TreeView:
    """Draws a tree as it is at the moment; a `final` view has no spinner and leaves nothing out."""

    def __init__(self, tree: Tree, now: datetime | None = None, final: bool = False) -> None:
        self.tree, self.now, self.final = tree, now, final

    def __rich_console__(self, shown: Console, options: ConsoleOptions) -> RenderResult:
        moment = self.now or datetime.now(UTC)
        rows = [row for root in self.tree.roots for row in _rows(root, 0)]
        room = len(rows) if self.final else max((options.height or shown.height) - 2, LEAST_ROOM)
        width = max(options.max_width, 1)
        for depth, node in _fitting(rows, room):
            yield _line(node, depth, moment, width, self.final)


def _rows(node: Node, depth: int) -> Iterator[tuple[int, Node]]:
    """A node, and what is below it unless it has succeeded."""
    yield depth, node
    if node.status != SUCCEEDED or depth == 0:
        for child in node.children:
            yield from _rows(child, depth + 1)


def _fitting(rows: list[tuple[int, Node]], room: int) -> list[tuple[int, Node | str]]:
    """The rows in the room there is: finished ones go first, then the last ones; a row says how many."""
    if len(rows) <= room:
        return list(rows)
    done = [row for row in rows if row[1].status == SUCCEEDED and row[0] > 0]
    excess = len(rows) - room + 1
    dropped = {id(row[1]) for row in done[:excess]}
    kept: list[tuple[int, Node | str]] = [row for row in rows if id(row[1]) not in dropped]
    finished = [(1, f"{len(dropped)} finished")] if dropped else []
    more = len(kept) + len(finished) - room
    if more > 0:
        kept = [*kept[: len(kept) - more - 1], (1, f"{count(more + 1, 'line')} more")]
    return [*kept[:1], *finished, *kept[1:]][:room]


def _line(node: Node | str, depth: int, now: datetime, width: int, final: bool) -> Text:
    indent = "  " * min(depth, max(width // 8, 0))
    if isinstance(node, str):
        return _cut(Text(f"{indent}… {node}" if console.shows("…") else f"{indent}... {node}", style="dim"))
    line = Text(indent)
    line.append(*_mark(node, now, final))
    line.append(f" {printable(node.title)}")
    spent = "" if node.begun == node.ended else _seconds(node.seconds(now))
    if width < NARROW:
        line.append(f" {spent}", style="dim")
        return _cut(line)
    line.append(f"{_times(node)}{f'  {spent}' if spent else ''}", style="dim")
    note = node.said if node.status == RUNNING and node.said else node.note
    if node.group:
        note = _of_group(node)
    if note:
        line.append(f"  {printable(note)}", style="red" if _is_bad(node) else "dim")
    return _cut(line)


def _cut(line: Text) -> Text:
    """One line of the terminal, whatever it holds."""
    line.no_wrap, line.overflow = True, "ellipsis"
    return line


def _mark(node: Node, now: datetime, final: bool) -> tuple[str, str]:
    if node.status == RUNNING and final:
        return console.mark("·", "."), "cyan"
    if node.status == RUNNING:
        frames = FRAMES if console.shows(FRAMES) else PLAIN_FRAMES
        return frames[int(now.timestamp() * FRAMES_A_SECOND) % len(frames)], "cyan"
    if node.status == SUCCEEDED:
        return console.mark("✓", "+"), "green"
    return console.mark("✗", "x"), "red"


def _is_bad(node: Node) -> bool:
    return node.status not in (RUNNING, SUCCEEDED)


def _times(node: Node) -> str:
    """How often it was visited, and tried again."""
    words = [f" ({node.visits} times)"] if node.visits > 1 else []
    words += [f" ({count(node.retries, 'retry', 'retries')})"] if node.retries else []
    return "".join(words)


def _of_group(node: Node) -> str:
    done = sum(child.status == SUCCEEDED for child in node.children)
    return f"{done} of {len(node.children)}" if done < len(node.children) else f"all {done}"


def _seconds(value: float) -> str:
    if value < 60:
        return f"{value:.1f} s" if value < 10 else f"{value:.0f} s"
    minutes, rest = divmod(int(value), 60)
    return f"{minutes} min {rest:02} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"
