"""Nothing is altered in silence: a value is kept exactly or rejected with a reason, alike in JSON and CSV."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from ingestion.description import Column, DataSet, NamedQuery, Source
from ingestion.errors import SchemaChangedError, UnreadableObjectError
from ingestion.read import source
from tests.sampling import sampled
from tests.unit.jobs.world import World

pytestmark = pytest.mark.usefixtures("compiled")

AMOUNTS = DataSet(
    name="amounts",
    description="A value of each type",
    source=Source("amounts/", "json"),
    columns=(
        Column("id", "string"),
        Column("whole", "bigint"),
        Column("small", "float"),
        Column("real", "double"),
        Column("price", "decimal(10,2)"),
        Column("day", "date"),
        Column("note", "string"),
    ),
    key=("id",),
    queries=(NamedQuery("all", "SELECT * FROM amounts"),),
    max_rejected=1.0,
)
GOOD = {"id": "good", "note": "one that is read, so that the object is no changed schema"}


@pytest.fixture(params=["json", "csv"])
def amounts(world: World, request: pytest.FixtureRequest) -> World:
    world.dataset = replace(AMOUNTS, source=Source("amounts/", request.param))
    return world


@pytest.fixture(params=["few bytes", "many bytes"])
def _size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Few bytes are read by digits only if that may make a difference, many at once."""
    if request.param == "many bytes":
        monkeypatch.setattr(source, "FEW_BYTES", -1)


def put(world: World, *rows: dict[str, str], name: str = "one") -> None:
    """Rows whose values are written as they are: numbers without quotes, texts with them."""
    names = [column.name for column in AMOUNTS.columns]
    texts = {"id", "day", "note"}

    def line(row: dict[str, str]) -> str:
        if world.dataset.source.format == "csv":
            given = [row.get(one, "") for one in names]
            return ",".join(
                f'"{text}"' if one in texts else text for one, text in zip(names, given, strict=True)
            )
        return (
            "{"
            + ", ".join(f'"{key}": {json.dumps(v) if key in texts else v}' for key, v in row.items())
            + "}"
        )

    header = [",".join(names)] if world.dataset.source.format == "csv" else []
    path = world.source / "amounts" / f"{name}.{world.dataset.source.format}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([*header, *map(line, [*rows, GOOD])]) + "\n", encoding="utf-8")


def put_text(world: World, text: str) -> None:
    path = world.source / "amounts" / "one.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


KEPT: list[tuple[str, str, Any]] = [
    ("whole", "3.0", 3),
    ("whole", "1e3", 1000),
    ("whole", "-9223372036854775808", -9223372036854775808),
    ("price", "1.2", Decimal("1.20")),
    ("price", "12345678.99", Decimal("12345678.99")),
    ("price", "1e2", Decimal("100.00")),
    ("real", "1e300", 1e300),
    ("note", " outer blanks ", " outer blanks "),
    ("note", " ", " "),
    ("note", "Café ✓", "Café ✓"),
    ("day", " 2022-12-07 ", "2022-12-07"),
]
REJECTED = [
    ("whole", "3.5", "wrong_type_whole"),
    ("whole", "99999999999999999999", "wrong_type_whole"),
    ("price", "1.239", "wrong_type_price"),
    ("price", "123456789.00", "wrong_type_price"),
    ("real", "1e400", "out_of_range_real"),
    ("small", "1e39", "out_of_range_small"),
    ("day", "2022-02-30", "bad_day"),
]


def test_a_value_is_kept_exactly(amounts: World) -> None:
    rows = [{"id": f"{number:02}", column: text} for number, (column, text, _) in enumerate(KEPT)]
    put(amounts, *rows)
    assert amounts.run().rows_quarantined == 0
    found = {row.pop("id"): row for row in (row.asDict() for row in amounts.table().collect())}
    for number, (column, text, value) in enumerate(KEPT):
        kept = found[f"{number:02}"][column]
        assert (str(kept) if column == "day" else kept) == value, (column, text)


