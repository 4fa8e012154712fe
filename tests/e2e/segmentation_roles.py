"""The roles of the second pipeline: which statement of whom is needed where, and which is not, and why."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from covidlake.run.pipelines.segmentation import Request
from localcloud.cloud import LocalCloud
from tests.e2e.segmentation_rig import script_of
from tests.e2e.taken_away import statements_of

REQUEST = Request(("sales_exchange_rates",), "smoke")  # through every state, whatever is new
JOBS = {
    "ExtractJobRole": "extract",
    "JoinJobRole": "join",
    "SegmentJobRole": "segment",
    "WriteBackJobRole": "write-back",
}
CONNECTED = ("ExtractJobRole", "WriteBackJobRole", "DatabaseCrawlerRole")
# Where an execution fails that lacks a statement of the role.
STATES = {
    "ExtractJobRole": ("RunExtract",),
    "JoinJobRole": ("RunJoin",),
    "SegmentJobRole": ("RunSegment",),
    "WriteBackJobRole": ("RunWriteBack",),
    "CrawlerRole": ("CheckCrawler",),
    "DatabaseCrawlerRole": ("DatabaseCheckCrawler",),
    "StartCrawlerFunctionRole": ("StartCrawler",),
    "CheckCrawlerFunctionRole": ("CheckCrawler",),
    "FindTablesFunctionRole": ("FindTables",),
    "PrepareDatabaseRole": ("PrepareDatabase",),
    "StateMachineRole": ("",),  # any
}
_SILENT = "who cannot log works"
_NO_INTERFACE = "the laptop places no interface into a subnet"
# What the success of an execution does not depend on here; AWS's pages in tests/facts/needs.py say who does.
NEEDLESS = {
    **{(role, "WriteLogs"): _SILENT for role in STATES if role != "StateMachineRole"},
    **{
        (role, sid): _NO_INTERFACE
        for role in CONNECTED
        for sid in ("DescribeVpc", "PlaceInterface", "Interface", "TagInterface")
    },
    ("StateMachineRole", "QueryCatalog"): "the local cloud's Athena does not ask for it",
    ("StateMachineRole", "DeliverLogs"): "is asked for when the machine is made",
    ("StateMachineRole", "Trace"): "an execution without a trace goes on",
    ("StateMachineRole", "ReadDefaultDatabase"): "Athena looks there, and goes on without",
}
# What a stack has only on a condition, which that of `dev` does not meet.
NOT_IN_DEV = {
    *((role, sid) for role in JOBS for sid in ("Key", "TellDataZone", "WriteMetrics")),
    *((role, "SecretKey") for role in CONNECTED),
    ("CrawlerRole", "Key"),
    ("StateMachineRole", "Key"),
}
TEMPLATE = statements_of("segmentation")
STATEMENTS = [one for one in TEMPLATE if one not in NEEDLESS and one not in NOT_IN_DEV]
# One of each principal; those of jobs end before Spark starts.
SAMPLE = [
    ("PrepareDatabaseRole", "ReadSecrets"),
    ("StateMachineRole", "RunJob"),
    ("StartCrawlerFunctionRole", "Crawler"),
    ("CheckCrawlerFunctionRole", "Crawler"),
    ("DatabaseCrawlerRole", "ReadSecret"),
    ("FindTablesFunctionRole", "ListTables"),
    ("CrawlerRole", "ReadTables"),
    ("ExtractJobRole", "ReadSecret"),
    ("JoinJobRole", "WriteLake"),
    ("SegmentJobRole", "AskForJobRuns"),
    ("WriteBackJobRole", "ReadConnection"),
]
# Writes the run records of an earlier run again, as jobs do at their end, without Spark.
RECORDS_AGAIN = """
import datetime
import json
import sys
import boto3
from awsglue.utils import getResolvedOptions
given = getResolvedOptions(sys.argv, ["JOB_NAME", "lake_root", "run_id"])
made = {{"join": "customers", "segment": "customer_segments", "back": "write_back"}}
job = given["JOB_NAME"].rpartition("-")[2]
names = [made[job]] if job in made else getResolvedOptions(sys.argv, ["tables"])["tables"].split(",")
bucket, s3 = given["lake_root"][len("s3://"):].strip("/"), boto3.client("s3")
for name in names:
    folder = f"runs/{{name}}/"
    record = json.loads(s3.get_object(Bucket=bucket, Key=folder + "{run}.json")["Body"].read())
    has_table = bool(record["tables"])
    now = datetime.datetime.now(datetime.UTC).isoformat()
    record.update(started_at=now, run_id=given["run_id"], crawl_needed=has_table, verify_needed=has_table)
    s3.put_object(Bucket=bucket, Key=folder + given["run_id"] + ".json", Body=json.dumps(record))
"""
AGAIN = 'sys.argv += ["--code", "another"]'  # what a step has made is made again


@contextmanager
def only(cloud: LocalCloud, role: str, sid: str, run: str) -> Iterator[None]:
    """Only the job of the role works; the others write the records of the execution `run` again."""
    with ExitStack() as scripts:
        for one, job in JOBS.items():
            if one != role:
                scripts.enter_context(script_of(cloud, job, "", RECORDS_AGAIN.format(run=run)))
            elif sid == "ListLake" and job in ("join", "segment"):
                scripts.enter_context(script_of(cloud, job, AGAIN))
        yield
