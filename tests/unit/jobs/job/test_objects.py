"""Objects that are damaged, gone, or differ from what others of the data set call their fields."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace

import pytest

from ingestion.description import Column
from ingestion.errors import ConcurrentRunError, UnreadableObjectError
from tests.sampling import sampled
from tests.unit.jobs.job.test_csv import REPORTS, put
from tests.unit.jobs.world import ENGLAND, SMALL, World, hospital

ROWS = [hospital(ENGLAND, number, f"2022-12-{number:02}") for number in range(1, 28)]
WHOLE = gzip.compress("\n".join(map(json.dumps, ROWS)).encode(), mtime=0)


@pytest.mark.parametrize(
    "content", sampled([WHOLE[:-9], WHOLE[:100], b"no gzip", WHOLE[:60] + b"-" + WHOLE[61:]], 2)
)
def test_a_damaged_gzip_is_named_and_nothing_is_published(world: World, content: bytes) -> None:
    world.publish("2022-11-30.json", [hospital(ENGLAND, 1, "2022-11-30")])
    world.run()
    world.publish("2022-12-06.json.gz", []).write_bytes(WHOLE)
    world.publish("2022-12-07.json.gz", []).write_bytes(content)
    with pytest.raises(UnreadableObjectError, match=r"2022-12-07\.json\.gz: is not a whole gzip object: \w+"):
        world.run()
    assert world.rows() == [(ENGLAND, "2022-11-30", 1)]
    world.publish("2022-12-07.json.gz", []).write_bytes(WHOLE)
    assert world.run().table_rows == 28


def test_a_damaged_gzip_of_a_csv_is_named(world: World) -> None:
    world.dataset = REPORTS
    put(world, "01-22-2020.csv.gz", b"no gzip")
    with pytest.raises(UnreadableObjectError, match=r"01-22-2020\.csv\.gz: is not a whole gzip object"):
        world.run()


def test_an_object_that_goes_while_it_is_read_asks_for_another_run(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ingestion.read.scan import Scan

    path = world.publish("2022-12-07.json", [hospital(ENGLAND, 1)])
    whole = Scan.of.__func__  # type: ignore[attr-defined]

    def slow(cls: type[Scan], judged: object) -> Scan:
        path.unlink()
        found: Scan = whole(cls, judged)
        return found

    monkeypatch.setattr(Scan, "of", classmethod(slow))
    with pytest.raises(ConcurrentRunError, match="an object has gone since the source was listed; run again"):
        world.run()


def test_an_object_that_comes_while_others_are_read_waits_for_the_next_run(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = "2022-12-08.json"
    world.publish("2022-12-07.json", [hospital(ENGLAND, 1)])
    world.publish(late, [hospital(ENGLAND, 2, "2022-12-08"), "no record"])
    everything = world.client._list
    before = lambda **where: (item for item in everything(**where) if not item["Key"].endswith(late))  # noqa: E731
    with monkeypatch.context() as patch:
        patch.setattr(world.client, "_list", before)
        first = world.run()
    assert (first.rows_read, first.rows_quarantined, first.objects_read) == (1, 0, 1)
    assert world.rows() == [(ENGLAND, "2022-12-07", 1)]
    second = world.run()
    assert (second.rows_read, second.rows_quarantined, second.objects_read) == (2, 1, 1)
    assert world.rows() == [(ENGLAND, "2022-12-07", 1), (ENGLAND, "2022-12-08", 2)]


def test_a_field_may_have_changed_its_letter_case_alone(world: World) -> None:
    columns = [
        replace(column, aliases=("AREACODE", "areacode")) if column.name == "areaCode" else column
        for column in SMALL.columns
    ]
    world.dataset = replace(SMALL, columns=tuple(columns), expectations=())
    bands = [{"age": "90+", "value": 3, "rate": 2.0}]
    rows = [{**hospital(ENGLAND, number), "maleCases": bands} for number in (1, 2, 3)]
    for row, name in zip(rows, ("areaCode", "AREACODE", "areacode"), strict=True):
        row[name] = f"{row.pop('areaCode')}-{name}"
    world.publish("2022-12-07.json", rows)
    assert world.run().rows_new == 3
    found = world.rows("areacode", "hospitalcases", "malecases[0].value")
    assert [row[0].partition("-")[2] for row in found] == ["AREACODE", "areaCode", "areacode"]
    assert {row[2] for row in found} == {3}


def test_what_comes_from_a_name_does_not_come_from_the_folders_above(world: World) -> None:
    column = Column("edition", "string", from_name=r"(\w+)")
    source = replace(SMALL.source, prefix="uk_covid/of_2020/")
    world.dataset = replace(SMALL, source=source, columns=(*SMALL.columns, column))
    world.publish("first/2022-12-07.json", [hospital(ENGLAND, 1)])
    world.run()
    assert world.rows("edition") == [("first",)]
