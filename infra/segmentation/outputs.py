"""What someone needs next, once the stack is there."""

from __future__ import annotations

from troposphere import Output, Ref

from infra.common.outputs import bundle, lake, output
from infra.segmentation import catalog, connection, database, jobs
from infra.segmentation.parameters import CREATE_CONDITION

_JOBS = {
    jobs.EXTRACT: "reads the database",
    jobs.JOIN: "joins its tables",
    jobs.SEGMENT: "makes the segments",
    jobs.WRITE_BACK: "writes them back",
}


def _database() -> list[Output]:
    created = [
        output("DatabaseClusterArn", "Database, for the Data API", database.cluster_arn()),
        output("MasterSecretArn", "Secret of the database's master", database.master_secret()),
    ]
    for one in created:
        one.Condition = CREATE_CONDITION
    return [
        output("DatabaseEndpoint", "Host of the database", database.host()),
        output("DatabasePort", "Port of the database", database.port()),
        output("SourceName", "Name of the database", Ref("DatabaseName")),
        output("JobsSecretArn", "Secret of the jobs' role in the database", database.jobs_secret()),
        *created,
    ]


def outputs() -> list[Output]:
    return [
        *lake("a segmentation"),
        *(output(f"{title}Name", f"Glue job that {does}", Ref(title)) for title, does in _JOBS.items()),
        output("ConnectionName", "Glue connection to the database", connection.ref()),
        output("SourceDatabaseName", "Glue database of the database's tables", Ref(catalog.DATABASE)),
        output("DatabaseCrawlerName", "Glue crawler of the database", Ref(catalog.CRAWLER)),
        *_database(),
        *bundle(),
    ]