def test_or_it_is_rejected_with_a_reason(amounts: World) -> None:
    put(amounts, *({"id": "x", column: text} for column, text, _ in REJECTED))
    amounts.run()
    found = amounts.quarantine()
    assert [row["reason"] for row in found] == [reason for _, _, reason in REJECTED]
    for row, (_, text, _) in zip(found, REJECTED, strict=True):
        assert text in row["raw"]
    assert amounts.rows("id") == [("good",)]


def test_what_is_no_number_is_rejected_in_both(amounts: World) -> None:
    put(amounts, *({"id": "x", "real": text} for text in ("NaN", "Infinity", "-Infinity")))
    amounts.run()
    reason = {"json": "malformed_json", "csv": "wrong_type_real"}[amounts.dataset.source.format]
    assert [row["reason"] for row in amounts.quarantine()] == [reason] * 3


def test_a_line_that_is_not_utf_8_is_rejected_and_the_quarantine_can_be_read(amounts: World) -> None:
    bad = [b"Caf\xe9", b"\xff\xfe\x00garbage", b"\x80", b"\xc3", b"\xed\xa0\x80"]
    put(amounts, *({"id": "x", "note": f"REPLACED{n}"} for n in range(len(bad))), {"id": "y", "note": "é"})
    (path,) = (amounts.source / "amounts").iterdir()
    content = path.read_bytes()
    for number, text in enumerate(bad):
        content = content.replace(b"REPLACED%d" % number, text)
    path.write_bytes(content)
    amounts.run()
    found = amounts.quarantine()
    assert [row["reason"] for row in found] == ["not_utf8"] * len(bad)
    for row, text in zip(found, bad, strict=True):
        assert text in row["raw"].encode("latin-1")
    assert amounts.rows("note", where="id <> 'good'") == [("é",)]
    (file,) = (amounts.lake / "quarantine").rglob("*.parquet")
    by_others = sorted(duckdb.read_parquet(str(file)).project("raw").fetchall())
    assert by_others == sorted((row["raw"],) for row in found)


def test_json_that_only_a_lenient_reader_takes_is_rejected(world: World) -> None:
    world.dataset = AMOUNTS
    lenient = [
        '{"id": "x", "note": "a\tb"}',
        "{'id': 'x'}",
        '{"id": "x"} {"id": "y"}',
        '{"id": ' * 2_000 + "1" + "}" * 2_000,
    ]
    world.publish("one.json", [GOOD, *lenient])
    world.run()
    assert [row["reason"] for row in world.quarantine()] == ["malformed_json"] * len(lenient)


QUOTES = [
    ('x,,,,,,"a line\nbreak"', 2),
    ('x,,,,,,"never closed', 1),
    ('x,,,,,,"says ""hi', 1),
    ('a,,,,,,"says ""hi"" and, more"', 0),
    ('b,,,,,,5" of rain', 0),
    ('"c,",,,,,,b', 0),
    ('"",,,,,,b', 1),
]


def test_a_quoted_text_that_does_not_end_on_its_line_is_rejected(world: World) -> None:
    world.dataset = replace(AMOUNTS, source=Source("amounts/", "csv"))
    header = ",".join(column.name for column in AMOUNTS.columns)
    put_text(world, "\n".join([header, *(row for row, _ in QUOTES), ""]))
    result = world.run()
    assert result.rows_quarantined == sum(rejected for _, rejected in QUOTES)
    assert world.rows("id", "note") == [("a", 'says "hi" and, more'), ("b", '5" of rain'), ("c,", "b")]


def test_trim_takes_outer_blanks_away_where_the_description_says_so(world: World) -> None:
    world.dataset = replace(AMOUNTS, source=Source("amounts/", "csv", trim=True))
    put(world, {"id": " x ", "note": " "})
    world.run()
    assert world.rows("id", "note", where="id <> 'good'") == [("x", None)]


def test_a_header_that_is_not_utf_8_is_refused(world: World) -> None:
    world.dataset = replace(AMOUNTS, source=Source("amounts/", "csv"))
    put(world)
    (path,) = (world.source / "amounts").iterdir()
    path.write_bytes(path.read_bytes().replace(b"note", b"n\xf6te"))
    with pytest.raises(SchemaChangedError, match="header is not UTF-8"):
        world.run()


