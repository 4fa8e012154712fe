"""`covidlake dataset new`: a first draft of a description, inferred from sample objects."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from covidlake.base.errors import DataSetError
from covidlake.base.text import count
from covidlake.dataset.draft import keys, renames, sample_objects, whole
from covidlake.dataset.draft.column_types import Kind, kind_of, null_words
from covidlake.dataset.draft.keys import Key
from covidlake.dataset.draft.names import check_name, key_prefix
from covidlake.dataset.draft.sample_objects import Row, Sample

NAME_COLUMN = "report_date"
ROUNDS = 3  # of guesses at a key
_DATE_IN_NAME = {
    r"(\d{4}-\d{2}-\d{2})": "yyyy-MM-dd",
    r"(\d{2}-\d{2}-\d{4})": "MM-dd-yyyy",
    r"((?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))": "yyyyMMdd",
}


@dataclass(frozen=True)
class NameDate:
    """A date that only the names of the objects hold."""

    column: str
    pattern: str
    format: str


@dataclass
class Draft:
    """The guesses about a data set; `notes` give the reasons, one sentence each."""

    name: str
    prefix: str
    format: str
    delimiter: str
    kinds: dict[str, Kind]
    aliases: dict[str, list[str]]
    nulls: tuple[str, ...] = ()
    from_name: NameDate | None = None
    key: Key = field(default_factory=lambda: Key(()))
    notes: list[str] = field(default_factory=list)

    @property
    def partition(self) -> str:
        """The date of the key whose month partitions the table; empty without one."""
        dates = (name for name in self.key.columns if self._is_date(name))
        return next((name for name in dates if name not in self.key.nullable), "")

    @property
    def partition_name(self) -> str:
        """`month`, unless a column has that name."""
        return "month" if "month" not in map(_table_name, self.kinds) else "partition_month"

    def _is_date(self, name: str) -> bool:
        if self.from_name and name == self.from_name.column:
            return True
        return self.kinds[name].type == "date"


def draft(name: str, paths: Sequence[Path], prefix: str) -> Draft:
    """Infer a description from objects, the oldest first.

    Raises `DataSetError` for a name or a prefix that no data set can have, and for an object that cannot be
    read, is neither JSON Lines nor CSV with a header, or has no rows.
    """
    check_name(name)
    place = key_prefix(prefix) if prefix else f"{name}/"
    once = {path.absolute(): path for path in paths}  # an object that is given twice is one
    samples = [sample_objects.read(path) for path in once.values()]
    _check_alike(samples)
    found = _drafted(name, place, samples)
    if any(sample.is_large for sample in samples):
        found = _checked(found, samples)
    found.notes += _notes_on_reading(samples)
    return found


def _checked(found: Draft, samples: Sequence[Sample]) -> Draft:
    """Hold the key against all rows, and guess again with those that share one."""
    for _ in range(ROUNDS):
        clashes = [_clashes(found, sample) for sample in samples]
        if not any(one.count for one in clashes):
            return found
        samples = [_with_rows(sample, one.rows) for sample, one in zip(samples, clashes, strict=True)]
        before, found = found.key.columns, _drafted(found.name, found.prefix, samples)
        if found.key.columns == before:
            break
    else:
        clashes = [_clashes(found, sample) for sample in samples]
    if clashing := sum(one.count for one in clashes):
        found.notes = [note for note in found.notes if " unique" not in note]
        found.notes.append(
            f"the key {', '.join(found.key.columns)} is a guess, correct it: {clashing} of "
            f"{count(_total(samples), 'row')} have the key of another row of their object and "
            "would replace it"
        )
    return found


def _total(samples: Sequence[Sample]) -> int:
    return sum(sample.total for sample in samples)


def _with_rows(sample: Sample, rows: Sequence[Row]) -> Sample:
    there = set(map(repr, sample.rows))
    return replace(sample, rows=[*sample.rows, *(row for row in rows if repr(row) not in there)])


def _clashes(found: Draft, sample: Sample) -> whole.Clashes:
    columns = [*found.key.columns, *([found.key.version] if found.key.version else [])]
    named = [one for one in columns if not found.from_name or one != found.from_name.column]
    present = {old: new for new, names in found.aliases.items() for old in names}
    return whole.clashes(sample, named, present, found.nulls)


def _notes_on_reading(samples: Sequence[Sample]) -> Iterator[str]:
    """What was read of what, and how sure that makes the guesses."""
    rows = count(_total(samples), "row")
    said = f"read: all {rows} of {count(len(samples), 'object')}"
    if any(sample.is_large for sample in samples):
        said += (
            f"; the types come from the first {sample_objects.ROWS:,} of each object and from each later row "
            "with a value of another form, the key was held against all rows"
        )
    yield said
    if len(samples) == 1:
        yield (
            "it is one object alone: what differs between objects, such as renamed fields or a date in their "
            "names, cannot be seen: give several"
        )


def _drafted(name: str, place: str, samples: Sequence[Sample]) -> Draft:
    aliases, notes = renames.find(samples)
    present = {old: new for new, names in aliases.items() for old in names}
    fields = list(dict.fromkeys(present.get(one, one) for sample in samples for one in sample.fields))
    newest_first = sorted(fields, key=lambda one: one not in samples[-1].fields)
    left_out = _left_out(newest_first, samples[0].format)
    objects = [[renames.present_row(row, present) for row in sample.rows] for sample in samples]
    found = Draft(name, place, samples[0].format, samples[0].delimiter, {}, aliases)
    found.notes += [note for sample in samples for note in sample.notes]
    found.notes += [*notes, *left_out.values()]
    _take_kinds(found, [one for one in fields if one not in left_out], objects)
    if not found.kinds:
        raise DataSetError(f"{samples[-1].path}: has no field that can become a column: give named fields")
    _take_date_from_names(found, samples)
    _take_key(found, samples, objects)
    _note_columns(found, objects)
    return found


def _table_name(name: str) -> str:
    from ingestion.description.model import table_name

    return table_name(name)


def _check_alike(samples: Sequence[Sample]) -> None:
    first = samples[0]
    for other in samples[1:]:
        if other.format != first.format:
            raise DataSetError(
                f"{other.path}: is {other.format}, but {first.path} is {first.format}: the objects are of "
                "different formats, give those of one data set"
            )
        if other.delimiter != first.delimiter:
            raise DataSetError(
                f"{other.path}: its delimiter is {other.delimiter!r}, that of {first.path} "
                f"{first.delimiter!r}: give objects with one delimiter"
            )


def _left_out(fields: Sequence[str], source_format: str) -> dict[str, str]:
    """Fields that cannot become a column, and why."""
    from ingestion.description.problems import is_addressable

    found: dict[str, str] = {}
    taken: dict[str, str] = {}
    for name in fields:
        column = _table_name(name)
        if not is_addressable(name, source_format):
            found[name] = f"{name!r} is left out: the job can read no field of this name"
        elif column in taken:
            found[name] = (
                f"{name} is left out: in the table both it and {taken[column]} would be {column}; if one is "
                "the other's older name, name it under `aliases`"
            )
        else:
            taken[column] = name
    return found


def _take_kinds(found: Draft, fields: Sequence[str], objects: Sequence[Sequence[Row]]) -> None:
    """The types of the columns and, of a CSV, the words for a missing value, which the rows lose."""
    if found.format == "csv":
        words = {
            name: null_words(_bare(row.get(name)) for rows in objects for row in rows) for name in fields
        }
        found.nulls = tuple(dict.fromkeys(word for several in words.values() for word in several))
        if found.nulls:
            found.notes.append(_note_on_nulls(found.nulls, words, objects))
        for row in (row for rows in objects for row in rows):
            row.update({name: None for name, value in row.items() if _bare(value) in found.nulls})
    for name in fields:
        values = [row.get(name) for rows in objects for row in rows]
        found.kinds[name] = kind_of(values if found.format == "json" else map(_bare, values), found.format)
    if found.format == "csv":
        _note_blanks(found, objects)


def _bare(text: str | None) -> str | None:
    """A text of a CSV as the job compares and parses it, unless it is kept as text."""
    return text.strip(" ") if text else text


def _note_blanks(found: Draft, objects: Sequence[Sequence[Row]]) -> None:
    texts = [name for name, kind in found.kinds.items() if kind.type == "string"]
    rows = [row for one in objects for row in one]
    if blank := [name for name in texts if any(row.get(name) != _bare(row.get(name)) for row in rows)]:
        found.notes.append(
            f"texts of {', '.join(blank)} have outer blanks, which the table keeps: add trim=True to the "
            "Source to take them away"
        )


def _note_on_nulls(
    nulls: Sequence[str], words: Mapping[str, Iterable[str]], objects: Sequence[Sequence[Row]]
) -> str:
    said = f"{', '.join(nulls)} is taken for no value, as in {next(name for name in words if words[name])}"
    others = [
        name
        for name in words
        if not words[name] and any(row.get(name) in nulls for rows in objects for row in rows)
    ]
    return (
        f"{said}; so it is in {', '.join(others)} too: check that it is not a code there" if others else said
    )


def _take_date_from_names(found: Draft, samples: Sequence[Sample]) -> None:
    """Make a column of the date in the objects' names, where no field is a date."""
    dates = [name for name, kind in found.kinds.items() if kind.type == "date"]
    if any(not keys.is_version(name, found.kinds[name]) for name in dates):
        return
    column = NAME_COLUMN if NAME_COLUMN not in map(_table_name, found.kinds) else "object_date"
    for pattern, spark in _DATE_IN_NAME.items():
        if all(re.search(pattern, sample.path.name) for sample in samples):
            found.from_name = NameDate(column, pattern, spark)
            found.notes.append(f"{column} comes from the names of the objects: no field is a date")
            return


def _take_key(found: Draft, samples: Sequence[Sample], objects: Sequence[list[Row]]) -> None:
    kinds = found.kinds
    if found.from_name:
        kinds = {found.from_name.column: Kind("date"), **kinds}
        for sample, rows in zip(samples, objects, strict=True):
            match = re.search(found.from_name.pattern, sample.path.name)
            for row in rows:
                row[found.from_name.column] = match and match[1]
    large = any(sample.is_large for sample in samples)
    found.key = keys.guess(objects, kinds, _total(samples) if large else 0)
    found.notes += found.key.notes


def _note_columns(found: Draft, objects: Sequence[Sequence[Row]]) -> None:
    rows = [row for one in objects for row in one]
    full = [name for name in found.kinds if all(keys.text_of(row.get(name)) for row in rows)]
    if others := [name for name in full if name not in found.key.columns]:
        found.notes.append(
            f"never empty: {', '.join(others)}: add required=True where the publisher promises it"
        )
    found.notes += [f"{name}: {kind.note}" for name, kind in found.kinds.items() if kind.note]
