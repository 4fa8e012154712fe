"""Types of columns, from values as publishers write them."""

from __future__ import annotations

import pytest

from covidlake.dataset.draft.column_types import kind_of


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["20200306", "20211231"], "date"),
        (["007", "12"], "bigint"),
        (["1.5", "", "2"], "double"),
        ([True, False], "boolean"),
        ([1, 2.5], "double"),
        ([[], []], "array<string>"),
        ([1, "a"], "string"),
        ([], "string"),
        (["true", "False", ""], "boolean"),
        (["12%", "7%"], "string"),
        (["1,5", "2"], "string"),
        ([2**63 - 1, -(2**63)], "bigint"),
        ([2**63], "string"),
        ([str(2**63)], "string"),
        (["9" * 5000], "string"),
        ([1.5, float("nan")], "double"),
        ([20210307, 20210308], "date"),
        ([{}], "string"),
        ([{"a": None}], "struct<a:string>"),
        ([{"a": {}}], "struct<a:string>"),
        ([{"a": {"b c": 1}, "d": 1}], "struct<a:string,d:bigint>"),
        ([{"date": "x", "end": 1}], "struct<date:string,end:bigint>"),
        ([{"10": 1}], "string"),
        ([{"a:b": 1}], "string"),
        ([{"a": 1, "A": 2}], "string"),
        ([[1, "a"]], "string"),
        ([[1, 2.5], []], "array<double>"),
        ([[{"a-b": 1}]], "array<string>"),
    ],
)
def test_the_narrowest_type_is_taken(values: list[object], kind: str) -> None:
    expected = "string" if values == ["007", "12"] else kind
    assert kind_of(values, "csv").type == expected


@pytest.mark.parametrize(
    ("texts", "kind", "formats"),
    [
        (["2021-03-04T05:06:07Z", "2021-03-04T05:06:07.123456+01:00", "2021-03-04"], "timestamp", ()),
        (["2021-03-04T05:06Z"], "timestamp", ("yyyy-MM-dd'T'HH:mmXXX",)),
        (
            ["2021-03-04T05:06:07.1+0100", "3/4/2021 5:06"],
            "timestamp",
            ("yyyy-MM-dd'T'HH:mm:ss.SSSXX", "M/d/yyyy H:mm"),
        ),
        (["2021-03-04T00:00:00.000Z"], "date", ("yyyy-MM-dd'T'HH:mm:ss.SSSXXX",)),
        (["2021-03-04T00:00:00+01:00"], "timestamp", ()),
        (["3/4/2021 12:06:07 AM"], "timestamp", ("M/d/yyyy h:mm:ss a",)),
        (["03/14/2021 12:00:00 AM"], "date", ("M/d/yyyy h:mm:ss a",)),
        (["03/14/2021 12:00:00 PM"], "timestamp", ("M/d/yyyy h:mm:ss a",)),
        (["3/4/2021", "13/4/2021 5:06"], "timestamp", ("d/M/yyyy", "d/M/yyyy H:mm")),
        (["04.03.2021"], "date", ("dd.MM.yyyy",)),
        (["4.3.2021", "24.12.2021"], "date", ("d.M.yyyy",)),
        (["12.24.2021"], "date", ("MM.dd.yyyy",)),
        (["25-12-2021"], "date", ("dd-MM-yyyy",)),
        (["13/4/2021", "4/13/2021"], "string", ()),
        (["2021-13-04"], "string", ()),
        (["1.2.3", "10.0.1"], "string", ()),
    ],
)
def test_times_are_read_as_they_are_written(texts: list[str], kind: str, formats: tuple[str, ...]) -> None:
    found = kind_of(texts, "csv")
    assert (found.type, found.formats) == (kind, formats)


@pytest.mark.parametrize(
    ("last", "is_guess"), [("3/12/2021", True), ("3/13/2021", False), ("13/3/2021", False)]
)
def test_an_order_of_day_and_month_that_no_date_tells_is_said(last: str, is_guess: bool) -> None:
    assert ("is a guess" in kind_of(["3/4/2021", last], "csv").note) is is_guess


@pytest.mark.parametrize("value", ["", "NA"])
def test_json_has_no_texts_for_no_value(value: str) -> None:
    found = kind_of(["2021-03-04", value], "json")
    assert (found.type, bool(found.note)) == ("string", True)
