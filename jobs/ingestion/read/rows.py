"""Lines of the source to rows of the table: pure steps from DataFrame to DataFrame.

Columns whose name begins with an underscore travel with a row and never reach the table.
"""

from __future__ import annotations

import operator
from collections.abc import Collection, Iterator, Mapping
from functools import reduce
from itertools import combinations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812 - the name that every Spark code base uses
from pyspark.sql.types import DataType, DateType

from ingestion.description import CSV, REJECT, DataSet
from ingestion.description import Column as Described
from ingestion.description.model import FLOATING, ISO_DATE, TEMPORAL
from ingestion.read import exact, fields, nested, quotes, times, undescribed

RAW = "_raw"  # the line as it was read; NULL once its row is judged and not rejected
OBJECT = "_object"  # the key of its object
BLOCK = "_block"  # where the part of the object that its task reads begins, in bytes
ID = "_id"  # counts the lines of a block, from any number on
PARTITION = "_partition"  # the value of the table's partition key
REASON = "_reason"  # why the row is rejected; NULL for a good row
OUTCOME = "_outcome"  # what happens to the row: one of those below
UNKNOWN = "_unknown"  # fields of the row that are not described
PLACE = (OBJECT, BLOCK, ID)  # orders rows of a key that are equal otherwise: the later one counts

ACCEPTED = "accepted"
REJECTED = "rejected"
FILTERED_OUT = "filtered_out"
NOT_UTF8 = "not_utf8"
NO_ROW = "no_row"  # a blank line
HEADER = "header"  # of a CSV: its first line, or that line once more

BUCKET = 8  # the earliest place in a path at which a bucket can end: after s3://abc
_IS_UTF8 = "_is_utf8"
_TEXT_OF = {
    **dict.fromkeys(FLOATING, exact.NUMBER),
    "boolean": r"^(?i)(true|false|t|f|yes|no|y|n|1|0)\z",
}


def lines(text: DataFrame, moved: tuple[str, str] | None = None) -> DataFrame:
    """Each line with its object and its place in it, from Spark's text files.

    `moved` are the beginnings of keys in the archive, before the folder of the version, and at the source.
    """
    path = "_metadata.file_path"
    # A URI is ASCII, and cut far more cheaply as bytes.
    key = F.expr(f"cast(substring(cast({path} as binary), locate('/', {path}, {BUCKET}) + 1) as string)")
    # The path is a URI, where + is a plus. Few have anything to decode, and every line has its path.
    decoded = F.when(~F.contains(key, F.lit("%")), key).otherwise(
        F.url_decode(F.replace(key, F.lit("+"), F.lit("%2B")))
    )
    if moved:
        here, source = moved
        name = F.substring(decoded, len(here) + 1, 2**31 - 1)
        decoded = F.concat(F.lit(source), F.regexp_replace(name, "^[^/]*/", ""))
    return text.select(
        F.col("value").alias(RAW),  # Hadoop takes a byte order mark away
        decoded.alias(OBJECT),
        F.col("_metadata.file_block_start").alias(BLOCK),
        F.monotonically_increasing_id().alias(ID),
    )


def parse(
    raw: DataFrame,
    dataset: DataSet,
    header: fields.Header | None = None,
    every: int = 1,
    by_digits: bool = True,
) -> DataFrame:
    """Read each line by the explicit schema: adds the table's columns, PARTITION, REASON and UNKNOWN.

    `header` is that of the objects if they are CSV. `raw` has the columns of `lines`. One in `every` lines is
    searched for UNKNOWN fields. Without `by_digits`, a line whose numbers may have been altered is DOUBTFUL.
    """
    field = fields.finder(dataset, header)
    given = {column.name: field(column) for column in dataset.columns}
    typed = [
        _typed(dataset, column, given[column.name]).alias(column.table_name) for column in dataset.columns
    ]
    carried = [RAW, OBJECT, BLOCK, ID]
    seen = [is_utf8(F.col(RAW)).alias(_IS_UTF8), *fields.readings(dataset, header)]
    unknown = F.when(is_utf8(F.col(RAW)), undescribed.unknown(dataset, header, every)).alias(UNKNOWN)
    read = raw.select(*carried, *seen, unknown)
    doubts = []
    if not by_digits and not header:
        doubts.append(F.when(F.col(_IS_UTF8) & exact.is_doubtful(dataset), exact.DOUBTFUL))
    elif (record := exact.record(dataset)) is not None:
        read = read.withColumn(fields.RECORD, record)
    return read.select("*", *typed).select(
        *carried,
        *dataset.table_columns,
        partition(dataset, given).alias(PARTITION),
        F.coalesce(*doubts, *_reasons(dataset, given, header)).alias(REASON),
        UNKNOWN,
    )


