"""What SerDes find in text: OpenX's in JSON, LazySimpleSerDe and OpenCSVSerde in lines."""

from __future__ import annotations

import json
import math
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from localcloud.athena.sql.errors import QueryError
from localcloud.athena.sql.tables import json_rows, readers
from localcloud.athena.sql.tables.delimited_text import write_text
from localcloud.athena.sql.tables.readers import LocalFiles
from localcloud.athena.sql.trino.macros import prepare_engine
from localcloud.glue.catalog.table_objects import S3Object
from localcloud.glue.catalog.types import parse, to_duckdb


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


class Lake:
    """A table of one file, read as the catalog describes it."""

    def __init__(self, folder: Path, text: str) -> None:
        self.root = folder / "lake"
        self.path = self.root / "__partition=0" / "0.data"
        self.path.parent.mkdir(parents=True)
        self.path.write_text(text, encoding="utf-8")

    def rows(
        self,
        form: str,
        columns: dict[str, str],
        serde: dict[str, str],
        table: dict[str, str] | None = None,
        library: str = "",
    ) -> list[tuple[Any, ...]]:
        typed = [(name, parse(kind)) for name, kind in columns.items()]
        files = LocalFiles(self.root, {self.path: S3Object("b", "t/0", 1)})
        with duckdb.connect() as connection:
            prepare_engine(connection)
            descriptor = {"SerdeInfo": {"SerializationLibrary": library, "Parameters": serde}}
            found = readers.read(connection, form, descriptor, table or {}, typed, None, files)
            shown = ", ".join(found.expressions.get(name, "NULL") for name in columns)
            sql = f"SELECT {shown} FROM {found.source}"  # noqa: S608
            return [tuple(row) for row in connection.execute(sql).fetchall()]


COMMA = {"field.delim": ","}


@pytest.mark.parametrize(
    ("text", "columns", "serde", "rows"),
    [
        ("a\\,b,2", {"a": "string", "b": "int"}, {"escape.delim": "\\"}, [("a,b", 2)]),
        ("c\\\\,3\n\\N,4", {"a": "string", "b": "int"}, {"escape.delim": "\\"}, [("c\\", 3), (None, 4)]),
        ("NA,1\n,NA", {"a": "string", "b": "int"}, {"serialization.null.format": "NA"},
         [(None, 1), ("", None)]),
        (",1", {"a": "string", "b": "int", "c": "string"}, {"serialization.null.format": ""},
         [(None, 1, None)]),
        ("pears,1", {"a": "varchar(3)", "b": "char(2)"}, {}, [("pea", "1")]),
        ("1\x032\x022,x", {"a": "array<array<int>>", "b": "string"}, {}, [([[1, 2], [2]], "x")]),
        (",x", {"a": "array<int>", "b": "string"}, {}, [([], "x")]),
        ("1\x02\\N,x", {"a": "array<int>", "b": "string"}, {}, [([1, None], "x")]),
        ("k\x03v\x02l\x03,x", {"a": "map<string,string>", "b": "string"}, {}, [({"k": "v", "l": ""}, "x")]),
        ("k\x031\x042,x", {"a": "map<string,array<int>>", "b": "string"}, {}, [({"k": [1, 2]}, "x")]),
        ("7\x02k\x04v,x", {"a": "struct<n:int,m:map<string,string>>", "b": "string"}, {},
         [({"n": 7, "m": {"k": "v"}}, "x")]),
        ("1|2,x", {"a": "array<int>", "b": "string"}, {"collection.delim": "|"}, [([1, 2], "x")]),
        ("1|2;x", {"a": "array<int>", "b": "string"}, {"field.delim": "59", "collection.delim": "124"},
         [([1, 2], "x")]),
        ("1\x021.7\x021e3\x020x1F\x021_0,x", {"a": "array<int>", "b": "string"}, {},
         [([1, None, None, None, None], "x")]),
        ("true\x02FALSE\x02yes\x021,x", {"a": "array<boolean>", "b": "string"}, {},
         [([True, False, None, None], "x")]),
        ("1.5\x021_0.5\x02inf\x021e3,x", {"a": "array<double>", "b": "string"}, {},
         [([1.5, None, None, 1000.0], "x")]),
        ("k\x03v\x02l\x03w\x02k\x03z,x", {"a": "map<string,string>", "b": "string"}, {},
         [({"k": "v", "l": "w"}, "x")]),
        ("a\\nb\\rc\\td\\,1\nx\\", {"a": "string", "b": "int"}, {"escape.delim": "\\"},
         [("a\nb\rctd,1", None), ("x\\", None)]),
        ("\\\\N,1\n\\N,\\N", {"a": "string", "b": "int"}, {"escape.delim": "\\"}, [("\\N", 1), (None, None)]),
        ("a!,b,2", {"a": "string", "b": "int"}, {"escape.delim": "33"}, [("a,b", 2)]),
    ],
)  # fmt: skip
def test_delimited_text_is_cut_by_the_properties_of_its_serde(
    tmp_path: Path, text: str, columns: dict[str, str], serde: dict[str, str], rows: list[tuple[Any, ...]]
) -> None:
    assert Lake(tmp_path, text + "\n").rows("lazy", columns, {**COMMA, **serde}) == rows


