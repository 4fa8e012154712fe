"""What the job refuses: lines that go to the quarantine, runs that would publish nonsense, arguments."""

from __future__ import annotations

import json

import pytest

from ingestion.errors import (
    EmptyTableError,
    InvalidArgumentError,
    SourceNotFoundError,
    UnknownDataSetError,
    UnreadableStateError,
)
from tests.unit.jobs.world import ENGLAND, SCOTLAND, WALES, World, hospital

# A cast of Spark would take most of them.
NO_DATES = (
    *("2022-13-45", "7/12/2022", "2022-1-07", "2022-12-7", "2022-12-7T", "2022-12-7 ", "+202-12-07"),
    *("2022-12-07T00:00", " 022-12-07", "-022-12-07", "2022-02-30", "x"),
)


def test_broken_lines_are_quarantined_with_their_reason(world: World) -> None:
    good = hospital(ENGLAND, 1)
    line = json.dumps(good)
    nested = json.dumps(good | {"maleCases": [{"value": 1}, {"value": 2}]})
    cases = {
        "malformed_json": [
            '{"areaCode": "E9',
            line + " trailing",
            *(line + between + line for between in ("", " ", "  ", "\t", "\v", "\f", ",", ", ", "]")),
            *(line + end for end in (",", "]", "}", ' {"', "]}")),
            nested + "," + nested,
            nested + "\t" + nested,
            json.dumps(good | {"cumDeaths28DaysByDeathDateRate": float("nan")}),
        ],
        "wrong_type": ["[1, 2]", json.dumps(good | {"maleCases": [{"value": "x"}]})],
        "wrong_type_hospitalcases": [json.dumps(good | {"hospitalCases": "n/a"})],
        "missing_areacode": [json.dumps({key: good[key] for key in good if key != "areaCode"})],
        "missing_date": [json.dumps(good | {"date": blank}) for blank in ("", " ", "\t")],
        "bad_date": [json.dumps(good | {"date": date}) for date in NO_DATES],
        "bad_area_code": [json.dumps(good | {"areaCode": "England"})],
        "negative_hospitalcases": [json.dumps(good | {"hospitalCases": -1})],
        "date_before_pandemic": [json.dumps(good | {"date": "1922-12-07"})],
    }
    lenient = json.dumps(good | {"date": " 2022-12-07 ", "maleCases": [{"value": 1}]})
    world.publish("2022-12-07.json", [lenient, "", *(line for lines in cases.values() for line in lines)])

    result = world.run()

    expected = [(reason, line) for reason, lines in cases.items() for line in lines]
    quarantine = world.quarantine()
    assert [(row["reason"], row["raw"]) for row in quarantine] == expected
    assert [row["line"] for row in quarantine] == list(range(3, 3 + len(expected)))
    source = world.roots["source_root"] + "uk_covid/json/2022-12-07.json"
    assert {row["source_object"] for row in quarantine} == {source}
    assert (result.rows_kept, result.rows_quarantined) == (1, len(expected))


def test_rejected_rows_alone_change_the_quarantine_only(world: World) -> None:
    world.publish("2022-12-07.json", [hospital(ENGLAND, 1)])
    first = world.run()
    world.verify()
    world.publish("2022-12-08.json", ["{"])

    result = world.run()

    assert (result.status, result.rows_quarantined, result.rows_kept) == ("LOADED", 1, 0)
    assert (result.revision != first.revision, result.crawl_needed) == (True, True)
    assert world.run().status == "NOTHING_NEW"


def test_a_table_is_never_published_empty(world: World) -> None:
    world.publish("2022-12-07.json", [hospital(ENGLAND, 1)])
    world.run()
    world.publish("2022-12-07.json", ["{"])

    with pytest.raises(EmptyTableError, match="none of 1 rows read would be left"):
        world.run()
    assert world.rows() == [(ENGLAND, "2022-12-07", 1)]


def test_object_names_with_special_characters_are_read(world: World) -> None:
    name = "2022-12-07 a+b%41[c]{d}.json"
    world.publish(name, [hospital(ENGLAND, 1), "{"])

    assert world.run().rows_kept == 1
    assert world.state()["objects"].keys() == {f"{world.source.name}/uk_covid/json/{name}"}
    assert world.quarantine()[0]["source_object"].endswith(name)
    assert world.run().status == "NOTHING_NEW"


def test_areas_are_matched_by_name_or_code_in_any_letter_case(world: World) -> None:
    world.publish("2022-12-07.json", [hospital(ENGLAND, 1), hospital(SCOTLAND, 2), hospital("E12000007", 3)])

    result = world.run(areas="england, e12000007")

    assert (result.rows_read, result.rows_kept, result.rows_filtered_out) == (3, 2, 1)
    assert world.rows("areaname") == [("England",), ("London",)]


def test_changed_areas_rebuild_the_table_and_unknown_ones_leave_it(world: World) -> None:
    world.publish("2022-11-30.json", [hospital(SCOTLAND, 1, "2022-11-30")])
    world.publish("2022-12-07.json", [hospital(ENGLAND, 2), hospital(WALES, 3)])
    world.run(areas="Wales,England")
    assert world.run(areas="England, Wales").status == "NOTHING_NEW"

    world.run(areas="Scotland")
    assert world.partitions() == {"2022-11": 1}
    with pytest.raises(InvalidArgumentError, match="--areas `englnd`: no row of uk_covid matches"):
        world.run(areas="Englnd,Scotland")
    assert not list(world.lake.glob("state/**/*.parquet")), "what was not published is gone"
    assert world.run(areas="*").table_rows == 3


def test_a_source_without_objects_is_an_error(world: World) -> None:
    world.publish("_SUCCESS", [""])
    world.publish(".hidden.json", [hospital(ENGLAND, 1)])
    world.publish("_temporary/2022-12-07.json", [hospital(ENGLAND, 1)])

    expected = f"no object under {world.roots['source_root']}uk_covid/json/: check the parameter SourceBucket"
    with pytest.raises(SourceNotFoundError, match=expected):
        world.run()


def test_an_unknown_data_set_is_an_error(world: World) -> None:
    with pytest.raises(
        UnknownDataSetError, match=r"no data set `uk_covd`: the described ones are .*uk_covid"
    ):
        world.run(dataset="uk_covd")


def test_a_ledger_of_another_release_is_refused(world: World) -> None:
    path = world.lake / "state/uk_covid/ledger.json"
    path.parent.mkdir(parents=True)
    path.write_text('{"version": 99}')

    with pytest.raises(UnreadableStateError, match=r"ledger.json: version 99 is not 2; delete it to rebuild"):
        world.run()
