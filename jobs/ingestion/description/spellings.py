"""How a description spells types, datetime patterns and names: what both Spark and the Data Catalog take.

Each check returns what is wrong with a hint, or an empty text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

# A scalar or a map by its name, an array as the list of its element, a struct as its fields in lower case.
Tree: TypeAlias = "str | list[Tree] | dict[str, Tree]"

MAP = "map"
WHOLE = ("tinyint", "smallint", "int", "bigint")
_SCALARS = ("string", "boolean", *WHOLE, "float", "double", "date", "timestamp")
_MEANT = {
    **dict.fromkeys(("text", "varchar", "char", "str"), "string"),
    **dict.fromkeys(("integer", "int32"), "int"),
    **dict.fromkeys(("long", "int64"), "bigint"),
    **dict.fromkeys(("real", "float32"), "float"),
    **dict.fromkeys(("decimal", "numeric", "number"), "decimal(18,2)"),
    "bool": "boolean",
    "byte": "tinyint",
    "short": "smallint",
    "datetime": "timestamp",
    "struct": "struct<name:type>",
    "array": "array<type>",
}
_WORD = re.compile(r"[\w ]*(\([^()<>]*\))?")
_FIELD = re.compile(r"(`[^`]+`|[A-Za-z_]\w*|\d+_\w*):", re.ASCII)

# What Spark 3 parses: each letter, and how often it may be repeated.
_PARSED: dict[str, Sequence[int]] = {
    **dict.fromkeys("GMLz", range(1, 5)),
    **dict.fromkeys("dhKkHms", range(1, 3)),
    **dict.fromkeys("XxZ", range(1, 6)),
    "y": range(1, 7),
    "D": range(1, 4),
    "S": range(1, 10),
    "a": (1,),
    "V": (2,),
    "O": (1, 4),
}
_NAMED: dict[str, Sequence[int]] = {
    "y": range(1, 7),
    "M": range(1, 5),
    "d": range(1, 3),
    "D": range(1, 4),
    "Q": range(1, 5),
}

_TABLE = re.compile(r"[a-z][a-z0-9_]*")
_LONGEST = 255
# Words of Athena's statements: a table of such a name would have to be quoted.
_RESERVED = """
    all alter and as between by case cast constraint create cross cube current_catalog current_date
    current_path current_schema current_time current_timestamp current_user deallocate delete describe
    distinct drop else end escape except execute exists extract false first for from full group grouping
    having in inner insert intersect into is join last left like listagg localtime localtimestamp natural
    normalize not null of on or order outer prepare recursive right rollup select skip table then trim
    true uescape union unnest using values when where with
"""


def name_problem(name: str) -> str:
    """What is wrong with the name of a table, a partition key or a label."""
    if not _TABLE.fullmatch(name):
        return f"`{name}` is not a valid name: use lower-case letters, digits and underscores, a letter first"
    if len(name) > _LONGEST:
        return f"`{name[:20]}...` has {len(name)} characters: at most {_LONGEST} are allowed"
    return ""


def table_problem(name: str) -> str:
    """What is wrong with the name of a table."""
    reserved = f"`{name}` is a word of SQL: choose another name" if name in _RESERVED.split() else ""
    return name_problem(name) or reserved


def type_problem(text: str) -> str:
    """What is wrong with a column's type."""
    try:
        parsed_type(text)
    except ValueError as error:
        return f"type `{text}`: {error}"
    return ""


def parsed_type(text: str) -> Tree:
    """Raises ValueError with what is wrong."""
    tree, rest = _read(text)
    if rest:
        raise ValueError(f"`{rest}` is left over: delete it")
    return tree


def _read(text: str) -> tuple[Tree, str]:
    """The type that the text begins with, and what follows it."""
    if text.startswith("array<"):
        element, rest = _read(text.removeprefix("array<"))
        return [element], _closed(rest)
    if text.startswith("struct<"):
        return _read_fields(text.removeprefix("struct<"))
    if text.startswith("map<string,"):
        return MAP, _closed(_read(text.removeprefix("map<string,"))[1])
    if text.startswith("map<"):
        raise ValueError("the keys of a map are text: write `map<string,type>`")
    word = _WORD.match(text)
    name = word[0] if word else ""
    _check_scalar(name)
    return name, text[len(name) :]


