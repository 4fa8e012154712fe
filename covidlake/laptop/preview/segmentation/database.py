"""The database of the preview: one server with the made-up shop in it, which the jobs of both refs read."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from covidlake import aws
from covidlake.base.errors import LocalCloudError
from covidlake.laptop.database import fill
from covidlake.laptop.database.access import Access
from covidlake.laptop.preview.compare import connection
from covidlake.laptop.preview.parquet_table import quoted, quoted_text

if TYPE_CHECKING:
    import psycopg
    from duckdb import DuckDBPyConnection

FACTOR = 0.02  # of the sample database: 400 customers, 4,000 orders
NAME = "covid-lake-preview"
SCHEMA = "segmentation"
OF_THE_RUN = ("run_id", "written_at")  # columns of the result that differ from run to run
SECONDS = 120.0
_CLUSTER = {
    "Engine": "aurora-postgresql",
    "DatabaseName": "shop",
    "MasterUsername": "preview",
    "ManageMasterUserPassword": True,
}


def create() -> Access:
    """Make the server, fill it, and make the Glue connection `NAME` to it."""
    cluster = _cluster()
    secret = cluster["MasterUserSecret"]["SecretArn"]
    given = json.loads(aws.client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"])
    access = Access(cluster["Endpoint"], int(cluster["Port"]), "shop", given["username"], given["password"])
    fill.fill(access, None, FACTOR)
    with access.connect() as database:
        database.execute(f"CREATE SCHEMA {SCHEMA}".encode())
    properties: Any = {"JDBC_CONNECTION_URL": f"jdbc:postgresql://{access}", "SECRET_ID": secret}
    aws.client("glue").create_connection(
        ConnectionInput={"Name": NAME, "ConnectionType": "JDBC", "ConnectionProperties": properties}
    )
    return access


def _cluster() -> dict[str, Any]:
    """A cluster, which the local cloud makes in a stack alone."""
    stacks = aws.client("cloudformation")
    body = {"Resources": {"Cluster": {"Type": "AWS::RDS::DBCluster", "Properties": _CLUSTER}}}
    stacks.create_stack(StackName=NAME, TemplateBody=json.dumps(body))
    started = time.monotonic()
    while (status := stacks.describe_stacks(StackName=NAME)["Stacks"][0]["StackStatus"]) != "CREATE_COMPLETE":
        if not status.endswith("PROGRESS") or time.monotonic() - started > SECONDS:
            raise LocalCloudError(f"the database of the preview cannot be made: its stack is {status}")
        time.sleep(0.1)
    found: dict[str, Any] = dict(aws.client("rds").describe_db_clusters()["DBClusters"][0])
    return found


def copy(access: Access, table: str, to: str) -> None:
    """A result as another table, the one that an upgrade starts from; nothing where there is none."""
    with access.connect() as database:
        if _types(database, table):
            database.execute(f"CREATE TABLE {SCHEMA}.{to} (LIKE {SCHEMA}.{table} INCLUDING ALL)".encode())
            database.execute(f"INSERT INTO {SCHEMA}.{to} TABLE {SCHEMA}.{table}".encode())


def export(access: Access, table: str, folder: Path) -> None:
    """The rows of a result that stand for customers, as Parquet, without what differs from run to run.

    Nothing where the table was not made.
    """
    text = folder / "rows.csv"
    with access.connect() as database:
        types = _types(database, table)
        kept = {name: kind for name, kind in types.items() if name not in OF_THE_RUN}
        if not kept:
            return
        folder.mkdir(parents=True)
        here = "WHERE gone_at IS NULL" if "gone_at" in types else ""
        rows = f"SELECT {', '.join(map(quoted, kept))} FROM {SCHEMA}.{table} {here}"
        statement = f"COPY ({rows}) TO STDOUT (FORMAT csv, HEADER)".encode()
        with text.open("wb") as file, database.cursor().copy(statement) as copied:
            for chunk in copied:
                file.write(chunk)
    _convert(text, kept)


def _types(database: psycopg.Connection, table: str) -> dict[str, str]:
    """Each column of a result with its type, as PostgreSQL spells it; none where there is no such table."""
    found = database.execute(
        "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute "
        "WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
        [f"{SCHEMA}.{table}"],
    )
    return dict(found.fetchall())


def _convert(text: Path, types: Mapping[str, str]) -> None:
    """PostgreSQL's CSV as Parquet beside it."""
    with connection() as duck:
        values = ", ".join(f"{_value(duck, name, kind)} AS {quoted(name)}" for name, kind in types.items())
        options = "all_varchar = true, header = true, allow_quoted_nulls = false"  # "" is a text, and no NULL
        read = f"read_csv({quoted_text(str(text))}, {options})"
        target = quoted_text(str(text.with_suffix(".parquet")))
        duck.execute(f"COPY (SELECT {values} FROM {read}) TO {target} (FORMAT parquet)")


def _value(duck: DuckDBPyConnection, name: str, kind: str) -> str:
    """A column in its type of PostgreSQL, as a text where DuckDB has no such type."""
    import duckdb

    cast = f"CAST({quoted(name)} AS {kind})"
    try:
        duck.execute(f"SELECT CAST(NULL AS {kind})")
    except duckdb.Error:
        return quoted(name)
    return cast
