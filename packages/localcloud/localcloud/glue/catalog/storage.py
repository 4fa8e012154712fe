"""How the catalog describes files: SerDes and input formats by classification, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

HIVE = "org.apache.hadoop.hive."
TEXT_INPUT = "org.apache.hadoop.mapred.TextInputFormat"
TEXT_OUTPUT = HIVE + "ql.io.HiveIgnoreKeyTextOutputFormat"
PARQUET_SERDE = HIVE + "ql.io.parquet.serde.ParquetHiveSerDe"
OPENX_JSON_SERDE = "org.openx.data.jsonserde.JsonSerDe"
LAZY_SIMPLE_SERDE = HIVE + "serde2.lazy.LazySimpleSerDe"
OPEN_CSV_SERDE = HIVE + "serde2.OpenCSVSerde"
OTHERS = {
    "orc": (
        HIVE + "ql.io.orc.OrcInputFormat",
        HIVE + "ql.io.orc.OrcOutputFormat",
        HIVE + "ql.io.orc.OrcSerde",
    ),
    "avro": (
        HIVE + "ql.io.avro.AvroContainerInputFormat",
        HIVE + "ql.io.avro.AvroContainerOutputFormat",
        HIVE + "serde2.avro.AvroSerDe",
    ),
}
"""Input format, output format and SerDe of formats that the catalog knows and nothing here reads."""
JSON_SERDES = (OPENX_JSON_SERDE, "org.apache.hive.hcatalog.data.JsonSerDe", HIVE + "serde2.JsonSerDe")


def storage_format(classification: str, serde_parameters: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The InputFormat, OutputFormat and SerdeInfo that AWS Glue writes for a classification."""
    if classification == "parquet":
        formats = (
            HIVE + "ql.io.parquet.MapredParquetInputFormat",
            HIVE + "ql.io.parquet.MapredParquetOutputFormat",
        )
        serde, defaults = PARQUET_SERDE, {"serialization.format": "1"}
    elif classification in OTHERS:
        formats, serde, defaults = OTHERS[classification][:2], OTHERS[classification][2], {}
    elif classification == "json":
        formats, serde, defaults = (TEXT_INPUT, TEXT_OUTPUT), OPENX_JSON_SERDE, {}
    else:
        formats, serde, defaults = (TEXT_INPUT, TEXT_OUTPUT), LAZY_SIMPLE_SERDE, {"field.delim": ","}
    return {
        "InputFormat": formats[0],
        "OutputFormat": formats[1],
        "SerdeInfo": {
            "SerializationLibrary": serde,
            "Parameters": {**defaults, **(serde_parameters or {})},
        },
    }


def format_of(descriptor: Mapping[str, Any]) -> str:
    """`parquet`, `json`, `lazy` or `opencsv` for a storage descriptor; else the unsupported SerDe's name."""
    serde = str((descriptor.get("SerdeInfo") or {}).get("SerializationLibrary") or "")
    known = {PARQUET_SERDE: "parquet", LAZY_SIMPLE_SERDE: "lazy", OPEN_CSV_SERDE: "opencsv"}
    if serde in JSON_SERDES:
        return "json"
    if not serde and "parquet" in str(descriptor.get("InputFormat", "")).lower():
        return "parquet"
    return known.get(serde, serde)
