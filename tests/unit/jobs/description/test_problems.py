"""Contradictions in a description are named when it is loaded, each in one line."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

import datasets
from ingestion.description import Column, DataSet, Expectation, Fresh, NamedQuery, Partition, Source, Unique
from ingestion.errors import InvalidDescriptionError

UK_COVID = datasets.load("uk_covid")
SMALL = DataSet(
    name="small",
    description="A table of one column",
    source=Source("small/"),
    columns=(Column("date", "date"),),
    key=("date",),
    queries=(NamedQuery("all", "SELECT * FROM small"),),
)
BANDS = "array<struct<age:string,value:bigint,rate:double>>"


def with_column(name: str = "extra", kind: str = "string", **options: object) -> dict[str, object]:
    """One more column than the United Kingdom's."""
    return {"columns": (*UK_COVID.columns, Column(name, kind, **options))}  # type: ignore[arg-type]


def with_unnested(**options: object) -> dict[str, object]:
    return {"unnested": (replace(UK_COVID.unnested[0], **options),)}  # type: ignore[arg-type]


def refused(changes: dict[str, object], problem: str) -> None:
    """Applied to the description of the United Kingdom they are refused, in one line with its name."""
    with pytest.raises(InvalidDescriptionError, match=problem) as caught:
        replace(UK_COVID, **changes)  # type: ignore[arg-type]
    assert re.fullmatch(r"data set `.+`: .+", str(caught.value))


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"columns": (*UK_COVID.columns, Column("AREANAME", "string"))}, r"\['areaname'\] occur twice"),
        ({"key": ("areaCode", "day")}, r"key \['day'\] is not among the columns"),
        ({"key": ()}, "it has no key"),
        ({"key": ("areaCode", "date", "date")}, r"key \['date'\] occur twice"),
        ({"subset": ("country",)}, r"subset \['country'\] is not among the columns"),
        ({"subset": ("areaName", "areaName")}, r"subset \['areaName'\] occur twice"),
        ({"subset": ("maleCases",)}, "subset `maleCases` is array.*: name a text field"),
        ({"partition": Partition("month", "areaName", "yyyy-MM")}, "must be a date of the key"),
        ({"key": ("areaCode",)}, "must be a date of the key"),
        ({"version": "edition"}, r"version \['edition'\] is not among the columns"),
        ({"version": "areaCode"}, "version `areaCode` is in the key"),
        ({"max_rejected": 20}, "`20` is not a share from 0 to 1"),
        ({"max_rejected": float("nan")}, "`nan` is not a share from 0 to 1"),
        ({"queries": ()}, "it has no named query: add one to `queries`"),
        ({"queries": (NamedQuery(" ", "SELECT 1"),)}, "a named query has the title ' '"),
        ({"queries": (NamedQuery("all", "\n"),)}, "named query `all` has no statement"),
        (with_column("areaname2", aliases=("areaName",)), r"fields \['areaName'\] belong to two columns"),
        (with_column(nullable=True), "column `extra`: nullable is for a part of the key"),
    ],
)
def test_a_contradiction_is_named(changes: dict[str, object], problem: str) -> None:
    refused(changes, problem)


