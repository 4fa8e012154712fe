"""The SQL of a description is refused for what Spark, or Athena, would refuse when it is too late."""

from __future__ import annotations

import sys

import pytest

from covidlake.base.errors import DataSetError
from covidlake.dataset import statements
from covidlake.dataset.statements import check_condition, check_query

TYPES = {
    "code": "string",
    "date": "date",
    "cases": "bigint",
    "known": "boolean",
    "set": "int",
    "7_day_average": "double",
    "bands": "array<struct<age:string,value:bigint>>",
    "place": "struct<name:string,`at sea`:struct<depth:decimal(10,2)>>",
}


@pytest.mark.parametrize(
    "condition",
    [
        "code rlike '^[A-Z]' and regexp_like(code, 'a')",
        "date >= date '2020-01-01' or date >= '2020-01-01'",
        "known",
        "not known",
        "if(cases > 1, true, false)",
        "case when known then cases > 1 end",
        "set > 1 -- a word of SQL",
        "`cases` > 1 and CASES between 1 and 2",
        "`7_day_average` > 0",
        "place.name = 'a' and PLACE.Name = 'a' and place.`at sea`.depth > 1.5",
        "bands.value is not null and bands[0].value > 1 and element_at(bands, 1).value > 1",
        "exists(bands, x -> x.value > cases) and forall(bands, x -> x.age = 'a')",
        "aggregate(bands, 0L, (sum, x) -> sum + x.value, sum -> sum * 2) > 0",
        "zip_with(bands, bands, (x, y) -> x.value + y.value)[0] > 1",
        "code like any ('a%', 'b%')",
        "date >= '2020-02-29' and date < '2021-01' and cases between 1 and 10",
        "cases > '5' and date > '2020' and code <> \"a\" and not (known = 'false')",
        "cases % 2 = 0 and mod(cases, 2) = 0 and len(code) = 9 and equal_null(cases, 1)",
        "date_add(date, 1) > current_date() and months_between(date, date) > 1",
    ],
)
def test_a_condition_of_one_row_is_taken(condition: str) -> None:
    check_condition(condition, TYPES, "keep")


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("cases > 1; drop table x", "Unexpected token (line 1, column 15): correct the SQL"),
        ("\"code\" <> 'a'", 'has "code" in double quotes, a text and no column to Spark: write it without'),
        ("known and \"Code\" = 'a'", 'has "Code" in double quotes'),
        ('"nosuch" IS NOT NULL', "which uses no column of the table: compare a column"),
        ("null", "uses no column"),
        ("1 = 1", "has '1 = 1', which uses no column of the table"),
        ("known or true", "has 'TRUE', which uses no column of the table"),
        ("cases > 'abc'", "compares 'cases', a number, with 'abc', which is none: it is never true"),
        ("cases in (1, 'x')", "compares 'cases', a number, with 'x'"),
        ("cases between 'a' and 5", "compares 'cases', a number, with 'a'"),
        ("date > 'yesterday'", "compares 'date', a time, with 'yesterday'"),
        ("known = 'maybe'", "compares 'known', a truth value, with 'maybe'"),
        ("code <> null", "compares 'code' with NULL, which is never true: write IS NULL or IS NOT NULL"),
        ("cases <=> 'abc'", "compares 'cases', a number, with 'abc'"),
        ("cases + 'abc' > 3", "compares 'cases', a number, with 'abc'"),
        ("date = '2020-13-45'", "compares 'date', a time, with '2020-13-45', which is none"),
        ("date >= '2020-02-30'", "compares 'date', a time, with '2020-02-30'"),
        ("date > date '2020-13-01'", "which is no time and so NULL: correct the value"),
        ("cast('abc' as int) < cases", "which is no number and so NULL"),
        ("cases = cases", "compares 'cases' with itself"),
        ("cases between 10 and 1", "which is never true: exchange the bounds"),
        ("SELECT 1", "Unexpected token (line 1, column 6)"),
        ("cases > 1 as b", "Unexpected token"),
        ("(cases > 1", "Expecting ) (line 1, column 10)"),
        ("cases > 1 and", "a part is missing (line 1, column 13)"),
        (" ", "No expression was parsed"),
        ("code = 'a", "Error tokenizing"),
        ("count(*) > 1", "goes beyond its own row with 'COUNT(*)': compare the columns of one row"),
        ("max(cases) > 1", "goes beyond its own row with 'MAX(cases)'"),
        *((f"{name}(known)", "goes beyond its own row") for name in ("some", "every", "any", "bool_or")),
        ("std(cases) > 1", "goes beyond its own row with 'STD(cases)'"),
        ("explode(bands)", "goes beyond its own row with 'EXPLODE(bands)'"),
        ("rank() over (order by cases) = 1", "goes beyond its own row with 'RANK() OVER (ORDER BY cases)'"),
        ("cases in (select 1)", "goes beyond its own row with '(SELECT 1)'"),
        ("exists(select 1)", "goes beyond its own row with 'SELECT 1'"),
        ("cases > :limit", "has a ':limit', which has no meaning here: write a column or a value"),
        ("cases > ?", "has a '?', which has no meaning here"),
        ("nope(code)", "calls 'nope', which is not a function of Spark: correct it"),
        ("strpos(code, 'a') > 0", "calls 'strpos', which is not a function of Spark"),
        ("col('cases') > 0", "calls 'col', which is not a function of Spark"),
        ("case > 1", "correct the SQL"),
        ("dat > 1", "uses 'dat', which is not a column of the table: name one of code, date, "),
        ("table.cases > 1", "uses 'table.cases', which is not a column of the table"),
        ("exists(bands, x -> x.value > nope)", "uses 'nope', which is not a column of the table"),
        ("place.nam = 'a'", "uses 'place.nam', which is not a field: name one of name, at sea"),
        ("place.`at sea`.dept > 1", "uses 'place.`at sea`.dept', which is not a field: name one of depth"),
        ("bands.valu is null", "uses 'bands.valu', which is not a field: name one of age, value"),
        ("bands[0].valu > 1", "uses 'bands[0].valu', which is not a field"),
        ("exists(bands, x -> x.valu > 1)", "uses 'x.valu', which is not a field: name one of age, value"),
        ("code.name = 'a'", "uses 'code.name', which is not a field: name one of the columns"),
        ("date >= 2020", "compares a time with a number in 'date >= 2020': write it as date '2020-01-31'"),
        ("cases + 1", "uses 'cases + 1' as a condition, but its type is BIGINT: write a comparison"),
        ("bands", "uses 'bands' as a condition, but its type is ARRAY<"),
        ("known and code", "uses 'code' as a condition, but its type is STRING"),
        ("not cases", "uses 'cases' as a condition, but its type is BIGINT"),
    ],
)
def test_a_condition_that_spark_would_refuse_is_refused(condition: str, said: str) -> None:
    with pytest.raises(DataSetError) as caught:
        check_condition(condition, TYPES, "here: keep")
    message = str(caught.value)
    assert message.startswith("here: keep")
    assert said in message
    assert "\n" not in message


