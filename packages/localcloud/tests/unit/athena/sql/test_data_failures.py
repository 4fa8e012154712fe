"""What a query says of data that does not fit its table: the object in S3, and no local copy of it."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from localcloud.athena.sql.errors import QueryError
from localcloud.athena.sql.session import Session
from localcloud.athena.sql.statements.kinds import classify

JSON_SERDE = "org.openx.data.jsonserde.JsonSerDe"


def session(folder: Path, serde: dict[str, str], text: str) -> Session:
    """A session over one table of JSON, `days`, of one object."""
    table = {
        "DatabaseName": "shop",
        "Name": "days",
        "StorageDescriptor": {
            "Columns": [{"Name": "d", "Type": "date"}, {"Name": "x", "Type": "double"}],
            "Location": "s3://lake/days/",
            "SerdeInfo": {"SerializationLibrary": JSON_SERDE, "Parameters": serde},
        },
    }
    listed = {"days/": {"Contents": [{"Key": "days/a.json", "Size": len(text)}]}}
    s3 = SimpleNamespace(
        get_paginator=lambda _name: SimpleNamespace(
            paginate=lambda **named: [listed.get(named["Prefix"], {})]
        ),
        get_object=lambda **_named: {"Body": io.BytesIO(text.encode())},
    )
    glue: Any = SimpleNamespace(
        get_database=lambda **_named: {"Database": {}},
        get_table=lambda **named: {"Table": {"days": table}[named["Name"]]},
        exceptions=SimpleNamespace(EntityNotFoundException=KeyError),
    )
    made = Session("", "shop", glue, s3, folder, "s3://results/x")
    made.open()
    return made


@pytest.mark.parametrize("column", ["d", "x"])
@pytest.mark.parametrize(
    ("serde", "text"),
    [
        ({}, '{"d":"x","x":"y"}\n'),
        ({"ignore.malformed.json": "true"}, '{"d":"x","x":"y"}\n'),
        ({}, '{"D":null}\n{"d":"x","x":"y"}\n'),
        ({"ignore.malformed.json": "true"}, '{"D":null}\n{"d":"x","x":"y"}\n'),
    ],
)
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT {} FROM days",
        "SELECT {} FROM (SELECT d AS e FROM days) CROSS JOIN days",
        "CREATE TABLE made WITH (external_location = 's3://lake/made/') AS SELECT {} AS made FROM days",
    ],
)
def test_a_value_that_does_not_fit_is_bad_data_of_its_object(
    tmp_path: Path, column: str, serde: dict[str, str], text: str, sql: str
) -> None:
    made = session(tmp_path, serde, text)
    try:
        with pytest.raises(QueryError) as caught:
            classify(sql)[2](made, sql.format(column))
    finally:
        made.close()
    assert caught.value.message.startswith("HIVE_BAD_DATA: ")
    assert "s3://lake/days/a.json" in caught.value.message
    assert str(tmp_path) not in caught.value.message