def without_texts_over_lines(parsed: DataFrame, dataset: DataSet) -> DataFrame:
    """Reject each line of a quoted text over several lines, unless it is rejected as NOT_UTF8."""
    inside = quotes.inside_a_text(dataset.source.delimiter, PLACE) & ~F.col(REASON).eqNullSafe(NOT_UTF8)
    return parsed.withColumn(REASON, F.when(inside, quotes.MALFORMED_CSV).otherwise(F.col(REASON)))


def partition(dataset: DataSet, given: Mapping[str, Column] | None = None) -> Column:
    """The value of a row's partition key; faster with the texts that were `given`."""
    if dataset.partition is None:
        return F.lit("")
    column, pattern = dataset.column(dataset.partition.field), dataset.partition.pattern
    name = column.table_name
    formatted = F.date_format(name, pattern)
    if pattern not in ("yyyy", "yyyy-MM", ISO_DATE):
        return formatted
    # Cutting out a part is far cheaper than a formatter, which is for years of more or fewer digits only.
    number = F.year(name) * 10_000 + F.month(name) * 100 + F.dayofmonth(name)
    digits = number.cast("string")
    parts = [F.substring(digits, start, length) for start, length in ((1, 4), (5, 2), (7, 2))]
    written = F.substring(F.concat_ws("-", *parts), 1, len(pattern))
    value = F.when(number.between(1000_01_01, 9999_12_31), written).otherwise(formatted)
    if not given or column.formats[:1] not in ((), (ISO_DATE,)):
        return value
    text = given[column.name]
    is_text = F.col(name).isNotNull() & times.looks_iso(text)
    return F.when(is_text, F.substring(text, 1, len(pattern))).otherwise(value)


def _typed(dataset: DataSet, column: Described, field: Column) -> Column:
    """The value of a column; NULL if the text does not fit the type, or only changed."""
    if column.type in TEMPORAL:
        return times.described(column, F.trim(field))
    if column.is_decimal and not _is_cast(dataset, column):
        return _exactly(field, column.type)
    if column.is_nested:
        kind = nested.data_type(column.type)
        return nested.converted(field, kind, _inside) if nested.has_times(kind) else field.cast(column.type)
    if column.type == "string" or not _is_cast(dataset, column):
        return field
    text = F.trim(field)
    if column.type in _TEXT_OF:
        return F.when(text.rlike(_TEXT_OF[column.type]), text.cast(column.type))
    return exact.number(text, nested.data_type(column.type))


def _inside(value: Column, kind: DataType) -> Column:
    """A value inside a nested column, where a date or a timestamp is a text."""
    if not nested.is_time(kind):
        return value.cast(kind)
    return times.iso_date(F.trim(value)) if isinstance(kind, DateType) else times.iso_timestamp(F.trim(value))


def _is_no_time(value: Column, kind: DataType) -> Column | None:
    return value.isNotNull() & _inside(value, kind).isNull() if nested.is_time(kind) else None


def _exactly(value: Column, kind: str) -> Column:
    """The value in a narrower type; NULL if it would not be the same there."""
    return F.when(value == value.cast(kind), value.cast(kind))


def is_utf8(text: Column) -> Column:
    """Whether the bytes of a line are UTF-8: Spark keeps them as they are, until somebody reads a text."""
    return F.decode(text.cast("binary"), "UTF-8") == text


def readable(text: Column) -> Column:
    """The line; one that is no UTF-8 with each byte as the character that it is in ISO 8859-1."""
    return F.when(is_utf8(text), text).otherwise(F.decode(text.cast("binary"), "ISO-8859-1"))


def is_blank(text: Column) -> Column:
    """Whether a text is only white space; the pattern runs only if the first sign may be white space."""
    return (text < "!") & ~text.rlike(r"\S")


def _is_cast(dataset: DataSet, column: Described) -> bool:
    return column.is_text_in_source or dataset.source.format == CSV


