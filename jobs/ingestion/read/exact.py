"""Numbers by their own digits: what a text says, and what a line of JSON says where Spark's reader alters it.

Spark rounds a bare number of JSON before anybody can compare it. A line in which that may have happened is
read once more, with each bare number as a text that begins with MARK.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import reduce

from pyspark.sql import Column
from pyspark.sql import functions as F  # noqa: N812 - the name that every Spark code base uses
from pyspark.sql.types import (
    ArrayType,
    BooleanType,
    DataType,
    DecimalType,
    FractionalType,
    IntegralType,
    MapType,
    StringType,
    StructType,
)

from ingestion.description import CSV, DataSet
from ingestion.description import Column as Described
from ingestion.description.model import CORRUPT
from ingestion.read import fields, nested

DOUBTFUL = "doubtful"  # the reason for a line that has to be read again: no row ends with it
MARK = "\ufdd0"  # a character that Unicode keeps for uses such as this one
_RAW = "_raw"
NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\z"
_INTEGER = r"^[+-]?\d+\z"
_HAS_MARK = rf"{MARK}|\\u[fF][dD][dD]0"
# In a line: texts and all else before a number, then the number as JSON writes it.
_BARE = (
    r'\G((?:[^"\d-]++|"(?:[^"\\]++|\\.)*+")*+)'
    r"(-?(?:0|[1-9]\d*+)(?:\.\d++)?+(?:[eE][+-]?\d++)?+)(?=[\s,\]}])"
)
_MARKED = rf'^{MARK}|"{MARK}([^"]*)"'
# The texts that Spark makes of numbers with a fraction or an exponent, of -0, and of structures.
_MADE_WHOLE = r'^(?:-?\d+\.\d|"-?Infinity"$|0$|[\[{])'
_MADE = f"(?m){_MADE_WHOLE}"
_MADE_OF = r"[:\[,]\s*(?:-?\d+[.eE]|-0\b)"
_WITH_COMMA = r'"(?=[^"]*\d)[-+.eE\d]*+,[-+.,eE\d]*+"'  # Spark's reader takes it away: 1,5 would be 15


def number(text: Column, kind: DataType) -> Column:
    """The whole number or decimal that a text without outer blanks is; NULL if the type does not hold it."""
    if isinstance(kind, DecimalType):
        return F.when(_fits(text, kind), text.cast(kind))
    widest = DecimalType(38, 0)
    whole = F.when(_fits(text, widest), text.cast(widest))
    narrowed = F.when(whole == whole.cast(kind), whole.cast(kind))
    return F.when(text.rlike(_INTEGER), text.cast(kind)).otherwise(narrowed)


def _fits(text: Column, kind: DecimalType) -> Column:
    """Whether a text is a number that the type holds as it is."""
    whole = kind.precision - kind.scale
    plain = text.rlike(rf"^[+-]?+(?=\.?\d)0*+\d{{0,{whole}}}+(?:\.\d{{0,{kind.scale}}}+0*+)?+\z")
    return plain | (text.rlike("[eE]") & text.rlike(NUMBER) & _fits_by_exponent(text, kind))


def _fits_by_exponent(text: Column, kind: DecimalType) -> Column:
    digits = F.regexp_replace(text, r"[eE].*|[^\d]", "")
    significant = F.regexp_replace(digits, "0+$", "")
    decimals = F.length(F.regexp_extract(text, r"\.(\d*)", 1))
    exponent = F.regexp_extract(text, r"[eE](.*)", 1).cast("int") - decimals
    last = exponent + F.length(digits) - F.length(significant)  # the power of ten of the last digit
    length = F.length(F.regexp_replace(significant, "^0+", ""))
    holds = (last >= -kind.scale) & (length + last <= kind.precision - kind.scale)
    return (length == 0) | F.coalesce(holds, F.lit(False))


def _again(dataset: DataSet) -> Column:
    """The second reading of a line, whose numbers are texts."""
    marked = F.regexp_replace(_RAW, _BARE, f'$1"{MARK}$2"')
    line = F.when(~F.col(_RAW).rlike(_HAS_MARK), marked).otherwise(MARK)
    types = {name: column.text_type for column, name in _fields(dataset)}
    return fields.json_record(dataset, types, line)


def record(dataset: DataSet) -> Column | None:
    """RECORD, by its digits where that may differ; CORRUPT says which column cannot hold a number.

    None for a CSV, whose first reading always is exact.

    The second reading is made by functions on elements, which are computed for the lines that need them
    alone: as part of the code for every line they would slow down all of them. No column holds it: each row
    would be copied for that.
    """
    if dataset.source.format == CSV:
        return None
    first = F.col(fields.RECORD)

    def chosen(exact: Column) -> Column:
        is_lost = first.getField(CORRUPT).isNotNull() & exact.getField(CORRUPT).isNotNull()
        return F.when(is_lost, first).otherwise(exact)

    exact = _named(_again(dataset), lambda again: _named(_exact(dataset, again), chosen))
    return F.when(is_doubtful(dataset), exact).otherwise(first)


def _named(value: Column, use: Callable[[Column], Column]) -> Column:
    """What `use` makes of a value, which stands in the plan once however often it is used.

    Spark writes an expression down at each of its uses, and plans each: of sixty columns that takes longer
    than to read a small object.
    """
    return F.get(F.transform(F.array(value), use), F.lit(0))


def _exact(dataset: DataSet, second: Column) -> Column:
    """The second reading as one like the first; the columns of one simple type share their expressions."""
    columns = list(_fields(dataset))
    groups: dict[DataType, list[int]] = {}
    for number_, (column, _) in enumerate(columns):
        groups.setdefault(_kind(column), []).append(number_)
    values = {
        kind: F.array(*(second.getField(_name(dataset, columns[one])) for one in members))
        for kind, members in groups.items()
    }
    made = F.struct(
        *(F.transform(values[kind], _pair(kind)).alias(f"_{number_}") for number_, kind in enumerate(groups))
    )
    return _named(made, lambda pairs: _put_together(dataset, second, pairs, groups))


def _pair(kind: DataType) -> Callable[[Column], Column]:
    """Makes of a value one of the first reading, and says whether a number in it is lost."""

    def pair(value: Column) -> Column:
        lost = nested.any_value(value, kind, _is_lost)
        made = nested.converted(value, kind, _as_first)
        return F.struct(made.alias("value"), (F.lit(False) if lost is None else lost).alias("lost"))

    return pair


def _put_together(
    dataset: DataSet, second: Column, pairs: Column, groups: Mapping[DataType, Sequence[int]]
) -> Column:
    columns = list(_fields(dataset))
    found: dict[int, Column] = {}
    for number_, members in enumerate(groups.values()):
        for place, one in enumerate(members):
            found[one] = F.get(pairs.getField(f"_{number_}"), F.lit(place))
    parts = [found[one].getField("value").alias(_name(dataset, columns[one])) for one in range(len(columns))]
    lost = [F.when(found[one].getField("lost"), wrong_type(columns[one][0])) for one in range(len(columns))]
    corrupt = F.coalesce(second.getField(CORRUPT), *lost)
    return F.struct(*parts, corrupt.alias(CORRUPT))


def _name(dataset: DataSet, field: tuple[Described, str]) -> str:
    return fields.names_in_record(dataset)[field[1]]


def wrong_type(column: Described) -> str:
    return f"{fields.WRONG_TYPE}_{column.table_name}"


def _fields(dataset: DataSet) -> Iterator[tuple[Described, str]]:
    return ((column, name) for column in dataset.columns if not column.from_name for name in column.names)


def _kind(column: Described) -> DataType:
    return StringType() if column.is_text_in_source else nested.data_type(column.type)


def _as_first(value: Column, kind: DataType) -> Column:
    """A value of the second reading as one of the first; NULL if its type does not hold it."""
    is_bare, digits = F.startswith(value, F.lit(MARK)), F.substring(value, 2, 2**31 - 1)
    if isinstance(kind, DecimalType):
        widest = DecimalType(38, 38 - (kind.precision - kind.scale))
        return number(F.trim(F.when(is_bare, digits).otherwise(value)), kind).cast(widest)
    if isinstance(kind, IntegralType):
        return F.when(is_bare, number(digits, kind))
    if isinstance(kind, FractionalType):
        return F.when(is_bare, digits.cast(kind))
    if isinstance(kind, BooleanType):
        return value
    return F.when(F.contains(value, F.lit(MARK)), F.regexp_replace(value, _MARKED, "$1")).otherwise(value)


def _is_lost(value: Column, kind: DataType) -> Column | None:
    """Whether a number is no longer there; text and truth values always are."""
    is_number = isinstance(kind, (IntegralType, FractionalType))
    return value.isNotNull() & _as_first(value, kind).isNull() if is_number else None


def is_doubtful(dataset: DataSet) -> Column:
    """Whether the first reading may have altered a number: a cheap look tells that most are exact."""
    found = list(_refused(dataset))
    if (made := _has_made_text(dataset)) is not None:
        found.append(made & F.col(_RAW).rlike(_MADE_OF))
    kinds = [column.source_type for column, _ in _fields(dataset)]
    if scales := [int(scale) for kind in kinds for scale in re.findall(r"decimal\(38,(\d+)\)", kind)]:
        raw = F.col(_RAW)
        found += [F.contains(raw, F.lit("e-")), F.contains(raw, F.lit("E-"))]
        found.append(raw.rlike(rf"\.\d{{{min(scales)}}}\d|{_WITH_COMMA}"))
    return reduce(operator.or_, found, F.lit(False))


def _refused(dataset: DataSet) -> Iterator[Column]:
    """Whether Spark's reader may have refused a number that by its digits is a whole one, or a decimal.

    A text in the place of a number is refused both ways: no reason to read the object again.
    """
    described = [_names_of_numbers(name, _kind(column)) for column, name in _fields(dataset)]
    numbers: set[str | None] = set().union(*described)
    if not numbers:
        return
    is_corrupt = F.col(fields.RECORD).getField(CORRUPT).isNotNull()
    names = "|".join(re.escape(name) for name in sorted(filter(None, numbers)))
    before = r"[:\[,]" if None in numbers else f'"(?:{names})"\\s*:'
    # With a backslash, a name may be spelled in other ways.
    is_number = F.col(_RAW).rlike(rf"{before}\s*-?\d+[.eE]") | F.contains(_RAW, F.lit("\\"))
    yield is_corrupt & F.coalesce(fields.IS_JSON, F.lit(False)) & is_number


def _names_of_numbers(name: str | None, kind: DataType) -> Iterator[str | None]:
    """The names of whole numbers and decimals, as a line has them; None for those without a name."""
    if isinstance(kind, StructType):
        for one in kind.fields:
            yield from _names_of_numbers(one.name, one.dataType)
    elif isinstance(kind, (ArrayType, MapType)):
        inner = kind.elementType if isinstance(kind, ArrayType) else kind.valueType
        yield from _names_of_numbers(None, inner)
    elif isinstance(kind, (IntegralType, DecimalType)):
        yield name


def _has_made_text(dataset: DataSet) -> Column | None:
    """Whether a text of RECORD looks as if Spark had made it of a number; None if it has no texts."""
    names = fields.names_in_record(dataset)
    found: list[Column] = []
    inside: list[Column] = []
    for column, name in _fields(dataset):
        value, kind = F.col(fields.RECORD).getField(names[name]), _kind(column)
        if isinstance(kind, StringType) or nested.is_time(kind):
            found.append(_may_be_made(value) & value.rlike(_MADE_WHOLE))
        else:
            inside += nested.texts(value, kind)
    if inside:
        found.append(F.concat_ws("\n", *inside).rlike(_MADE))
    return reduce(operator.or_, found) if found else None


def _may_be_made(text: Column) -> Column:
    """Whether _MADE_WHOLE may match: the first byte tells most others, far more cheaply than a pattern."""
    has_more = F.contains(text, F.lit(".")) | (text == "0") | F.startswith(text, F.lit('"'))
    is_structure = F.startswith(text, F.lit("[")) | F.startswith(text, F.lit("{"))
    return ((text < ":") & has_more) | is_structure
