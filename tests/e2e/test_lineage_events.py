"""The events on lineage as a table: the statements of docs/contracts.md, on events as the jobs write them."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from covidlake import aws
from covidlake.base import project
from covidlake.run import query
from localcloud.cloud import LocalCloud
from tests.unit.jobs.lineage.test_events import EVENTS

LAKE, DATABASE = "lineage-lake", "lineage"
STATEMENTS = re.findall(r"```sql\n(.*?)```", (project.ROOT / "docs" / "contracts.md").read_text(), re.DOTALL)


def ask(sql: str) -> list[list[str | None]]:
    return query.ask(sql, DATABASE, f"s3://{LAKE}/answers/")[1]


@pytest.mark.usefixtures("attached")
def test_the_events_are_a_table_by_the_documented_statement(cloud: LocalCloud) -> None:
    s3 = cloud.client("s3")
    place: Any = {"LocationConstraint": project.SOURCE_REGION}
    s3.create_bucket(Bucket=LAKE, CreateBucketConfiguration=place)
    for kind, event in EVENTS.items():
        body = json.dumps(event, separators=(",", ":")).encode()
        s3.put_object(Bucket=LAKE, Key=f"lineage/uk_covid/run-1.{kind}.json", Body=body)
    aws.client("glue").create_database(DatabaseInput={"Name": DATABASE})
    made, asked = STATEMENTS
    ask(made.replace("LAKE", LAKE))
    assert [row[0] for row in ask("SELECT eventtype FROM lineage_events ORDER BY 1")] == sorted(EVENTS)
    runs = {event["run"]["runId"] for event in EVENTS.values()}
    assert {row[0] for row in ask("SELECT run.runid FROM lineage_events")} == runs
    done = EVENTS["COMPLETE"]
    (source,) = done["inputs"]
    wanted = [
        [one["name"], source["namespace"], source["name"], done["eventTime"]] for one in done["outputs"]
    ]
    assert ask(asked) == sorted(wanted)
