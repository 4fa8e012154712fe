"""SHOW CREATE TABLE."""

from __future__ import annotations

from typing import Any

import pytest

from localcloud.athena.sql.statements.external_tables import column_definitions, parse_create
from localcloud.athena.sql.statements.printed import create_statement
from localcloud.glue.catalog.storage import LAZY_SIMPLE_SERDE, OPEN_CSV_SERDE


def printed(serde: str, settings: dict[str, str], **more: Any) -> str:
    """The statement for a table of one column."""
    info = {"SerializationLibrary": serde, "Parameters": settings}
    storage = {"Columns": [{"Name": "a", "Type": "string"}], "SerdeInfo": info, "Location": "s3://b/t/"}
    return create_statement("t", {"StorageDescriptor": storage, **more})


@pytest.mark.parametrize(
    ("settings", "lines"),
    [
        ({"field.delim": "\t", "line.delim": "\n", "serialization.format": "\t"},
         ["FIELDS TERMINATED BY '\\t'", "LINES TERMINATED BY '\\n'"]),
        ({"field.delim": "\x01", "serialization.format": "1"}, ["FIELDS TERMINATED BY '\\u0001'"]),
        ({"mapkey.delim": ":", "collection.delim": "'", "field.delim": ";",
          "serialization.null.format": "\\N"},
         ["FIELDS TERMINATED BY '\\;'", "COLLECTION ITEMS TERMINATED BY '\\''", "MAP KEYS TERMINATED BY ':'",
          "NULL DEFINED AS '\\\\N'"]),
    ],
)  # fmt: skip
def test_the_delimiters_of_text_are_printed_by_their_clauses(
    settings: dict[str, str], lines: list[str]
) -> None:
    clauses = "".join(f"  {line} \n" for line in lines)
    assert f")\nROW FORMAT DELIMITED \n{clauses}STORED AS INPUTFORMAT \n" in printed(
        LAZY_SIMPLE_SERDE, settings
    )


@pytest.mark.parametrize(
    ("serde", "settings", "pairs"),
    [
        (LAZY_SIMPLE_SERDE, {"field.delim": ",", "escape.delim": "\\"},
         "  'escape.delim'='\\\\', \n  'field.delim'=','"),
        (LAZY_SIMPLE_SERDE, {"field.delim": ",", "serialization.format": "|"},
         "  'field.delim'=',', \n  'serialization.format'='|'"),
        (OPEN_CSV_SERDE, {"quoteChar": '"', "separatorChar": ";", "serialization.format": "1"},
         "  'quoteChar'='\\\"', \n  'separatorChar'='\\;'"),
    ],
)  # fmt: skip
def test_all_else_of_a_serde_is_printed_as_its_properties(
    serde: str, settings: dict[str, str], pairs: str
) -> None:
    text = f"ROW FORMAT SERDE \n  '{serde}' \nWITH SERDEPROPERTIES ( \n{pairs}) \nSTORED AS"
    assert text in printed(serde, settings)


def test_a_quote_in_a_comment_can_be_run_again() -> None:
    columns = [{"Name": "a", "Type": "string", "Comment": "it's"}]
    storage = {"Columns": columns, "Location": "s3://b/it's/"}
    text = create_statement(
        "t", {"StorageDescriptor": storage, "Parameters": {"comment": "a table's", "odd": "é'"}}
    )
    tree = parse_create(text)
    assert column_definitions(tree.this.expressions) == columns
    assert "\nCOMMENT 'a table\\'s'\n" in text
    assert text.endswith("LOCATION\n  's3://b/it\\'s/'\nTBLPROPERTIES (\n  'odd'='\\u00E9\\'')")