def test_new_fields_inside_a_nested_one_are_reported(world: World) -> None:
    nested = Column("parts", "array<struct<age:string,sizes:struct<a:int>>>")
    world.dataset = replace(AMOUNTS, columns=(*AMOUNTS.columns, nested), max_rejected=0.2)
    world.publish(
        "one.json",
        [
            {"id": "a", "parts": [{"age": "1", "sizes": {"a": 1}}]},
            {"id": "b", "parts": [{"age": "1", "new": 5}, {"sizes": {"a": 1, "b": 2}, "newer": {}}]},
        ],
    )
    found = world.run().findings
    for name in ("parts > new", "parts > newer", "parts > sizes > b"):
        assert f"not kept, describe it: {name}" in found
    assert found.count("not kept") == 3


def test_a_column_without_a_name_is_reported(world: World) -> None:
    world.dataset = replace(AMOUNTS, source=Source("amounts/", "csv"))
    put_text(world, "id,note,\nx,y,lost\n")
    found = world.run().findings
    assert "not kept, describe it: a column without a name in " in found
    assert found.endswith("amounts/one.csv")


def test_a_footer_can_be_dropped_although_it_has_no_key(world: World) -> None:
    keep = "note IS NULL OR note NOT LIKE 'Source:%'"
    world.dataset = replace(AMOUNTS, source=Source("amounts/", "csv"), keep=keep)
    put_text(world, "id,note\nx,y\n,Source: somebody\n,\n")
    result = world.run()
    assert (result.rows_new, result.rows_filtered_out, result.rows_quarantined) == (1, 1, 1)


@pytest.mark.prove
def test_objects_that_are_not_read_are_said(world: World) -> None:
    world.dataset = AMOUNTS
    world.publish("one.json", [GOOD])
    hidden = ("_SUCCESS", ".part", "a.json._COPYING_", "_metadata", "_temporary/a.json", "x._COPYING_/a.json")
    for name in hidden:
        world.publish(name, [GOOD])
    world.publish("empty.json", [])
    world.publish("_day=1.json", [{"id": "of a partition"}])
    world.publish("_day=1/b=_/_metadata=1.json", [{"id": "of a deeper one"}])
    result = world.run()
    assert "7 objects skipped, empty or with a hidden name, as " in result.findings
    names = {name.partition("amounts/")[2] for name in result.objects_skipped}
    assert names == {*hidden, "empty.json"}
    assert world.rows("id") == [("good",), ("of a deeper one",), ("of a partition",)]
    world.publish("b.json._COPYING_", [{"id": "half"}])
    world.publish("b.json", [{"id": "whole"}])
    world.run()
    assert world.rows("id", where="id in ('half', 'whole')") == [("whole",)]


def test_a_name_that_spark_cannot_read_is_named(world: World) -> None:
    world.dataset = AMOUNTS
    world.publish("one\nmore.json", [GOOD])
    with pytest.raises(UnreadableObjectError, match=r"one\\nmore\.json': Spark reads no name with a line"):
        world.run()


BROKEN_TEXTS = """id,note
a,before
x,"begins
p,q
goes, on"
b,24"
y,"begins, and
""says"" no more
""more"", at the end"
c,after
"""


def test_no_line_of_a_text_over_several_lines_is_taken_for_a_row(world: World) -> None:
    world.dataset = replace(AMOUNTS, source=Source("amounts/", "csv"))
    put_text(world, BROKEN_TEXTS)
    world.run()
    assert world.rows("id", "note") == [("a", "before"), ("b", '24"'), ("c", "after")]
    assert [row["reason"] for row in world.quarantine()] == ["malformed_csv"] * 6
    raw = {row["raw"] for row in world.quarantine()}
    assert {"p,q", 'goes, on"', '""more"", at the end"'} < raw


@pytest.mark.prove
def test_nor_where_an_older_object_is_read_again(world: World) -> None:
    world.dataset = replace(AMOUNTS, source=Source("amounts/", "csv"))
    put_text(world, BROKEN_TEXTS)
    world.run()
    (world.source / "amounts" / "before.csv").write_text("id,note\na,older\nz,new\n")
    assert world.run().rows_read > 2
    assert world.rows("id", "note") == [("a", "before"), ("b", '24"'), ("c", "after"), ("z", "new")]