@pytest.mark.claim(
    "Athena",
    "refused",
    "escape.delim beside nested columns, delimiters of several bytes, encodings but UTF-8, "
    "case.insensitive = false, timestamp.formats, use.null.for.invalid.data, "
    "serialization.last.column.takes.rest, dots.in.keys within structs",
)
@pytest.mark.parametrize(
    ("columns", "serde", "reason"),
    [
        ({"a": "array<int>"}, {"escape.delim": "\\"}, "escape.delim"),
        ({"a": "string"}, {"serialization.encoding": "windows-1252"}, "serialization.encoding windows-1252"),
        ({"a": "string"}, {"field.delim": "||"}, "the delimiter '||'"),
        ({"a": "string"}, {"field.delim": "200"}, "the delimiter '200'"),
        ({"a": "string"}, {"field.delim": "§"}, "the delimiter '§'"),
        ({"a": "array<int>"}, {"collection.delim": "::"}, "the delimiter '::'"),
        ({"a": "map<string,int>"}, {"mapkey.delim": "=>"}, "the delimiter '=>'"),
        ({"a": "string"}, {"escape.delim": "!!"}, "the delimiter '!!'"),
        ({"a": "array<array<array<array<array<array<array<array<int>>>>>>>>"}, {}, "nested so deeply"),
        ({"a": "string"}, {"serialization.last.column.takes.rest": "true"}, "last.column.takes.rest of Lazy"),
        ({"a": "array<timestamp>"}, {"timestamp.formats": "yyyy"}, "timestamp.formats of LazySimpleSerDe"),
        ({"a": "int"}, {"use.null.for.invalid.data": "true"}, "use.null.for.invalid.data of LazySimpleSerDe"),
    ],
)
def test_what_is_not_followed_in_delimited_text_is_refused(
    tmp_path: Path, columns: dict[str, str], serde: dict[str, str], reason: str
) -> None:
    with pytest.raises(QueryError, match=f"localcloud does not support .*{reason}"):
        Lake(tmp_path, "1\n").rows("lazy", columns, serde)


def test_null_for_invalid_data_is_refused_where_data_may_be_invalid(tmp_path: Path) -> None:
    told = {"use.null.for.invalid.data": "true"}
    lake = Lake(tmp_path, "a,1\n")
    assert lake.rows("opencsv", {"a": "string", "b": "string"}, {}, told) == [("a", "1")]
    with pytest.raises(QueryError, match=r"does not support use\.null\.for\.invalid\.data of OpenCSVSerde"):
        lake.rows("opencsv", {"a": "string", "b": "int"}, {}, told)


def test_properties_of_the_table_are_told_to_its_serde(tmp_path: Path) -> None:
    table = {"serialization.null.format": "NA", "field.delim": ";"}
    lake = Lake(tmp_path, "NA;1\n")
    assert lake.rows("lazy", {"a": "string", "b": "int"}, {"field.delim": ","}, table) == [(None, 1)]


def test_hives_json_serde_has_no_properties_of_openx(tmp_path: Path) -> None:
    told = {"mapping.a": "b", "dots.in.keys": "true", "case.insensitive": "false"}
    lake = Lake(tmp_path, '{"a": 1, "b": 2, "c.d": 3}\n')
    library = "org.apache.hive.hcatalog.data.JsonSerDe"
    assert lake.rows("json", {"a": "int", "c_d": "int"}, told, library=library) == [(1, None)]
    openx = {"mapping.a": "b", "dots.in.keys": "true"}
    library = "org.openx.data.jsonserde.JsonSerDe"
    assert lake.rows("json", {"a": "int", "c_d": "int"}, openx, library=library) == [(2, 3)]


