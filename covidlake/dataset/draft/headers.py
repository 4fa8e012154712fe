"""Whether the first line of a CSV is its header: refused where it cannot be, said where it may not be."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from covidlake.base.errors import DataSetError
from covidlake.base.text import shorten
from covidlake.dataset.draft.column_types import NULL_WORDS, kind_of

LONGEST_PREAMBLE = 20  # lines
_SHOWN = 60  # characters of a line
_YEAR = re.compile(r"(19|20)\d\d")

Rows = Sequence[Sequence[str]]


def check(path: Path, header: Sequence[str], rows: Rows) -> None:
    """Raise `DataSetError` if line 1 is a row: a name is a number or time, like the values below it.

    Or if it is the title of a text, such as that of a README.
    """
    if len(header) == 1 and re.match("#+ ", header[0]):
        raise DataSetError(
            f"{path}: line 1 ({shorten(header[0], _SHOWN)}) is the title of a text, and no line has columns: "
            "give the objects of a data set"
        )
    fitting = [values for values in rows if len(values) == len(header)]
    alike = [
        name
        for name, values in zip(header, zip(*fitting, strict=True), strict=False)
        if name and _is_like(name, list(values))
    ]
    if alike and not _is_sequence(alike):
        raise DataSetError(
            f"{path}: line 1 ({shorten(', '.join(header), _SHOWN)}) looks like a row, for {alike[0]!r} is a "
            "value like those below it: put a line of names above it, in all objects"
        )


def check_rest(
    path: Path, lines: Sequence[str], width_of: Callable[[Sequence[str]], tuple[float, int]]
) -> None:
    """Raise `DataSetError` if line 1 does not fit the lines below, but a later line does.

    `width_of` gives the share of lines that have as many values as the first, and how many these are.
    """
    if re.fullmatch(r'"?sep=.?"?', lines[0].strip(), re.IGNORECASE):
        raise DataSetError(f"{path}: line 1 ({lines[0].strip()}) is for Excel: remove it, in all objects")
    if width_of(lines)[0] > 0.5:
        return
    for start in range(1, min(LONGEST_PREAMBLE, len(lines) - 1)):
        share, width = width_of(lines[start:])
        if share > 0.5 and width > 1:
            raise DataSetError(
                f"{path}: line 1 ({shorten(lines[0], _SHOWN)}) is no header, "
                f"{shorten(lines[start], _SHOWN)!r} seems to be: the job takes line 1, remove what is above"
            )


def notes(header: Sequence[str], fitting: Rows, lines: int, rows: int) -> Iterator[str]:
    """What may be meant otherwise than it is read.

    Of all `lines` below the header, `rows` fit it, among them the first: `fitting`.
    """
    counts = Counter(header)
    if unnamed := counts.pop("", 0):
        yield f"{unnamed} of its columns have no name and are left out"
    for name in repeated(header):
        yield (
            f"{name} is the name of {counts[name]} columns and is left out: the job cannot know which one "
            "counts, have them named apart"
        )
    if len(header) == 1:
        yield "it has one column alone: none of comma, semicolon, tab and | parts its lines"
    if again := [
        name
        for name, values in zip(header, zip(*fitting, strict=True), strict=False)
        if _stands(name, values)
    ]:
        yield (
            f"{again[0]}, the name of a column, is a value of it too: if line 1 is a row, put a line of "
            "names above it"
        )
    if wrong := lines - rows:
        yield (
            f"{wrong} of {lines} rows have more or fewer values than the header, or a text in quotes "
            "that does not end on its line: quarantined"
        )


def repeated(header: Sequence[str]) -> list[str]:
    """The names of several columns."""
    return [name for name, count in Counter(header).items() if name and count > 1]


def _is_like(name: str, values: list[str]) -> bool:
    """Whether the name is of the type of the values, and not a year above figures."""
    kind = kind_of([name], "csv").type
    below = [bare for value in values if (bare := value.strip(" "))]
    if kind == "string" or kind != kind_of(below, "csv").type:
        return False
    return not _YEAR.fullmatch(name) or all(_YEAR.fullmatch(value) for value in below)


def _is_sequence(names: Sequence[str]) -> bool:
    """Whether the names count up by one, as those of columns for ages or weeks do."""
    if len(names) < 3 or not all(name.isdecimal() for name in names):
        return False
    numbers = [int(name) for name in names]
    return numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def _stands(name: str, values: Sequence[str]) -> bool:
    return bool(name) and name.lower() not in NULL_WORDS and name in values
