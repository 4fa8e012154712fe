"""What a run says of the rows that it read, in comparison with the table as it was."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from ingestion.description import (
    FAIL,
    WARN,
    Column,
    Complete,
    DataSet,
    Expectation,
    Fresh,
    NamedQuery,
    NonDecreasing,
    NotRound,
    Source,
    SumOfParts,
    Unique,
    between,
    one_of,
)
from ingestion.errors import RuleBrokenError, SchemaChangedError, TooManyRejectedError
from ingestion.state.run_record import RunRecord
from tests.unit.jobs.world import ENGLAND, FULL, SCOTLAND, WALES, World, hospital, record

COUNTRIES = DataSet(
    name="countries",
    description="A table without partitions, in which the greater version counts",
    source=Source("countries/"),
    columns=(
        Column("code", "string"),
        Column("name", "string"),
        Column("people", "bigint", text=True),
        Column("edition", "int"),
    ),
    key=("code",),
    version="edition",
    queries=(NamedQuery("all", "SELECT * FROM countries"),),
    max_rejected=1.0,
    max_removed=1.0,
)
ROWS = ("code", "name", "people", "edition")


def country(code: str, name: str, people: object = "1", edition: int = 1) -> dict[str, object]:
    return {"code": code, "name": name, "people": people, "edition": edition}


@pytest.fixture
def countries(world: World) -> World:
    world.dataset = COUNTRIES
    return world


def counts(result: RunRecord) -> tuple[int, ...]:
    """New, restated, unchanged, removed, duplicate."""
    return (
        result.rows_new,
        result.rows_restated,
        result.rows_unchanged,
        result.rows_removed,
        result.rows_duplicate,
    )


def test_rows_are_new_restated_unchanged_removed_or_duplicate(world: World) -> None:
    world.publish("2022-12-07.json", [hospital(ENGLAND, 1), hospital(SCOTLAND, 2), hospital(WALES, 3)])
    assert counts(world.run()) == (3, 0, 0, 0, 0)
    world.publish("2022-12-07.json", [hospital(ENGLAND, 1), hospital(SCOTLAND, 5), hospital(SCOTLAND, 5)])
    assert counts(world.run()) == (0, 1, 1, 1, 1)
    assert counts(world.run(load_mode="full")) == (0, 0, 2, 0, 1)


def test_what_comes_again_as_it_was_is_not_published_again(world: World) -> None:
    rows = [hospital(ENGLAND, 1), hospital(SCOTLAND, 2)]
    world.publish("2022-12-07.json", rows)
    first = world.run()
    world.verify()
    world.publish("2022-12-07.json", reversed(rows))
    again = world.run()
    assert (again.status, again.crawl_needed, again.revision) == ("LOADED", False, first.revision)
    assert (again.rows_unchanged, again.files_written) == (2, 0)


def test_the_greater_version_counts_whatever_the_names_of_the_objects(countries: World) -> None:
    countries.publish("b.json", [country("GB", "old", edition=1), country("NA", "Namibia")])
    countries.publish("a.json", [country("GB", "new", 67_000_000, edition=2)])
    assert counts(countries.run()) == (2, 0, 0, 0, 1)
    assert countries.rows(*ROWS) == [("GB", "new", 67_000_000, 2), ("NA", "Namibia", 1, 1)]
    assert countries.partitions() == {"countries": 1}


def test_a_republication_under_another_name_replaces_and_does_not_double(countries: World) -> None:
    everything = [country("GB", "a"), country("NA", "b")]
    countries.publish("part-00000-f47.json", everything)
    countries.run()
    countries.withdraw("part-00000-f47.json")
    countries.publish("part-00000-02f.json", [*everything, country("FR", "c")])
    result = countries.run()
    assert counts(result) == (1, 0, 2, 0, 0)
    assert (result.objects_removed, result.table_rows) == (1, 3)


@pytest.mark.prove
def test_rows_of_a_vanished_object_stay_where_the_data_set_keeps_them(countries: World) -> None:
    countries.dataset = replace(COUNTRIES, source=replace(COUNTRIES.source, vanished="keep"))
    countries.publish("1.json", [country("GB", "a"), country("NA", "b")])
    countries.run()
    countries.withdraw("1.json")
    countries.publish("2.json", [country("GB", "c", edition=2)])
    assert counts(countries.run()) == (0, 1, 0, 0, 0)
    assert countries.run().status == "NOTHING_NEW"
    assert counts(countries.run(load_mode="full")) == (0, 0, 2, 0, 1)
    assert countries.rows("code", "name") == [("GB", "c"), ("NA", "b")]


def test_history_keeps_what_was_restated_and_removed(world: World) -> None:
    world.dataset = replace(world.dataset, history=True)
    world.publish("2022-12-07.json", [hospital(ENGLAND, 1), hospital(SCOTLAND, 2)])
    assert "uk_covid_history" not in world.run().tables
    world.publish("2022-12-07.json", [hospital(ENGLAND, 5)])
    world.run()
    world.publish("2022-12-07.json", [hospital(ENGLAND, 6)])
    assert world.run().tables["uk_covid_history"] == 3
    history = world.table("uk_covid_history").select("areacode", "hospitalcases", "change", "superseded_by")
    assert sorted(map(tuple, history.collect())) == [
        (ENGLAND, 1, "restated", "run-2"),
        (ENGLAND, 5, "restated", "run-3"),
        (SCOTLAND, 2, "removed", "run-2"),
    ]


def test_age_bands_are_rows_of_a_table_of_their_own(world: World) -> None:
    world.dataset = FULL
    bands = [{"age": "0_to_4", "value": 7, "rate": 1.5}, {"age": "90+", "value": 3, "rate": 2.0}]
    world.publish("2022-12-07.json", [record(ENGLAND, maleCases=bands, femaleCases=[]), record(WALES)])
    assert world.run().tables == {"uk_covid": 2, "uk_covid_by_age": 2}
    columns = ("areacode", "areaname", "measure", "age", "value", "rate", "month")
    found = world.table("uk_covid_by_age").select(*columns).collect()
    assert sorted(map(tuple, found)) == [
        (ENGLAND, "England", "malecases", "0_to_4", 7, 1.5, "2022-12"),
        (ENGLAND, "England", "malecases", "90+", 3, 2.0, "2022-12"),
    ]
    world.publish("2022-12-07.json", [record(ENGLAND)])
    assert world.run().tables == {"uk_covid": 1, "uk_covid_history": 2}


@pytest.mark.prove
def test_a_corrected_object_takes_its_rows_out_of_quarantine(world: World) -> None:
    world.publish("2022-12-06.json", [hospital(WALES, 1, "2022-12-06"), "{"])
    world.publish("2022-12-07.json", [hospital(ENGLAND, 1), "", hospital(SCOTLAND, -2)])
    assert world.run().quarantine_rows == 2
    assert [(row["line"], row["reason"]) for row in world.quarantine()] == [
        (2, "malformed_json"),
        (3, "negative_hospitalcases"),
    ]
    world.publish("2022-12-07.json", [hospital(ENGLAND, 1), hospital(SCOTLAND, 2)])
    assert world.run().quarantine_rows == 1
    world.withdraw("2022-12-06.json")
    assert "uk_covid_quarantine" not in world.run().tables
    assert world.quarantine() == []


@pytest.mark.prove
def test_a_replay_loads_what_a_corrected_description_accepts(world: World) -> None:
    world.publish("2022-12-07.json", [hospital(ENGLAND, 1), hospital(SCOTLAND, -2)])
    assert world.run().rows_quarantined == 1
    assert counts(world.run(load_mode="replay")) == (0, 0, 1, 0, 0)
    world.dataset = replace(world.dataset, expectations=())
    result = world.run(load_mode="replay")
    assert (counts(result), result.quarantine_rows) == ((1, 0, 1, 0, 0), 0)
    assert world.run(load_mode="replay").status == "NOTHING_NEW"


def test_too_many_rejected_rows_fail_the_run_and_can_be_looked_at(world: World) -> None:
    world.dataset = replace(world.dataset, max_rejected=0.5)
    world.publish("2022-12-07.json", [hospital(ENGLAND, 1)])
    world.run()
    world.publish("2022-12-08.json", [hospital(ENGLAND, 1, "2022-12-08"), "{", "["])
    with pytest.raises(TooManyRejectedError, match=r"2 of 3 rows .* over 50%; most for `malformed_json`"):
        world.run()
    assert len(world.rows()) == 1
    refused = world.lake / "refused" / "uk_covid" / "run_id=run-2"
    assert list(refused.glob("*.parquet"))


@pytest.mark.prove
def test_a_new_field_is_added_as_text_and_stays(world: World) -> None:
    world.publish("2022-12-07.json", [hospital(ENGLAND, 1)])
    world.run()
    nameless = {"": 1, " ": 2, "a`b": 3, "_corrupt": 4}
    world.publish("2022-12-08.json", [record(ENGLAND, "2022-12-08", wastewater=1.5, **nameless)])
    assert world.run().columns_added == ("wastewater",)
    world.publish("2022-12-09.json", [hospital(ENGLAND, 1, "2022-12-09")])
    world.run()
    assert world.rows("coalesce(wastewater, '')") == [("",), ("",), ("1.5",)]


def test_a_new_field_that_the_history_has_a_column_for_is_refused(world: World) -> None:
    world.dataset = replace(world.dataset, history=True)
    world.publish("2022-12-08.json", [record(ENGLAND, "2022-12-08", change=1)])
    with pytest.raises(
        SchemaChangedError, match="the new field `change` would be column `change`, which exists"
    ):
        world.run()


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (
            [record(code, "2022-12-08", hospitalCases="7") for code in (ENGLAND, WALES)],
            '`hospitalCases`, a bigint, comes as text ("7")',
        ),
        (
            [{"areaName": "England", "date": "2022-12-08"}] * 2,
            "each of its 2 rows is rejected as `missing_areacode`",
        ),
        (
            [record(code, "08.12.2022") for code in (ENGLAND, WALES)],
            "each of its 2 rows is rejected as `bad_date`",
        ),
        (
            [record(code, "2022-12-08", hospital_cases=7) for code in (ENGLAND, WALES)],
            "field `hospitalCases` is missing and `hospital_cases` is new",
        ),
    ],
)
def test_a_changed_schema_fails_with_its_object_before_anything_is_published(
    world: World, rows: list[dict[str, object]], words: str
) -> None:
    world.publish("2022-12-07.json", [hospital(ENGLAND, 1)])
    world.run()
    world.publish("2022-12-08.json", rows)
    with pytest.raises(SchemaChangedError, match=r"uk_covid/json/2022-12-08\.json") as caught:
        world.run()
    assert words in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
    assert world.rows() == [(ENGLAND, "2022-12-07", 1)]


def results(result: RunRecord) -> dict[str, tuple[str, int, str]]:
    return {rule["rule"]: (rule["severity"], rule["failures"], rule["example"]) for rule in result.rules}


def test_rules_are_recorded_with_how_often_and_where_they_are_broken(world: World) -> None:
    world.dataset = replace(
        world.dataset,
        expectations=(
            one_of("areatype", "nation"),
            between("hospitalcases", 0, 100, WARN),
            Expectation("has_cases", "hospitalcases is not null", WARN),
        ),
        rules=(
            NonDecreasing("cumadmissions", ("areacode",), "date"),
            SumOfParts("hospitalcases", "areatype = 'nation'", "areatype = 'x'", ("date",)),
            Complete("areacode", "date"),
            NotRound(2),
            Unique(("areaname",)),
            Fresh("date", 30),
        ),
    )
    world.publish("2022-12-07.json", [record(ENGLAND, cumAdmissions=5, hospitalCases=101), record(WALES)])
    world.publish("2022-12-08.json", [record(ENGLAND, "2022-12-08", cumAdmissions=4)])
    assert results(world.run()) == {
        "unknown_areatype": ("reject", 0, ""),
        "hospitalcases_out_of_range": (WARN, 1, "E92000001 2022-12-07"),
        "has_cases": (WARN, 2, "E92000001 2022-12-08"),
        "non_decreasing_cumadmissions": (WARN, 1, "E92000001 2022-12-08: cumadmissions 5 -> 4"),
        "sum_of_parts_hospitalcases": (WARN, 0, ""),
        "complete_date": (WARN, 1, "2022-12-08: 1 of 2 different areacode"),
        "rows_multiple_of_2": (
            WARN,
            1,
            f"{world.source.name}/uk_covid/json/2022-12-07.json has exactly 2 rows",
        ),
        "unique_areaname": (WARN, 1, "England"),
        "fresh_date": (WARN, 1, "the newest date is 2022-12-08, older than 30 days"),
    }
    assert results(world.run()) == {
        "fresh_date": (WARN, 1, "the newest date is 2022-12-08, older than 30 days")
    }


def test_a_running_total_is_followed_across_partitions(world: World) -> None:
    world.dataset = replace(world.dataset, rules=(NonDecreasing("cumadmissions", ("areacode",), "date"),))
    world.publish("2022-11-30.json", [record(ENGLAND, "2022-11-30", cumAdmissions=9)])
    world.run()
    world.publish("2022-12-01.json", [record(ENGLAND, "2022-12-01", cumAdmissions=8)])
    assert results(world.run())["non_decreasing_cumadmissions"][1] == 1
    world.publish("2022-11-30.json", [record(ENGLAND, "2022-11-30", cumAdmissions=10)])
    assert results(world.run())["non_decreasing_cumadmissions"][1] == 1


def test_a_partition_that_goes_is_no_neighbour(world: World) -> None:
    world.dataset = replace(world.dataset, rules=(NonDecreasing("cumadmissions", ("areacode",), "date"),))
    world.publish("2022-11-30.json", [record(ENGLAND, "2022-11-30", cumAdmissions=9)])
    world.publish("2022-12-01.json", [record(ENGLAND, "2022-12-01", cumAdmissions=9)])
    world.run()
    world.withdraw("2022-11-30.json")
    world.publish("2022-12-01.json", [record(ENGLAND, "2022-12-01", cumAdmissions=1)])
    assert results(world.run())["non_decreasing_cumadmissions"][1] == 0


@pytest.mark.prove
def test_sums_of_one_column_have_names_of_their_own_and_wait_for_every_part(world: World) -> None:
    whole, parts = "areacode like 'E%'", "areacode not like 'E%'"
    world.dataset = replace(
        world.dataset,
        subset=("areaCode",),
        expectations=(),
        rules=(
            SumOfParts("hospitalcases", whole, parts, ("date",)),
            SumOfParts("hospitalcases", whole, parts, ("date",), at_most=True, called="not_more_than_all"),
        ),
    )
    world.publish("2022-12-07.json", [hospital(ENGLAND, 5), hospital(SCOTLAND, 4), record(WALES)])
    assert [found[1] for found in results(world.run()).values()] == [0, 0]
    world.publish("2022-12-07.json", [hospital(ENGLAND, 5), hospital(SCOTLAND, 4), hospital(WALES, 2)])
    told = "2022-12-07: the parts are 6, the whole is 5"
    assert results(world.run()) == {
        "sum_of_parts_hospitalcases": (WARN, 1, told),
        "not_more_than_all": (WARN, 1, told),
    }
    assert results(world.run(areas=f"{ENGLAND},{SCOTLAND}")) == {}


def test_a_broken_rule_of_severity_fail_publishes_nothing(world: World) -> None:
    world.publish("2022-12-07.json", [hospital(ENGLAND, 5), hospital(SCOTLAND, 4)])
    world.run()
    rule = SumOfParts(
        "hospitalcases", "areacode like 'E%'", "areacode like 'S%'", ("date",), at_most=True, severity=FAIL
    )
    world.dataset = replace(world.dataset, rules=(rule,))
    world.publish("2022-12-07.json", [hospital(ENGLAND, 5), hospital(SCOTLAND, 6)])
    with pytest.raises(RuleBrokenError, match="2022-12-07: the parts are 6, the whole is 5"):
        world.run()
    assert [row[2] for row in world.rows()] == [5, 4]
    assert not list((world.lake / "state" / "uk_covid").glob("staging/**/*.parquet"))


def test_a_run_record_is_small_enough_for_a_state_machine(world: World) -> None:
    world.publish("2022-12-07.json", [hospital(ENGLAND, 1), *(f"{{{'x' * 5000}" for _ in range(50))])
    assert len(json.dumps(vars(world.run()))) < 4_000


@pytest.mark.prove
def test_a_version_that_was_refused_is_never_loaded_from_the_archive(countries: World) -> None:
    source = replace(COUNTRIES.source, vanished="keep")
    countries.dataset = replace(COUNTRIES, source=source, max_rejected=0.2)
    countries.publish("1.json", [country("GB", "loaded"), country("NA", "b")])
    countries.run()
    countries.publish("1.json", [country("GB", "refused"), "{", "{"])
    with pytest.raises(TooManyRejectedError):
        countries.run()
    countries.withdraw("1.json")
    countries.publish("2.json", [country("FR", "c")])
    countries.run()
    countries.run(load_mode="full")
    assert countries.rows("code", "name") == [("FR", "c"), ("GB", "loaded"), ("NA", "b")]
    archived = [path for path in (countries.lake / "archive").rglob("*.json") if path.is_file()]
    assert sorted(path.name for path in archived) == ["1.json", "2.json"]


@pytest.mark.prove
def test_what_vanished_before_objects_were_kept_is_gone(countries: World) -> None:
    countries.publish("1.json", [country("GB", "a")])
    countries.publish("2.json", [country("FR", "b")])
    countries.run()
    countries.withdraw("1.json")
    countries.dataset = replace(COUNTRIES, source=replace(COUNTRIES.source, vanished="keep"))
    assert countries.run().objects_removed == 1
    countries.withdraw("2.json")
    countries.publish("3.json", [country("NA", "c")])
    countries.run()
    assert countries.rows("code", "name") == [("FR", "b"), ("NA", "c")]
