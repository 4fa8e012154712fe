"""Each column of each table has the fields that the description makes it of."""

from __future__ import annotations

from dataclasses import replace

import datasets
from ingestion.description import Column, DataSet, NamedQuery, Source
from ingestion.lineage import columns
from ingestion.lineage.columns import IDENTITY, TRANSFORMATION, Origin

UK = datasets.load("uk_covid")


def origins(dataset: DataSet) -> dict[tuple[str, str], Origin]:
    return {(one.table, one.column): one for one in columns.of(dataset)}


def test_every_column_of_every_table_but_the_quarantine_has_one() -> None:
    found = origins(UK)
    assert {table for table, _ in found} == {"uk_covid", "uk_covid_by_age", "uk_covid_history"}
    assert [column for table, column in found if table == "uk_covid"] == [*UK.table_columns, "month"]
    assert len(found) == len(columns.of(UK))


def test_a_value_that_is_kept_and_one_that_is_read() -> None:
    found = origins(UK)
    assert found["uk_covid", "hospitalcases"].fields == ("hospitalCases",)
    assert found["uk_covid", "hospitalcases"].kind == IDENTITY
    assert found["uk_covid", "date"].how == "read as date by yyyy-MM-dd"
    assert found["uk_covid", "month"].fields == ("date",)
    assert found["uk_covid", "month"].how == "date written as yyyy-MM"


def test_elements_come_of_every_array() -> None:
    found = origins(UK)
    arrays = ("maleCases", "femaleCases", "cumAdmissionsByAge")
    assert found["uk_covid_by_age", "age"].fields == tuple(f"{name}[].age" for name in arrays)
    assert found["uk_covid_by_age", "measure"].fields == arrays
    assert found["uk_covid_history", "superseded_by"].fields == ()


def test_aliases_names_of_objects_and_texts() -> None:
    dataset = DataSet(
        name="feed",
        description="A feed",
        source=Source("feed/", "csv"),
        columns=(
            Column("place", "string", aliases=("Province",)),
            Column("cases", "bigint"),
            Column("day", "date", from_name=r"(\d+)"),
        ),
        key=("place",),
        queries=(NamedQuery("all", "SELECT * FROM feed"),),
    )
    found = origins(dataset)
    assert found["feed", "place"].fields == ("place", "Province")
    assert (found["feed", "cases"].kind, found["feed", "cases"].how) == (
        TRANSFORMATION,
        "a text read as bigint",
    )
    assert found["feed", "day"].fields == ("the name of the object",)
    as_json = origins(replace(dataset, source=Source("feed/")))
    assert as_json["feed", "cases"].kind == IDENTITY


def test_what_a_csv_loses_on_its_way_is_said() -> None:
    dataset = DataSet(
        name="feed",
        description="A feed",
        source=Source("feed/", "csv", trim=True, nulls=("", "n/a")),
        columns=(Column("place", "string"),),
        key=("place",),
        queries=(NamedQuery("all", "SELECT * FROM feed"),),
    )
    place = origins(dataset)["feed", "place"]
    assert (place.kind, place.how) == (TRANSFORMATION, "outer blanks taken away; NULL for '', 'n/a'")