def _read_fields(text: str) -> tuple[Tree, str]:
    fields: dict[str, Tree] = {}
    while True:
        named = _FIELD.match(text)
        if not named:
            raise ValueError(
                f"at `{text}`: write a field as `name:type`, other names than words in back-ticks"
            )
        name = named[1].strip("`").lower()
        if name in fields:
            raise ValueError(f"field `{name}` occurs twice: fields do not differ by case alone")
        fields[name], text = _read(text[named.end() :])
        if not text.startswith(","):
            return fields, _closed(text)
        text = text[1:]


def _closed(rest: str) -> str:
    if not rest.startswith(">"):
        raise ValueError(f"`>` is missing before `{rest}`" if rest else "`>` is missing at its end")
    return rest[1:]


def _check_scalar(name: str) -> None:
    if decimal := re.fullmatch(r"decimal\((\d+),(\d+)\)", name):
        precision, scale = map(int, decimal.groups())
        if not 1 <= precision <= 38 or scale > precision:
            raise ValueError("a decimal has a precision from 1 to 38, and a scale not above it: correct it")
    elif name not in _SCALARS:
        squeezed = re.sub(r"\s", "", name.lower())
        stem = squeezed.partition("(")[0]
        meant = squeezed if squeezed in _SCALARS or "decimal(" in squeezed else _MEANT.get(stem)
        others = f"write one of {', '.join(_SCALARS)}, decimal(p,s), array<...>, struct<...>, map<string,...>"
        raise ValueError(
            f"`{name}` is not a type of the Data Catalog: {f'write `{meant}`' if meant else others}"
        )


def format_problem(pattern: str) -> str:
    """What is wrong with a format of a column: a pattern by which Spark 3 reads a date or a timestamp."""
    if re.search(r"%[A-Za-z]", pattern):
        return f"format `{pattern}` is Python's: Spark's is such as `yyyy-MM-dd`"
    plain = re.sub(r"'[^']*'", "", pattern)
    if "'" in plain or not _is_balanced(plain):
        return f"format `{pattern}` has a quote or bracket without its other half: add it"
    if problem := _letters_problem(plain, _PARSED) or _parts_problem(set(plain)):
        return f"format `{pattern}`: {problem}"
    return ""


def _is_balanced(pattern: str) -> bool:
    depth = 0
    for sign in pattern:
        depth += {"[": 1, "]": -1}.get(sign, 0)
        if depth < 0:
            return False
    return depth == 0


def _letters_problem(pattern: str, known: Mapping[str, Sequence[int]]) -> str:
    """What is wrong with the first run of a letter that Spark does not know; its `Y` is a year of weeks."""
    for run in re.finditer(r"([A-Za-z#{}])\1*", pattern):
        letter, count = run[1], len(run[0])
        if letter not in known:
            hint = "a year is `yyyy`" if letter in "Yu" else "text goes into single quotes"
            return f"`{run[0]}` means nothing here: {hint}, other letters are {' '.join(sorted(known))}"
        if count not in known[letter]:
            return f"`{run[0]}` is too long or too short: write up to {max(known[letter])} `{letter}`"
    return ""


def _parts_problem(letters: set[str]) -> str:
    """Spark takes the first month or day where a pattern stops before it, as a month's `yyyy-MM` does."""
    month, day, of_year = letters & {"M", "L"}, "d" in letters, "D" in letters
    clock = letters & set("hHkK")
    if "y" not in letters or (day and not month) or (letters & {"m", "s"} and not clock):
        return "it must name the year, and a month before its day: `y`, `M` (`m` is the minute), `d`"
    if clock and not (day or of_year):
        return "it must name the day of its hour: `d`, or `D` without a month"
    if of_year and (month or day):
        return "`D` is the day of the year: write `d` beside a month"
    if letters & {"h", "K"} and "a" not in letters:
        return "`h` and `K` count to 12 and need an `a`: write `H`"
    return ""


def partition_problem(pattern: str) -> str:
    """What is wrong with the pattern that names partitions, which become folders."""
    if not re.fullmatch(r"[A-Za-z._-]+", pattern):
        return f"pattern `{pattern}` names folders: write letters, `-`, `_` and `.`, such as `yyyy-MM`"
    problem = _letters_problem(pattern, _NAMED)
    if not problem and "y" not in pattern:
        problem = "it names no year, so that all years would share partitions: write such as `yyyy-MM`"
    return f"pattern `{pattern}`: {problem}" if problem else ""