def test_no_text_of_opencsv_is_null_but_a_column_that_is_missing_is(tmp_path: Path) -> None:
    found = Lake(tmp_path, "\\N,\nx\n").rows("opencsv", {"a": "string", "b": "string"}, {"escapeChar": "|"})
    assert found == [("\\N", ""), ("x", None)]


@pytest.mark.parametrize("form", ["lazy", "opencsv"])
def test_lines_at_both_ends_of_a_file_are_skipped(tmp_path: Path, form: str) -> None:
    table = {"skip.header.line.count": "2", "skip.footer.line.count": "1"}
    assert Lake(tmp_path, "x\ny\n1\n2\nend\n").rows(form, {"a": "int"}, {}, table) == [(1,), (2,)]


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


@pytest.mark.parametrize("form", ["lazy", "opencsv"])
@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("int", "1.7"),
        ("bigint", "1e3"),
        ("int", "0x1F"),
        ("int", "1_000"),
        ("boolean", "yes"),
        ("boolean", "1"),
        ("double", "1_000"),
        ("double", "inf"),
        ("decimal(9,2)", "1_000"),
        ("date", "2020/01/01"),
        ("date", "1.7"),
        ("timestamp", "epoch"),
        ("timestamp", "1.7"),
    ],
)
def test_a_text_that_is_no_value_of_the_type_is_bad_data(
    tmp_path: Path, form: str, kind: str, text: str
) -> None:
    with pytest.raises(duckdb.Error, match=f"HIVE_BAD_DATA: Error parsing field value '{text}' for field 0"):
        Lake(tmp_path, text + "\n").rows(form, {"a": kind}, {})


@pytest.mark.parametrize(
    ("form", "kind", "text", "value"),
    [
        ("lazy", "boolean", "TRUE", True),
        ("lazy", "double", "-1.5E3", -1500.0),
        ("lazy", "double", "Infinity", math.inf),
        ("lazy", "decimal(9,2)", ".5", Decimal("0.50")),
        ("lazy", "date", "2020-01-02", date(2020, 1, 2)),
        ("lazy", "timestamp", "2020-01-02 03:04:05.5", datetime.fromisoformat("2020-01-02T03:04:05.5")),
        ("opencsv", "date", "18276", date(2020, 1, 15)),
        ("opencsv", "timestamp", "1579059880000", datetime.fromisoformat("2020-01-15T03:44:40")),
        ("opencsv", "int", "+7", 7),
    ],
)
def test_a_text_is_read_as_the_type(tmp_path: Path, form: str, kind: str, text: str, value: Any) -> None:
    assert Lake(tmp_path, text + "\n").rows(form, {"a": kind}, {}) == [(value,)]


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


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("array<string>", ["a", None, ""]),
        ("array<int>", []),
        ("map<string,int>", {"a": 1, "b": None}),
        ("struct<a:int,b:array<string>>", {"a": None, "b": ["x", "y"]}),
        ("array<struct<a:int,b:map<string,array<int>>>>", [{"a": 1, "b": {"k": [1, 2]}}]),
        ("array<array<array<int>>>", [[[1], [2, 3]], [[4]]]),
        ("array<array<int>>", [[1, 2], None]),
        ("map<string,struct<a:int,b:int>>", {"k": {"a": 1, "b": None}, "l": None}),
        ("struct<a:array<int>,b:map<string,int>,c:struct<d:int>>", {"a": None, "b": None, "c": None}),
        ("binary", b"\x00\xff\n,"),
    ],
)
def test_nested_values_come_back_from_delimited_text(tmp_path: Path, kind: str, value: Any) -> None:
    with duckdb.connect() as connection:
        typed = f"CAST($value AS {to_duckdb(parse(kind))})"
        written = write_text("v", parse(kind), {})
        sql = f"SELECT {written} FROM (SELECT {typed} AS v)"  # noqa: S608
        (text,) = connection.execute(sql, {"value": value}).fetchone() or ("",)
    assert Lake(tmp_path, f"{text},end\n").rows("lazy", {"v": kind, "e": "string"}, COMMA) == [(value, "end")]