def test_a_lost_quote_takes_no_other_row_along(world: World) -> None:
    world.dataset = replace(AMOUNTS, source=Source("amounts/", "csv"))
    put_text(world, 'id,note\na,before\nx,"lost\nb,after\nc,"whole"\n')
    assert world.run().rows_quarantined == 1
    assert world.rows("id") == [("a",), ("b",), ("c",)]


def test_a_header_that_comes_again_is_said(world: World) -> None:
    world.dataset = replace(AMOUNTS, source=Source("amounts/", "csv"))
    put_text(world, "id,note\na,b\nid,note\n\nc,d\nid,note\n")
    result = world.run()
    assert world.rows("id") == [("a",), ("c",)]
    assert "2 lines repeat the header of their object, as in " in result.findings


PARTS = Column("parts", "array<struct<price:decimal(10,2),real:double,more:map<string,float>>>")
NESTED = [
    ('{"price": 1.239}', "wrong_type_parts"),
    ('{"price": 123456789.00}', "wrong_type"),
    ('{"real": 1e400}', "out_of_range_parts"),
    ('{"more": {"a": 1e39}}', "out_of_range_parts"),
]


def test_values_inside_a_nested_column_are_judged_like_all_others(world: World) -> None:
    world.dataset = replace(AMOUNTS, columns=(*AMOUNTS.columns, PARTS))
    good = ['{"price": 1.2}', '{"real": -1e300, "price": 12345678.99}', '{"more": {"a": 0.5}}', "null"]
    lines = [f'{{"id": "{number}", "parts": [{one}]}}' for number, one in enumerate(good)]
    lines += [f'{{"id": "x", "parts": [{{}}, {one}]}}' for one, _ in NESTED]
    world.publish("one.json", [*lines, '{"id": "none"}'])
    world.run()
    assert sorted(row["reason"] for row in world.quarantine()) == sorted(reason for _, reason in NESTED)
    prices = {row["id"]: row["parts"] for row in world.table().collect()}
    assert prices["0"][0]["price"] == Decimal("1.20")
    assert prices["1"][0]["price"] == Decimal("12345678.99")
    assert prices["none"] is None
    assert len(prices) == len(good) + 1


def test_half_of_a_character_is_rejected(world: World) -> None:
    world.dataset = AMOUNTS
    halves = [r"a\ud800", r"\uDC00b", r"\\\ud83dx", r"\ude00\ud83d"]
    whole = [r"\ud83d\ude00", r"\\ud800"]
    texts = [*halves, *whole]
    world.publish("one.json", [f'{{"id": "{n}", "note": "{text}"}}' for n, text in enumerate(texts)])
    world.run()
    assert [row["reason"] for row in world.quarantine()] == ["malformed_json"] * len(halves)
    assert world.rows("note") == [("\\ud800",), ("\U0001f600",)]


def test_an_object_of_lines_that_are_no_objects_is_a_changed_schema(world: World) -> None:
    world.dataset = AMOUNTS
    world.publish("one.json", ['["a", 1]', "[]"])
    with pytest.raises(SchemaChangedError, match=r"wrong_type`: the first is no object but array \(\["):
        world.run()


TIMES = [
    ("2022-12-07", "2022-12-07 00:00:00"),
    ("2022-12-07T12:30", "2022-12-07 12:30:00"),
    (" 2022-12-07 12:30:45 ", "2022-12-07 12:30:45"),
    ("2022-12-07T12:30:45.5Z", "2022-12-07 12:30:45.5"),
    ("2022-12-07 12:30:45.1234567 UTC", "2022-12-07 12:30:45.123456"),
    ("2022-12-07 12:30:45+01:30", "2022-12-07 11:00:45"),
    ("2022-12-07T12:30:45-0100", "2022-12-07 13:30:45"),
    ("2022-12-07T12:30:45 +01", "2022-12-07 11:30:45"),
]
NO_TIMES = (
    "12:30:00", "T07:08", "12:30", "2022", "2022-01", "2022-1-1", "2022-12-7 12:30", "2022-12-07T1:30",
    "2022-12-07T", "2022-12-07 12", "2022-12-07T24:00:00", "2022-12-07 12:30:60", "2022-02-30 12:30",
    "2022-12-07 12:30:00 Europe/London", "2022-12-07 12:30:00.", "2022-12-07 12:30Z", "2022-12-07 x",
    "+12022-12-07 12:30", "20221207", "1670371200",
)  # fmt: skip


