"""What OpenX's SerDe finds in JSON: keys match without case, however deep they are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from localcloud.athena.sql.tables import readers
from localcloud.athena.sql.tables.readers import LocalFiles
from localcloud.glue.catalog.types import parse


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
