"""Draw the rooms of `covidlake` and the arrows between them into `docs/architecture.md`: `make docs`.

An arrow from one room to another stands for all imports between them.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

import grimp

from covidlake.base import project

PACKAGE = "covidlake"
PAGE = project.ROOT / "docs" / "architecture.md"
BLOCK = re.compile(r"(<!-- rooms:begin -->\n).*?(<!-- rooms:end -->)", re.DOTALL)

Arrow = tuple[str, str]


def main() -> None:
    """Write the block of the page."""
    PAGE.write_text(with_rooms(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


def with_rooms(page: str) -> str:
    """The page with the rooms of today between its two marks."""
    return BLOCK.sub(lambda found: f"{found[1]}{block()}{found[2]}", page)


@cache
def arrows() -> dict[Arrow, int]:
    """How many imports lead from one room to another."""
    graph = grimp.build_graph(PACKAGE, cache_dir=None)
    pairs = (
        (_room(importer), _room(imported))
        for importer in graph.modules
        for imported in graph.find_modules_directly_imported_by(importer)
    )
    return dict(Counter(pair for pair in sorted(pairs) if all(pair) and pair[0] != pair[1]))


def _room(module: str) -> str:
    """The folder below `covidlake`; empty for what lies beside the rooms."""
    name = module.removeprefix(f"{PACKAGE}.").partition(".")[0]
    return name if (project.ROOT / PACKAGE / name).is_dir() and module != PACKAGE else ""


def circles() -> list[str]:
    """The rooms that can be reached from themselves."""
    return sorted(room for room in _rooms() if room in _reachable(room, arrows()))


def block() -> str:
    """A picture with the arrows that do not follow from others, and a table with all of them."""
    direct = "".join(f"    {importer} --> {imported}\n" for importer, imported in _reduced())
    rows = "".join(f"| `{room}` | {_uses(room)} |\n" for room in _rooms())
    counted = f"{len(_rooms())} rooms, {len(arrows())} arrows between them, {len(circles())} circles."
    return (
        f"\n{counted} An arrow points from a room to one that it imports. Where the picture "
        "shows `a --> b --> c`, it leaves out `a --> c`; the table shows every arrow.\n\n"
        f"```mermaid\nflowchart TB\n{direct}```\n\n"
        f"| room | imports |\n|---|---|\n{rows}\n"
    )


def _rooms() -> list[str]:
    """From the top to the bottom: whoever imports is above."""
    names = {name for arrow in arrows() for name in arrow}
    return sorted(names, key=lambda name: (-len(_reachable(name, arrows())), name))


def _uses(room: str) -> str:
    return ", ".join(f"`{name}`" for name in _rooms() if (room, name) in arrows()) or "-"


def _reduced() -> list[Arrow]:
    """The arrows without those that a longer way replaces."""
    return [
        arrow
        for arrow in sorted(arrows(), key=lambda one: (_rooms().index(one[0]), _rooms().index(one[1])))
        if arrow[1] not in _reachable(arrow[0], {one: 1 for one in arrows() if one != arrow})
    ]


def _reachable(room: str, among: dict[Arrow, int]) -> set[str]:
    found: set[str] = set()
    waiting = [room]
    while waiting:
        here = waiting.pop()
        new = {imported for importer, imported in among if importer == here} - found
        found |= new
        waiting += new
    return found


if __name__ == "__main__":
    main()