def test_a_time_is_a_whole_one_or_it_is_rejected(amounts: World) -> None:
    seen = Column("day", "timestamp")
    columns = tuple(seen if one.name == "day" else one for one in AMOUNTS.columns)
    amounts.dataset = replace(amounts.dataset, columns=columns)
    texts = [*(text for text, _ in TIMES), *NO_TIMES]
    put(amounts, *({"id": f"{number:02}", "day": text} for number, text in enumerate(texts)))
    amounts.run()
    assert [row["reason"] for row in amounts.quarantine()] == ["bad_day"] * len(NO_TIMES)
    found = amounts.rows("cast(day as string)", where="day IS NOT NULL")
    assert found == sorted((value,) for _, value in TIMES)


VISITS = Column(
    "visits", "array<struct<d:date,ts:timestamp,more:map<string,array<date>>,price:decimal(10,2)>>"
)
VISITED = [
    ("d", "2022-12-07", "2022-12-07"),
    ("d", " 2022-12-07 ", "2022-12-07"),
    ("d", None, None),
    ("ts", "2022-12-07", "2022-12-07 00:00:00"),
    ("ts", "2022-12-07T12:30:45Z", "2022-12-07 12:30:45"),
    ("price", 1.25, "1.25"),
]
NO_VISITS = [
    *(("d", value) for value in ("2022-12-07Tgarbage", "2022", "2022-1-1 x", "2022-02-30", "", 20221207)),
    *(("ts", value) for value in ("12:30", "2022", "2022-12-07 garbage", 1670371200000, "")),
    *(("more", {"a": [None, value]}) for value in ("2022", 1670371200000)),
]  # fmt: skip


@pytest.mark.prove
def test_times_inside_a_nested_column_are_judged_like_all_others(world: World) -> None:
    world.dataset = replace(AMOUNTS, columns=(*AMOUNTS.columns, VISITS))
    rows = [{"id": f"{n:02}", "visits": [{}, {name: v}]} for n, (name, v, _) in enumerate(VISITED)]
    bad = [{"id": "x", "visits": [{}, {name: value}]} for name, value in NO_VISITS]
    extremes = [{"id": "y"}, {"id": "z", "visits": [None, {"more": {"a": ["2022-12-07", None]}}]}]
    world.publish("one.json", [*rows, *bad, *extremes])
    world.run()
    assert [row["reason"] for row in world.quarantine()] == ["bad_visits"] * len(NO_VISITS)
    assert world.table().schema["visits"].dataType.simpleString() == VISITS.type
    for number, (name, _, kept) in enumerate(VISITED):
        found = world.rows(f"cast(visits[1].{name} as string)", where=f"id = '{number:02}'")
        assert found == [(kept,)], name
    assert world.rows("visits", where="id = 'y'") == [(None,)]
    assert world.rows("visits[0]", "cast(visits[1].more['a'] as string)", where="id = 'z'") == [
        (None, "[2022-12-07, null]")
    ]


DIGITS = "1234567890123456789012345678"
NUMBERS = {
    "decimal(38,2)": (["1.00", "1.5000000000000000000000000000", "15e-1", DIGITS + ".25"], ["1.005", "1e-3"]),
    "decimal(38,10)": (["1.0000000005"], ["1.00000000005", "1.00000000000000000000000000000000000000001"]),
    "decimal(30,10)": (
        ["123456789.0123456789", "12345678901234567890.0123456789", "0.00000000010000000000000000000e1"],
        ["1.0000000000000000001", "1e-11", "1e20", "1e400", "123456789012345678901"],
    ),
    "decimal(10,2)": (["12345678.99", "-0.1", "0e5"], ["1.0000000000000000000000000000000001", "1e-400"]),
    "bigint": (
        ["3.0", "1e3", "9007199254740993.0", "9223372036854775807.000", "-9223372036854775808", "12.5e1"],
        [
            "4503599627370497.3", "1.00000000000000000001", "1.00000000000000000000001", "1e-400",
            "9223372036854775808.0", "9007199254740993.5", "1e400",
        ],
    ),
    "tinyint": (["-128.0", "1.27e2"], ["128.0", "1.275e2"]),
}  # fmt: skip


