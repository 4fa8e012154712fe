"""What OpenX's SerDe finds in JSON."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from localcloud.athena.sql.errors import QueryError
from localcloud.athena.sql.tables import json_rows, readers
from localcloud.athena.sql.tables.readers import LocalFiles
from localcloud.glue.catalog.types import parse
from rigs.lake import Lake


def lower(value: Any) -> Any:
    """Results name fields by the declared type; here they have the spelling of the file."""
    if isinstance(value, dict):
        return {name.lower(): lower(one) for name, one in value.items()}
    return [lower(one) for one in value] if isinstance(value, list) else value


def rows(folder: Path, kind: str, *values: Any) -> list[Any]:
    """The column `made` of each row, as it is read with the type."""
    place = folder / "files" / "__partition=0"
    place.mkdir(parents=True)
    (place / "a.json").write_text("".join(json.dumps({"Made": value}) + "\n" for value in values))
    with duckdb.connect() as connection:
        files = LocalFiles(folder / "files", {})
        found = readers.read(connection, "json", {}, {}, [("made", parse(kind))], None, files)
        sql = f"SELECT {found.expressions['made']} FROM {found.source}"  # noqa: S608
        return [lower(row[0]) for row in connection.execute(sql).fetchall()]


@pytest.mark.parametrize(
    ("kind", "value", "read"),
    [
        ("struct<runid:string>", {"runId": "a"}, {"runid": "a"}),
        ("array<struct<runid:string>>", [{"runId": "a"}], [{"runid": "a"}]),
        ("map<string,struct<runid:string>>", {"x": {"runId": "a"}}, {"x": {"runid": "a"}}),
        ("map<string,array<struct<runid:string>>>", {"x": [{"runId": "a"}]}, {"x": [{"runid": "a"}]}),
        (
            "struct<fields:map<string,struct<inputfields:array<string>>>>",
            {"Fields": {"x": {}, "y": {"inputFields": ["a"]}}},
            {"fields": {"x": {"inputfields": None}, "y": {"inputfields": ["a"]}}},
        ),
    ],
)
def test_keys_match_without_case(tmp_path: Path, kind: str, value: Any, read: Any) -> None:
    assert rows(tmp_path, kind, value) == [read]


def test_a_map_of_many_keys_is_read_like_one_of_few(tmp_path: Path) -> None:
    many = {f"k{number}": {"runId": str(number)} for number in range(300)}
    (found,) = rows(tmp_path, "map<string,struct<runid:string>>", many)
    assert found == {name: {"runid": one["runId"]} for name, one in many.items()}


def test_a_map_whose_rows_have_other_keys_keeps_each_rows_own(tmp_path: Path) -> None:
    found = rows(tmp_path, "map<string,struct<runid:string>>", {"a": {"runId": "1"}}, {"b": {"runId": "2"}})
    assert found == [{"a": {"runid": "1"}}, {"b": {"runid": "2"}}]


@pytest.mark.parametrize(
    ("text", "columns", "serde", "rows"),
    [
        ('{"My-Key":1}', {"k": "int"}, {"mapping.k": "My-Key"}, [(1,)]),
        ('{"b.c":1}', {"b_c": "int"}, {"dots.in.keys": "true"}, [(1,)]),
        ('{"a":1}\noops\n2\n{"a":3}', {"a": "int"}, {"ignore.malformed.json": "true"},
         [(1,), (None,), (None,), (3,)]),
        ('{"a":1,"A":2}\n{"a":3}', {"a": "int"}, {"ignore.malformed.json": "true"}, [(None,), (3,)]),
        ('{"Name":"x"}\n{"NAME":"y"}\n{"name":"z"}', {"name": "string"}, {}, [("x",), ("y",), ("z",)]),
        ('{"a":1,"a_1":2}', {"a": "int", "a_1": "int"}, {}, [(1, 2)]),
    ],
)  # fmt: skip
def test_json_is_read_by_the_properties_of_its_serde(
    tmp_path: Path, text: str, columns: dict[str, str], serde: dict[str, str], rows: list[tuple[Any, ...]]
) -> None:
    assert Lake(tmp_path, text + "\n").rows("json", columns, serde) == rows


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("array<int>", "[2, 1.5]"),
        ("struct<c:int>", '{"c": 1.5}'),
        ("map<string,array<struct<c:tinyint>>>", '{"x": [{"c": 300}]}'),
        ("map<int,string>", '{"1.5": "x"}'),
        ("int", "1.7"),
        ("bigint", "1.0"),
        ("tinyint", "300"),
        ("int", '"x"'),
        ("smallint", "1e2"),
        ("int", "true"),
    ],
)
def test_what_is_no_whole_number_is_bad_data_and_not_rounded(tmp_path: Path, kind: str, value: str) -> None:
    with pytest.raises(duckdb.Error, match="HIVE_BAD_DATA: Error parsing field value"):
        Lake(tmp_path, f'{{"a": {value}}}\n').rows("json", {"a": kind}, {})


def test_whole_numbers_of_json_may_be_texts(tmp_path: Path) -> None:
    lines = '{"a": 5}\n{"a": "-6"}\n{"a": null}\n{}\n{"a": 9223372036854775807}\n'
    found = Lake(tmp_path, lines).rows("json", {"a": "bigint"}, {})
    assert [value for (value,) in found] == [5, -6, None, None, 9223372036854775807]


def test_whole_numbers_within_a_value_of_json_are_read(tmp_path: Path) -> None:
    columns = {"a": "array<int>", "s": "struct<n:bigint,t:string>", "m": "map<int,array<smallint>>"}
    lines = '{"a":[1,null,"3"],"s":{"n":9223372036854775807,"t":"x"},"m":{"7":[1]}}\n{"a":null}\n'
    assert Lake(tmp_path, lines).rows("json", columns, {}) == [
        ([1, None, 3], {"n": 9223372036854775807, "t": "x"}, {7: [1]}),
        (None, None, None),
    ]


def test_only_the_keys_of_a_copy_in_lower_case_are_changed(tmp_path: Path) -> None:
    source, target = tmp_path / "a.json", tmp_path / "copy" / "a.json"
    source.write_text(
        '{"Name" : "A,}", "n":12345678901234567890.123456789}\n {"A\\u0042":{"C": 1e400},"d" :[] }\n{}\n5\n'
    )
    json_rows.in_lower_case(source, target)
    assert target.read_text() == (
        '{"name":"A,}","n":12345678901234567890.123456789}\n{"ab":{"C": 1e400},"d":[]}\n{}\n5\n'
    )


def test_numbered_keys_are_no_case_variants(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_rows, "in_lower_case", None)
    lines = '{"covid":1,"covid_19":1e400}\n'
    assert Lake(tmp_path, lines).rows("json", {"covid": "int", "covid_19": "string"}, {}) == [(1, "1e400")]


@pytest.mark.parametrize("line", ['{"Time":1,"time":2}', '{"time":1,"time":2}', '{"a":1,"TIME":2,"Time":2}'])
def test_a_key_that_is_there_twice_is_no_valid_json(tmp_path: Path, line: str) -> None:
    with pytest.raises(QueryError, match=r'HIVE_CURSOR_ERROR: .* Duplicate key "time"'):
        Lake(tmp_path, f'{{"time":0}}\n{line}\n').rows("json", {"time": "int"}, {})


@pytest.mark.claim("Athena", "refused", "lines of JSON that are arrays, nested keys that differ only in case")
@pytest.mark.parametrize(
    ("text", "serde", "reason"),
    [
        ('{"a":{"b":1}}\n[2]', {}, "a line of JSON that is an array"),
        ('{"a":{"b":1}}\n[2]', {"ignore.malformed.json": "true"}, "a line of JSON that is an array"),
        ('{"a":{"b":1}}\n{"a":{"B":1}}', {}, "keys within a value of JSON that differ only in case"),
    ],
)
def test_what_openx_reads_in_other_ways_is_refused(
    tmp_path: Path, text: str, serde: dict[str, str], reason: str
) -> None:
    with pytest.raises(QueryError, match=f"localcloud does not support {reason}"):
        Lake(tmp_path, text + "\n").rows("json", {"a": "struct<b:int>"}, serde)


@pytest.mark.parametrize(
    ("columns", "serde"),
    [
        ({"a": "int"}, {"case.insensitive": "false"}),
        ({"s": "struct<a:int>"}, {"mapping.a": "b"}),
        ({"s": "map<string,array<struct<a:int>>>"}, {"mapping.a": "b"}),
        ({"s": "array<struct<a_b:int>>"}, {"dots.in.keys": "true"}),
        ({"a": "timestamp"}, {"timestamp.formats": "yyyy"}),
        ({"a": "int"}, {"use.null.for.invalid.data": "TRUE"}),
        ({"a": "int"}, {"skip.header.line.count": "1"}),
    ],
)
def test_what_is_not_followed_in_json_is_refused(
    tmp_path: Path, columns: dict[str, str], serde: dict[str, str]
) -> None:
    with pytest.raises(QueryError, match=r"localcloud does not support .* of the JSON SerDe"):
        Lake(tmp_path, "{}\n").rows("json", columns, serde)


def test_hives_json_serde_has_no_properties_of_openx(tmp_path: Path) -> None:
    told = {"mapping.a": "b", "dots.in.keys": "true", "case.insensitive": "false"}
    lake = Lake(tmp_path, '{"a": 1, "b": 2, "c.d": 3}\n')
    library = "org.apache.hive.hcatalog.data.JsonSerDe"
    assert lake.rows("json", {"a": "int", "c_d": "int"}, told, library=library) == [(1, None)]
    openx = {"mapping.a": "b", "dots.in.keys": "true"}
    library = "org.openx.data.jsonserde.JsonSerDe"
    assert lake.rows("json", {"a": "int", "c_d": "int"}, openx, library=library) == [(2, 3)]


LONG = "12345678901234567890.123456789"


@pytest.mark.parametrize(
    ("column", "text", "value"),
    [
        ("decimal(38,9)", LONG, Decimal(LONG)),
        ("decimal(38,9)", f"-{LONG}", Decimal(f"-{LONG}")),
        ("decimal(38,0)", "99999999999999999999999999999999999999", Decimal("9" * 38)),
        ("string", LONG, LONG),
        ("varchar(40)", LONG, LONG),
        ("array<decimal(38,9)>", f"[1.5, {LONG}]", [Decimal("1.500000000"), Decimal(LONG)]),
        ("struct<a:decimal(38,9)>", f'{{"a": {LONG}}}', {"a": Decimal(LONG)}),
        ("string", f'"{LONG}, {LONG}"', f"{LONG}, {LONG}"),
        ("decimal(10,2)", "1.20", Decimal("1.20")),
    ],
)
def test_every_digit_of_a_number_is_kept(tmp_path: Path, column: str, text: str, value: Any) -> None:
    lake = Lake(tmp_path, f'{{"a": {text}, "d": {LONG}}}\n')
    (found,) = lake.rows("json", {"a": column, "d": "double"}, {})
    assert found == (value, float(LONG))
    assert repr(found[0]) == repr(value)
