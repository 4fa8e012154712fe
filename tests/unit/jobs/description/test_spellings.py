"""Types, datetime patterns and names that Spark or the catalog would not take are refused with the cure."""

from __future__ import annotations

import pytest

from ingestion.description.spellings import format_problem, partition_problem, type_problem


@pytest.mark.parametrize(
    ("kind", "problem"),
    [
        ("integer", "`integer` is not a type of the Data Catalog: write `int`"),
        ("long", "write `bigint`"),
        ("text", "write `string`"),
        ("varchar(10)", "write `string`"),
        ("STRING", "write `string`"),
        ("decimal", "write `decimal(18,2)`"),
        ("decimal(10, 2)", "write `decimal(10,2)`"),
        ("decimal(39,2)", "precision from 1 to 38"),
        ("decimal(0,0)", "precision from 1 to 38"),
        ("decimal(2,3)", "a scale not above it"),
        ("json", "write one of string, boolean, "),
        ("", "`` is not a type of the Data Catalog"),
        ("map<int,int>", "the keys of a map are text: write `map<string,type>`"),
        ("array<map<string,integer>>", "write `int`"),
        ("map<string,int", "`>` is missing at its end"),
        ("array<struct<a:integer>>", "`integer` is not a type of the Data Catalog: write `int`"),
        ("array<int", "`>` is missing at its end"),
        ("array<int>>", "`>` is left over"),
        ("string,int", "`,int` is left over"),
        ("array", "write `array<type>`"),
        ("array<>", "`` is not a type"),
        ("struct<>", "at `>`: write a field as `name:type`"),
        ("struct<a int>", "at `a int>`: write a field"),
        ("struct<age-band:int>", "other names than words in back-ticks"),
        ("struct<a:int,>", "at `>`: write a field"),
        ("struct<a:int,A:int>", "field `a` occurs twice"),
        ("struct<a:int;b:int>", "`>` is missing before `;b:int>`"),
    ],
)
def test_a_type_that_the_catalog_does_not_know_is_refused(kind: str, problem: str) -> None:
    found = type_problem(kind)
    assert found.startswith(f"type `{kind}`: ")
    assert problem in found


@pytest.mark.parametrize(
    "kind",
    [
        "decimal(38,38)",
        "map<string,array<struct<a:int>>>",
        "array<array<int>>",
        "struct<`a b`:struct<0_to_4:int>,c:array<date>>",
        "array<struct<age:string,value:bigint,rate:double>>",
    ],
)
def test_a_type_of_the_catalog_is_taken(kind: str) -> None:
    assert type_problem(kind) == ""


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        ("%Y-%m-%d", "is Python's: Spark's is such as `yyyy-MM-dd`"),
        ("YYYY-MM-dd", "`YYYY` means nothing here: a year is `yyyy`"),
        ("uuuu-MM-dd", "a year is `yyyy`"),
        *((f"yyyy-MM-dd {letter}", f"`{letter}` means nothing here") for letter in "wWecEFqQnNAB#{"),
        ("yyyy-MM-ddTHH:mm", "`T` means nothing here: text goes into single quotes"),
        ("yyyy-mm-dd", "must name the year, and a month before its day"),
        ("MM-dd", "must name the year, and a month before its day"),
        ("", "must name the year, and a month before its day"),
        ("'yyyy-MM-dd'", "must name the year, and a month before its day"),
        ("yyyy-dd", "a month before its day"),
        ("yyyy-MM-dd mm:ss", "(`m` is the minute)"),
        ("yyyy-MM HH", "must name the day of its hour"),
        ("yyyy-MM-DD", "`D` is the day of the year: write `d`"),
        ("yyyy-MM-ddd", "`ddd` is too long or too short: write up to 2 `d`"),
        ("yyyy-MMMMM-dd", "`MMMMM` is too long"),
        ("yyyy-MM-dd hh:mm", "`h` and `K` count to 12 and need an `a`: write `H`"),
        ("yyyy-MM-dd'T", "has a quote or bracket without its other half"),
        ("yyyy-MM-dd]", "has a quote or bracket without its other half"),
        ("yyyy-MM-dd[ HH:mm", "has a quote or bracket without its other half"),
    ],
)
def test_a_format_that_spark_does_not_parse_is_refused(pattern: str, problem: str) -> None:
    found = format_problem(pattern)
    assert found.startswith(f"format `{pattern}`")
    assert problem in found


@pytest.mark.parametrize(
    "pattern",
    [
        "M/d/yy[ H:mm[:ss]]",
        "yyyyDDD",
        "yyyy-MM",
        "yyyy",
        "d LLL y",
        "yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
        "y-M-d h 'o''clock' a",
    ],
)
def test_a_format_of_spark_is_taken(pattern: str) -> None:
    assert format_problem(pattern) == ""


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        ("", "names folders"),
        ("yyyy/MM", "names folders: write letters"),
        ("yyyy'x'", "names folders"),
        ("YYYY-MM", "`YYYY` means nothing here: a year is `yyyy`"),
        ("yyyy-MM-HH", "`HH` means nothing here"),
        ("yyyy-ddd", "`ddd` is too long"),
        ("MM", "it names no year"),
    ],
)
def test_a_pattern_that_names_no_folders_is_refused(pattern: str, problem: str) -> None:
    found = partition_problem(pattern)
    assert found.startswith(f"pattern `{pattern}`")
    assert problem in found
