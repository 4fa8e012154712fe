"""The table `lineage_events`: a row for each event of OpenLineage that a job run has written.

Names of fields are lower case, as Athena has them; the SerDe finds `eventType` by `eventtype`.
"""

from __future__ import annotations

from troposphere import glue

from infra.common import names
from infra.common.json_table import json_table

TITLE = "LineageEventsTable"
TABLE = "lineage_events"
_FIELD = "struct<namespace:string,name:string,field:string>"
_FACETS = f"struct<columnlineage:struct<fields:map<string,struct<inputfields:array<{_FIELD}>>>>>"
_ROWS = "struct<outputstatistics:struct<rowcount:bigint>>"
COLUMNS = {
    "eventtype": "string",
    "eventtime": "string",
    "run": "struct<runid:string,facets:struct<parent:struct<run:struct<runid:string>>,"
    "errormessage:struct<message:string>>>",
    "job": "struct<namespace:string,name:string>",
    "inputs": "array<struct<namespace:string,name:string>>",
    "outputs": f"array<struct<namespace:string,name:string,facets:{_FACETS},outputfacets:{_ROWS}>>",
}


def table() -> glue.Table:
    return json_table(
        TITLE, TABLE, "Events of OpenLineage on the runs of jobs", names.LINEAGE_PREFIX, COLUMNS
    )
