"""The events on lineage as a table: the queries of docs/contracts.md, on events as the jobs write them."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from covidlake.base import project
from covidlake.run import query
from infra.common import lineage_events
from localcloud.cloud import LocalCloud
from tests.unit.jobs.lineage.test_events import EVENTS

LAKE, DATABASE = "lineage-lake", "lineage"
STATEMENTS = re.findall(r"```sql\n(.*?)```", (project.ROOT / "docs" / "contracts.md").read_text(), re.DOTALL)


def ask(sql: str) -> list[list[str | None]]:
    return query.ask(sql, DATABASE, f"s3://{LAKE}/answers/")[1]


@pytest.fixture(scope="module")
def table(cloud: LocalCloud) -> None:
    """As the template declares it."""
    s3, glue = cloud.client("s3"), cloud.client("glue")
    place: Any = {"LocationConstraint": project.SOURCE_REGION}
    s3.create_bucket(Bucket=LAKE, CreateBucketConfiguration=place)
    for kind, event in EVENTS.items():
        body = json.dumps(event, separators=(",", ":")).encode()
        s3.put_object(Bucket=LAKE, Key=f"lineage/uk_covid/run-1.{kind}.json", Body=body)
    glue.create_database(DatabaseInput={"Name": DATABASE})
    declared = json.loads(json.dumps(lineage_events.table().to_dict()["Properties"]["TableInput"]))
    declared["StorageDescriptor"]["Location"] = f"s3://{LAKE}/lineage/"
    glue.create_table(DatabaseName=DATABASE, TableInput=declared)


@pytest.mark.usefixtures("attached", "table")
def test_each_event_is_a_row() -> None:
    columns = "eventtype, run.runid, run.facets.parent.run.runid, run.facets.errormessage.message"
    found = ask(f"SELECT {columns} FROM lineage_events ORDER BY 1")  # noqa: S608
    assert found == [_of(EVENTS[kind]) for kind in sorted(EVENTS)]


def _of(event: dict[str, Any]) -> list[str | None]:
    run = event["run"]
    message = run["facets"].get("errorMessage", {}).get("message")
    return [event["eventType"], run["runId"], run["facets"]["parent"]["run"]["runId"], message]


@pytest.mark.usefixtures("attached", "table")
def test_what_each_table_was_made_of_is_found_by_the_documented_query() -> None:
    made, _ = STATEMENTS
    done = EVENTS["COMPLETE"]
    (source,) = done["inputs"]
    wanted = [
        [one["name"], source["namespace"], source["name"], done["eventTime"]] for one in done["outputs"]
    ]
    assert ask(made) == sorted(wanted)
    rows = "outputfacets.outputstatistics.rowcount"
    counted = ask(
        f"SELECT name, {rows} FROM lineage_events CROSS JOIN UNNEST(outputs) AS one "  # noqa: S608
        "(namespace, name, facets, outputfacets) ORDER BY 1"
    )
    assert counted == sorted(
        [one["name"], str(one["outputFacets"]["outputStatistics"]["rowCount"])] for one in done["outputs"]
    )


@pytest.mark.usefixtures("attached", "table")
def test_of_which_fields_each_column_is_made_is_found_by_the_documented_query() -> None:
    _, of_columns = STATEMENTS
    (table,) = (one for one in EVENTS["COMPLETE"]["outputs"] if one["name"] == "clean/uk_covid")
    wanted = [
        [column, field["namespace"], field["name"], field["field"]]
        for column, made in table["facets"]["columnLineage"]["fields"].items()
        for field in made["inputFields"]
    ]
    assert ask(of_columns) == sorted(wanted, key=lambda row: (row[0], row[3]))
    assert len(wanted) > 5
