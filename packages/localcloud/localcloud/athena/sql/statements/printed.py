"""CREATE EXTERNAL TABLE of a table of the catalog, as Hive's SHOW CREATE TABLE prints it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localcloud.athena.sql.session import Table
from localcloud.glue.catalog.storage import LAZY_SIMPLE_SERDE

DELIMITERS = {
    "field.delim": "FIELDS TERMINATED BY",
    "collection.delim": "COLLECTION ITEMS TERMINATED BY",
    "mapkey.delim": "MAP KEYS TERMINATED BY",
    "line.delim": "LINES TERMINATED BY",
    "serialization.null.format": "NULL DEFINED AS",
}
NAMED = {"\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}


def create_statement(name: str, table: Table) -> str:
    """The CREATE EXTERNAL TABLE that makes this table, under the name that was asked for."""
    stored = table["StorageDescriptor"]
    keys = table.get("PartitionKeys") or []
    properties = dict(table.get("Parameters") or {})
    properties.pop("EXTERNAL", None)
    comment = properties.pop("comment", "")
    text = f"CREATE EXTERNAL TABLE `{name}`(\n{_columns(stored['Columns'])})\n"
    if comment:
        text += f"COMMENT '{quoted(comment)}'\n"
    if keys:
        text += f"PARTITIONED BY ( \n{_columns(keys)})\n"
    text += _row_format(stored.get("SerdeInfo") or {})
    text += f"STORED AS INPUTFORMAT \n  '{quoted(stored.get('InputFormat', ''))}' \n"
    text += f"OUTPUTFORMAT \n  '{quoted(stored.get('OutputFormat', ''))}'\n"
    text += f"LOCATION\n  '{quoted(stored.get('Location', ''))}'"
    return text + (f"\nTBLPROPERTIES (\n{_pairs(properties)})" if properties else "")


def quoted(text: str) -> str:
    """What stands between single quotes: Hive puts a backslash before a quote and a semicolon."""
    return text.replace("'", "\\'").replace(";", "\\;")


def escaped(text: str) -> str:
    """A text as Java writes it, with signs that cannot be printed by their numbers, between quotes."""
    return quoted("".join(NAMED.get(sign) or _printed(sign) for sign in text))


def _printed(sign: str) -> str:
    units = sign.encode("utf-16-be").hex(" ", 2).upper().split()
    return sign if " " <= sign <= "\x7f" else "".join(f"\\u{unit}" for unit in units)


def _columns(items: list[dict[str, Any]]) -> str:
    return ", \n".join(
        f"  `{c['Name']}` {c['Type']}" + (f" COMMENT '{quoted(c['Comment'])}'" if c.get("Comment") else "")
        for c in items
    )


def _pairs(items: Mapping[str, str]) -> str:
    return ", \n".join(f"  '{key}'='{escaped(value)}'" for key, value in sorted(items.items()))


def _row_format(serde: Mapping[str, Any]) -> str:
    """ROW FORMAT: by its delimiters alone, where they say all of Hive's own text."""
    library = serde.get("SerializationLibrary", "")
    settings = dict(serde.get("Parameters") or {})
    named = settings.keys() - {"serialization.format"}
    plain = settings.get("serialization.format", "1") in ("1", settings.get("field.delim"))
    if library == LAZY_SIMPLE_SERDE and plain and named and named <= DELIMITERS.keys():
        clauses = [
            f"  {clause} '{escaped(settings[key])}' \n" for key, clause in DELIMITERS.items() if key in named
        ]
        return f"ROW FORMAT DELIMITED \n{''.join(clauses)}"
    if settings.get("serialization.format") == "1":  # Hive's default
        del settings["serialization.format"]
    text = f"ROW FORMAT SERDE \n  '{quoted(library)}' \n"
    return text + (f"WITH SERDEPROPERTIES ( \n{_pairs(settings)}) \n" if settings else "")