def _reasons(dataset: DataSet, given: dict[str, Column], header: fields.Header | None) -> Iterator[Column]:
    """Reasons to reject a row; each is NULL for a row that is good."""
    yield F.when(~F.col(_IS_UTF8), NOT_UTF8)
    yield from fields.malformed(dataset)
    yield from _contradictions(dataset, header)
    for column in dataset.columns:
        if dataset.is_required(column):
            value = given[column.name]
            missing = value.isNull()
            if column.type == "string" or _is_cast(dataset, column):
                missing = missing | is_blank(value)
            yield F.when(missing, f"missing_{column.table_name}")
    for column in dataset.columns:
        if column.type != "string" and (_is_cast(dataset, column) or column.is_decimal):
            kind = "bad" if column.type in TEMPORAL else "wrong_type"
            unreadable = given[column.name].isNotNull() & F.col(column.table_name).isNull()
            yield F.when(unreadable, f"{kind}_{column.table_name}")
        if column.type in FLOATING:
            infinite = F.abs(F.col(column.table_name)) == float("inf")
            yield F.when(infinite, f"out_of_range_{column.table_name}")
        if column.is_nested:
            yield from _reasons_inside(column, given[column.name])
    for expectation in dataset.expectations:
        if expectation.severity == REJECT:
            yield F.when(~F.expr(expectation.condition), expectation.reason)


def _contradictions(dataset: DataSet, header: fields.Header | None) -> Iterator[Column]:
    """Reasons to reject a row that has a field and one of its aliases, with other values."""
    for column in dataset.columns:
        if column.aliases and not column.from_name:
            for one, other in combinations(fields.given(dataset, header, column), 2):
                yield F.when(_differ(dataset, column, one, other), f"two_values_{column.table_name}")


def _differ(dataset: DataSet, column: Described, one: Column, other: Column) -> Column:
    """Whether two fields of a column both have a value, and not the same."""
    both = one.isNotNull() & other.isNotNull()
    if column.is_nested:  # a map cannot be compared, its text can
        return both & (F.to_json(F.struct(one.alias("x"))) != F.to_json(F.struct(other.alias("x"))))
    same = _typed(dataset, column, one).eqNullSafe(_typed(dataset, column, other))
    return both & (one != other) & ~same


def _reasons_inside(column: Described, value: Column) -> Iterator[Column]:
    """What may be wrong with values inside a nested column."""
    kind = nested.data_type(column.type)
    tests = {
        "two_values": nested.has_a_key_twice,
        "wrong_type": nested.is_rounded,
        "out_of_range": nested.is_infinite,
        "bad": _is_no_time,
    }
    for reason, test in tests.items():
        if (found := nested.any_value(value, kind, test)) is not None:
            yield F.when(found, f"{reason}_{column.table_name}")


def judge(
    parsed: DataFrame, dataset: DataSet, areas: Collection[str] = (), header: fields.Header | None = None
) -> DataFrame:
    """Add OUTCOME: the data set's `keep` drops rows, whatever else is wrong with them, such as a footer.

    Then rows with a REASON are rejected, and `areas` (lower case) filter. ID counts anew, in the same order:
    Spark moves no filter below a count. It would move one by OUTCOME down to the text, and write all that
    OUTCOME is made of into it, at each use once more: a plan of millions of signs.
    """
    is_no_row = is_blank(F.col(RAW))
    if header and (delimiter := dataset.source.delimiter).isspace():
        is_no_row &= ~F.contains(RAW, F.lit(delimiter))
    outcome = F.when(is_no_row, NO_ROW)
    if header:
        outcome = outcome.when(F.col(RAW) == header.line, HEADER)
    if dataset.keep:
        unread = F.col(REASON).eqNullSafe(NOT_UTF8) | F.col(REASON).eqNullSafe(exact.DOUBTFUL)
        outcome = outcome.when(~F.expr(dataset.keep) & ~unread, FILTERED_OUT)
    outcome = outcome.when(F.col(REASON).isNotNull(), REJECTED)
    if dataset.keep:
        outcome = outcome.when(F.expr(dataset.keep).isNull(), FILTERED_OUT)
    if areas and dataset.subset:
        outcome = outcome.when(~wanted(dataset, areas), FILTERED_OUT)
    outcome = outcome.otherwise(ACCEPTED)
    is_row = ~outcome.isin(NO_ROW, HEADER)
    rejected = F.when(is_row & F.col(REASON).isNotNull(), readable(F.col(RAW))).alias(RAW)
    others = [name for name in parsed.columns if name not in (RAW, ID)]
    return parsed.select(rejected, *others, F.monotonically_increasing_id().alias(ID), outcome.alias(OUTCOME))


def wanted(dataset: DataSet, areas: Collection[str]) -> Column:
    """Whether any subset field of a row is one of the areas; letter case and outer blanks do not count."""
    matches = (F.coalesce(area(dataset, name).isin(list(areas)), F.lit(False)) for name in dataset.subset)
    return reduce(operator.or_, matches, F.lit(False))


def area(dataset: DataSet, name: str) -> Column:
    return F.lower(F.trim(dataset.column(name).table_name))