@pytest.mark.parametrize("form", sampled(["csv", "number", "text", "number as text", "inside"], 2))
def test_a_number_is_kept_to_its_last_digit_or_rejected(world: World, form: str) -> None:
    keeps_or_rejects(world, form)


@pytest.mark.parametrize("form", sampled(["number", "csv", "text", "number as text", "inside"], 5))
def test_and_so_it_is_where_all_lines_are_read_by_digits_at_once(
    world: World, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "FEW_BYTES", -1)
    keeps_or_rejects(world, form)


def keeps_or_rejects(world: World, form: str) -> None:
    if form == "inside":
        fields = ",".join(f"c{n}:{kind}" for n, kind in enumerate(NUMBERS))
        numbers: tuple[Column, ...] = (Column("parts", f"map<string,array<struct<{fields}>>>"),)
    else:
        numbers = tuple(Column(f"c{n}", kind, text=form.endswith("text")) for n, kind in enumerate(NUMBERS))
    source = Source("amounts/", "csv" if form == "csv" else "json")
    world.dataset = replace(AMOUNTS, source=source, columns=(Column("id", "string"), *numbers))
    cases = [
        (n, text, is_kept)
        for n, (kept, lost) in enumerate(NUMBERS.values())
        for texts, is_kept in ((kept, True), (lost, False))
        for text in texts
    ]

    def line(number: int, column: int, text: str) -> str:
        if form == "csv":
            return f"{number:03}" + ",".join(text if n == column else "" for n in range(-1, len(NUMBERS)))
        value = f'"c{column}": ' + (f'"{text}"' if form == "text" else text)
        if form == "inside":
            value = f'"parts": {{"a": [{{}}, {{{value}}}]}}'
        return f'{{"id": "{number:03}", {value}}}'

    header = ["id," + ",".join(column.name for column in numbers)] if form == "csv" else []
    lines = [line(number, *case[:2]) for number, case in enumerate(cases)]
    world.publish("one." + source.format, [*header, *lines])
    world.run()
    lost = [line for line, case in zip(lines, cases, strict=True) if not case[2]]
    assert [row["raw"] for row in world.quarantine()] == lost
    columns = [f"c{case[0]}" for case in cases if not case[2]]
    reasons = {f"wrong_type_{'parts' if form == 'inside' else name}" for name in columns} | {"wrong_type"}
    assert {row["reason"] for row in world.quarantine()} <= reasons
    names = [f"parts['a'][1].c{n}" if form == "inside" else f"c{n}" for n in range(len(NUMBERS))]
    rows = {row[0]: row[1:] for row in world.rows("id", *names)}
    for number, (column, text, is_kept) in enumerate(cases):
        if is_kept:
            assert rows[f"{number:03}"][column] == Decimal(text), text


TEXTS = [
    ("3.10", "3.10"),
    ("12345678901234567890.123", "12345678901234567890.123"),
    ("1e400", "1e400"),
    ("-0", "-0"),
    ('"Infinity"', "Infinity"),
    ('"3.10"', "3.10"),
    ('{"a": [3.10, "3.10", "x\\"3.10"]}', '{"a":[3.10,"3.10","x\\"3.10"]}'),
    ('[1e400, {"b": -0.0}]', '[1e400,{"b":-0.0}]'),
    ("true", "true"),
]