def test_without_pyspark_every_function_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    statements._functions.cache_clear()
    check_condition("nope(code)", TYPES, "keep")
    statements._functions.cache_clear()


@pytest.mark.parametrize(
    "question",
    [
        "SELECT * FROM uk_covid;",
        "WITH a AS (SELECT * FROM UK_COVID) SELECT * FROM a UNION SELECT * FROM A",
        'SELECT * FROM "uk_covid$partitions"',
        "SELECT * FROM uk_covid CROSS JOIN UNNEST(malecases) AS t(age, value, rate)",
    ],
)
def test_a_query_on_described_tables_is_taken(question: str) -> None:
    check_query(question, {"uk_covid"}, "question 'all'")


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (
            "SELECT areacode FROM uk_covid WHERE month > 202001",
            "TYPE_MISMATCH: line 1:43: Cannot apply operator",
        ),
        ("SELECT nosuch FROM uk_covid", "COLUMN_NOT_FOUND: line 1:8"),
        ("SELECT strftime(date, '%Y') FROM uk_covid", "FUNCTION_NOT_FOUND: line 1:8"),
    ],
)
def test_a_query_is_checked_as_athena_checks_it(question: str, said: str) -> None:
    columns = {"uk_covid": {"areacode": "string", "date": "date", "month": "string"}}
    with pytest.raises(DataSetError, match="Athena refuses it: ") as caught:
        check_query(question, {"uk_covid"}, "here", columns)
    assert said in str(caught.value)
    check_query("SELECT nosuch FROM uk_covid_by_age", {"uk_covid", "uk_covid_by_age"}, "here", columns)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        *(
            (sql, "must be one SELECT, or WITH and SELECT: write nothing else")
            for sql in (
                "DROP TABLE uk_covid",
                "INSERT INTO uk_covid SELECT 1",
                "CREATE TABLE x AS SELECT 1",
                "UNLOAD (SELECT 1) TO 's3://x'",
                "MSCK REPAIR TABLE uk_covid",
                "WITH a AS (SELECT 1) INSERT INTO b SELECT * FROM a",
                "SELECT 1; SELECT 2",
                "-- nothing",
            )
        ),
        ("SELEC 1", "Unexpected token (line 1, column 7): correct the SQL"),
        ("SELECT * FROM nope", "asks 'nope', which is not a table of a data set: correct it, or describe it"),
        ("SELECT (SELECT max(x) FROM nope)", "asks 'nope', which is not a table"),
        (
            "SELECT * FROM lake.uk_covid",
            "names 'lake.uk_covid': databases differ by environment, write 'uk_covid'",
        ),
    ],
)
def test_what_is_no_query_on_described_tables_is_refused(
    question: str, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(DataSetError) as caught:
        check_query(question, {"uk_covid"}, "here: question 'all'")
    assert str(caught.value).startswith("here: question 'all'")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not caplog.records