@pytest.mark.parametrize(
    ("name", "options", "problem"),
    [
        ("date", {"nullable": True}, "partition field `date` must have a value"),
        ("areaCode", {"nullable": True, "required": True}, "both required and nullable"),
    ],
)
def test_a_part_of_the_key_is_empty_or_not(name: str, options: dict[str, bool], problem: str) -> None:
    columns = [replace(one, **options) if one.name == name else one for one in UK_COVID.columns]
    refused({"columns": tuple(columns)}, problem)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (
            {"source": Source("uk_covid/json/", nulls="NA")},
            r"source.nulls is 'NA', not tuple\[str, ...\]: write \('NA',\)",
        ),
        ({"key": ("date")}, r"key is 'date', not tuple\[str, ...\]: write \('date',\)"),
        ({"columns": list(UK_COVID.columns)}, r"columns is \[Column.*, not tuple\[Column, ...\]: correct it"),
        ({"columns": (*UK_COVID.columns, "extra")}, r"columns\[32\] is 'extra', not Column"),
        (with_column(required="yes"), r"columns\[32\].required is 'yes', not bool"),
        (with_column(formats=("yyyy-MM-dd", 1)), r"columns\[32\].formats\[1\] is 1, not str"),
        ({"max_rejected": "0.2"}, "max_rejected is '0.2', not float"),
        ({"max_rejected": True}, "max_rejected is True, not float"),
        ({"name": None}, "name is None, not str"),
        ({"partition": "month"}, r"partition is 'month', not Partition \| None"),
        ({"partition": Partition("month", "date", None)}, "partition.pattern is None, not str"),  # type: ignore[arg-type]
        ({"rules": (Fresh("date", "3"),)}, r"rules\[0\].days is '3', not int"),  # type: ignore[arg-type]
        ({"rules": (Unique("date"),)}, r"rules\[0\].columns is 'date', not tuple"),  # type: ignore[arg-type]
        ({"rules": (Expectation("a", "true"),)}, r"rules\[0\] is Expectation.*, not Unique \| NonDecreasing"),
        ({"expectations": (Expectation("a", True),)}, r"expectations\[0\].condition is True, not str"),  # type: ignore[arg-type]
        ({"queries": (NamedQuery("a", b"SELECT"),)}, r"queries\[0\].sql is b'SELECT', not str"),  # type: ignore[arg-type]
        (with_unnested(carried=[]), r"unnested\[0\].carried is \[\], not tuple"),
    ],
)
def test_a_value_of_another_type_is_named_with_its_place(changes: dict[str, object], problem: str) -> None:
    refused(changes, problem)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"name": "UK-Covid"}, "table `UK-Covid` is not a valid name: use lower-case letters"),
        ({"name": "class"}, "`class` is a word of Python"),
        ({"name": "order"}, "`order` is a word of SQL"),
        ({"name": "a" * 250}, "`aaaaaaaaaaaaaaaaaaaa...` has 258 characters: at most 255"),
        (with_unnested(name="By-Age"), "table `By-Age` is not a valid name"),
        (with_unnested(name="uk_covid"), r"tables \['uk_covid'\] occur twice"),
        (with_unnested(name="uk_covid_history"), r"tables \['uk_covid_history'\] occur twice"),
        (with_unnested(name="uk_covid_quarantine"), r"tables \['uk_covid_quarantine'\] occur twice"),
        ({"unnested": UK_COVID.unnested * 2}, r"tables \['uk_covid_by_age'\] occur twice"),
        (with_unnested(label="Measure"), "unnested `uk_covid_by_age`: label `Measure` is not a valid name"),
        *(
            (with_unnested(label=label), rf"columns \['{label}'\] occur twice: choose another label")
            for label in ("date", "areatype", "age", "month")
        ),
        (with_unnested(carried=("areaName", "areaName")), r"carried of .*\['areaName'\] occur twice"),
        (with_unnested(columns=("maleCases", "maleCases")), r"columns of .*\['maleCases'\] occur twice"),
        (with_unnested(columns=()), r"must be of one type array<struct<...>>, not \[\]"),
        (with_unnested(columns=("areaName",)), r"must be of one type .*, not \['string'\]"),
        (with_column("Change"), r"columns \['change'\] are the history's own"),
        (
            {"partition": Partition("superseded_at", "date", "yyyy")},
            r"\['superseded_at'\] are the history",
        ),
        ({"partition": Partition("month", "date", "yyyy/MM")}, "partition pattern `yyyy/MM` names folders"),
        ({"partition": Partition("_month", "date", "yyyy")}, "partition `_month` is not a valid name"),
        (with_column(""), "field '' is blank"),
        (with_column("a\nb", kind="text"), r"column `a\\nb`: type `text`"),
        (with_column("a`b"), "field 'a`b' cannot be read: it has a back-tick"),
        (with_column(aliases=("_Corrupt",)), "field '_Corrupt' cannot be read"),
        (with_column(" ", from_name="(a)"), "it has no name"),
    ],
)
def test_a_name_that_cannot_be_is_refused(changes: dict[str, object], problem: str) -> None:
    refused(changes, problem)


@pytest.mark.parametrize(
    ("prefix", "cure"),
    [
        ("uk_covid/json", "ends with a slash: write `uk_covid/json/`"),
        ("/uk_covid/json/", "write `uk_covid/json/`"),
        ("s3://covid19-lake/uk_covid/json/", "write `uk_covid/json/`"),
        ("uk_covid//json/", "write `uk_covid/json/`"),
        ("uk_covid/../json/", "write `uk_covid/json/`"),
        (" uk_covid/json/", "write `uk_covid/json/`"),
        ("", "name the folder, such as"),
        ("s3://covid19-lake/", "name the folder, such as"),
    ],
)
def test_a_prefix_is_refused_with_the_one_to_write(prefix: str, cure: str) -> None:
    refused({"source": Source(prefix)}, cure)


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        (Source("a/", vanished="hide"), "neither `remove` nor `keep`"),
        (Source("a/", "xml"), "source format `xml` is not one of"),
        *((Source("a/", "csv", sign), "must be one character") for sign in ("", "::", '"', "\n", "\\")),
        (Source("a/", nulls=("NA",)), r"nulls \('NA',\) are for a CSV: leave them out"),
        (Source("a/", delimiter=";"), "delimiter ';' .* for a CSV: leave them out"),
        (Source("uk_covid/csv/", "csv"), "text cannot hold array.*: describe it as `string`"),
    ],
)
def test_a_source_that_cannot_be_read_is_refused(source: Source, problem: str) -> None:
    refused({"source": source}, problem)


def test_a_field_of_a_csv_has_no_outer_blanks() -> None:
    columns = (Column("date", "date"), Column("cases ", "bigint"))
    with pytest.raises(InvalidDescriptionError, match="field 'cases ' is blank or has outer blanks"):
        replace(SMALL, source=Source("a/", "csv"), columns=columns)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"from_name": "(a"}, r"from_name `\(a` is not a regular expression: missing \).*; correct it"),
        ({"from_name": "a"}, "has 0 groups and must have one"),
        ({"from_name": "(a)(b)"}, "has 2 groups and must have one"),
        ({"from_name": "(a)", "kind": BANDS}, "text cannot hold array"),
        ({"text": True, "kind": BANDS}, "text cannot hold array"),
        ({"formats": ("yyyy-MM-dd",)}, "type string takes no formats: leave them out"),
        ({"kind": "integer"}, "type `integer`: .* write `int`"),
        *(
            ({"kind": kind, "formats": ("yyyy-mm-dd",)}, "it must name the year")
            for kind in ("date", "timestamp")
        ),
    ],
)
def test_a_column_that_nothing_can_fill_is_refused(options: dict[str, object], problem: str) -> None:
    refused(with_column(**options), f"column `extra`: .*{problem}")  # type: ignore[arg-type]