@pytest.mark.usefixtures("_size")
def test_a_number_in_a_text_is_kept_as_it_is_written(world: World) -> None:
    inside = Column("parts", "array<map<string,array<string>>>")
    world.dataset = replace(AMOUNTS, columns=(*AMOUNTS.columns, inside), max_rejected=0.2)
    lines = [
        f'{{"id": "{n}", "note": {v}, "new": {v}, "parts": [{{}}, null, {{"a": [null, {v}]}}], "real": 0.1}}'
        for n, (v, _) in enumerate(TEXTS)
    ]
    world.publish("one.json", lines)
    world.run()
    found = world.rows("note", "new", "parts[2]['a'][1]")
    assert sorted(found) == sorted((text, text, text) for _, text in TEXTS)


def test_a_number_with_a_comma_is_no_decimal(amounts: World) -> None:
    put(amounts, {"id": "x", "price": '"1,25"'}, {"id": "y", "price": '",5"'})
    amounts.run()
    assert [row["reason"] for row in amounts.quarantine()] == ["wrong_type_price"] * 2


@pytest.mark.usefixtures("_size")
def test_only_json_is_taken_for_json_where_a_line_is_read_twice(world: World) -> None:
    world.dataset = AMOUNTS
    lines = [
        f'{{"id": "x", "whole": 3.0, "other": {number}}}'
        for number in ("01", "-01", "1.", ".5", "+1", "1-2", "1e", "0x1", "1 2", "-", "1a")
    ]
    marked = ['{"id": "x", "whole": "\ufdd03"}', r'{"id": "x", "whole": 3.0, "note": "\ufdd0"}']
    world.publish("one.json", [GOOD, *lines, *marked])
    world.run()
    reasons = ["malformed_json"] * len(lines) + ["wrong_type_whole"] * 2
    assert [row["reason"] for row in world.quarantine()] == reasons


NESTED_NUMBERS = replace(
    AMOUNTS,
    columns=(
        *AMOUNTS.columns,
        Column("bands", "array<struct<age:string,rate:double,count:bigint>>"),
        Column("counts", "array<bigint>"),
    ),
)
REFUSED = [
    (AMOUNTS, {"whole": "n/a", "real": 1.5}, 1),
    (AMOUNTS, {"whole": "n/a", "note": "1.5"}, 1),
    (AMOUNTS, {"whole": "n/a", "price": 1.5}, 2),
    (AMOUNTS, {"whole": 3.0}, 2),
    (replace(AMOUNTS, columns=(*AMOUNTS.columns, Column('a"b', "bigint"))), {'a"b': 3.0}, 2),
    (NESTED_NUMBERS, {"bands": [{"age": "0", "rate": 1, "count": 2.0}]}, 2),
    (NESTED_NUMBERS, {"counts": [1, 2e0]}, 2),
]


@pytest.mark.parametrize(("dataset", "fields", "times"), sampled(REFUSED, 3))
def test_an_object_is_read_again_only_for_a_number_that_may_be_a_whole_one_or_a_decimal(
    world: World, monkeypatch: pytest.MonkeyPatch, dataset: DataSet, fields: dict[str, Any], times: int
) -> None:
    counted = source.SourceReader._counted
    read: list[Any] = []
    monkeypatch.setattr(source.SourceReader, "_counted", lambda *given: read.append(1) or counted(*given))
    world.dataset = dataset
    world.publish("one.json", [GOOD, {"id": "x", **fields}])
    result = world.run()
    assert len(read) == times
    assert result.rows_quarantined == ("n/a" in fields.values())


def test_a_row_of_tabs_is_a_row_where_tabs_part_the_values(world: World) -> None:
    world.dataset = replace(AMOUNTS, source=Source("amounts/", "csv", delimiter="\t"))
    put_text(world, "id\tnote\nx\ty\n\t\n\n  \n \t \nz\t\n")
    result = world.run()
    assert (result.rows_read, result.rows_new, result.rows_quarantined) == (4, 2, 2)
    assert [(row["line"], row["reason"]) for row in world.quarantine()] == [
        (3, "missing_id"),
        (6, "missing_id"),
    ]


RENAMED = replace(
    AMOUNTS,
    columns=(
        Column("id", "string"),
        Column("note", "string", aliases=("remark", "comment")),
        Column("real", "double", aliases=("value",), text=True),
        Column("m", "string"),
    ),
)


