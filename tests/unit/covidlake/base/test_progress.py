"""Happenings reach who takes them; everybody else gets lines as ever."""

from __future__ import annotations

from covidlake.base.progress import Happening, Watching, tell


class Taker:
    def __init__(self) -> None:
        self.taken: list[Happening] = []
        self.lines: list[str] = []

    def __call__(self, line: str, /) -> None:
        self.lines.append(line)

    def happened(self, happening: Happening, /) -> None:
        self.taken.append(happening)


def test_who_takes_happenings_gets_no_line_of_them() -> None:
    taker = Taker()
    assert isinstance(taker, Watching)
    tell(taker, Happening("alive", line="still there"))
    assert (taker.taken, taker.lines) == ([Happening("alive", line="still there")], [])


def test_others_get_the_line_and_nothing_where_there_is_none() -> None:
    lines: list[str] = []
    tell(lines.append, Happening("states", {"events": []}))
    tell(lines.append, Happening("alive", line="still there"))
    assert lines == ["still there"]