@pytest.mark.prove
def test_a_field_and_its_alias_with_other_values_are_rejected(world: World) -> None:
    rows = [
        {"id": "a", "note": "x", "remark": "x", "comment": ""},
        {"id": "b", "note": "", "remark": "", "comment": "y"},
        {"id": "c", "real": "1.0", "value": "1"},
        {"id": "x", "note": "x", "remark": "y"},
        {"id": "x", "remark": "x", "comment": "y"},
        {"id": "x", "real": "1.0", "value": "1.5"},
    ]
    reasons = ["two_values_note", "two_values_note", "two_values_real"]
    given = [{name: text for name, text in row.items() if text} for row in rows]
    world.dataset = RENAMED
    world.publish("one.json", given)
    world.run()
    assert [row["reason"] for row in world.quarantine()] == reasons
    assert world.rows("id", "note", "real") == [("a", "x", None), ("b", "y", None), ("c", None, 1.0)]
    world.dataset = replace(RENAMED, source=Source("amounts/csv/", "csv"))
    header = ("id", "note", "remark", "comment", "real", "value")
    lines = [",".join(row.get(name, "") for name in header) for row in rows]
    world.publish("one.csv", [",".join(header), *lines])
    world.run()
    assert [row["reason"] for row in world.quarantine()] == reasons


def test_nor_are_nested_ones(world: World) -> None:
    m = Column("m", "map<string,array<int>>", aliases=("older",))
    world.dataset = replace(AMOUNTS, columns=(Column("id", "string"), m))
    good = ['{"id": "a", "m": {"a": [1]}, "older": {"a": [1]}}', '{"id": "b", "older": {"a": [1]}}']
    world.publish("one.json", [*good, '{"id": "x", "m": {"a": [1]}, "older": {"a": [2]}}'])
    world.run()
    assert [row["reason"] for row in world.quarantine()] == ["two_values_m"]
    assert world.rows("id") == [("a",), ("b",)]


@pytest.mark.prove
def test_columns_that_share_a_name_are_reported(world: World) -> None:
    world.dataset = replace(AMOUNTS, source=Source("amounts/", "csv"))
    put_text(world, "id,new,new,note\nx,first,second,n\n")
    result = world.run()
    assert result.columns_added == ()
    assert "not kept, describe it: new, 2 times in " in result.findings
    (world.source / "amounts" / "two.csv").write_text("id,new\ny,one\n")
    assert world.run().columns_added == ("new",)
    (world.source / "amounts" / "three.csv").write_text("id,new,new\nz,first,second\n")
    assert "not kept, describe it: new, 2 times in " in world.run().findings
    assert world.rows("id", "new") == [("x", None), ("y", "one"), ("z", None)]


def test_a_map_with_a_key_twice_is_rejected(world: World) -> None:
    parts = Column("parts", "array<struct<m:map<string,map<string,int>>>>")
    world.dataset = replace(AMOUNTS, columns=(*AMOUNTS.columns, parts))
    twice = ['{"a": {}, "a": {}}', '{"a": {"b": 1, "c": 1, "b": 2}}']
    lines = [f'{{"id": "x", "parts": [{{}}, {{"m": {one}}}]}}' for one in twice]
    world.publish("one.json", [*lines, '{"id": "y", "parts": [{"m": {"a": {"b": 1}, "b": {"b": 1}}}]}'])
    world.run()
    assert [row["reason"] for row in world.quarantine()] == ["two_values_parts"] * 2
    assert world.rows("id") == [("y",)]


def test_a_field_whose_name_is_empty_is_reported(world: World) -> None:
    world.dataset = AMOUNTS
    world.publish("one.json", [GOOD | {"": "lost"}])
    assert world.run().findings == "not kept, describe it: a field without a name"


def test_zeros_at_the_end_of_a_gzip_are_said(world: World) -> None:
    world.dataset = AMOUNTS
    path = world.publish("one.json.gz", [])
    whole = gzip.compress(b'{"id": "x"}\n')
    path.write_bytes(whole + whole + bytes(1024))
    with pytest.raises(UnreadableObjectError, match=r"one\.json\.gz: .* something follows its end"):
        world.run()
