"""The databases of Aurora clusters: a server for each, which keeps its data and port over `down` and `up`.

The records of clusters and instances stay ministack's; what is here stands behind those of clusters.
"""

from __future__ import annotations

import logging
import os
import shutil
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from localcloud.rds.postgres import HOST, Postgres, PostgresError

ENGINE = "aurora-postgresql"
FOLDER = "databases"
SNAPSHOTS = "snapshots"
# What RDS lets the owner of a cluster hand on; the owner itself is no superuser.
_ROLES = (
    *("pg_monitor", "pg_read_all_settings", "pg_read_all_stats", "pg_stat_scan_tables"),
    *("pg_signal_backend", "pg_checkpoint", "pg_read_all_data", "pg_write_all_data"),
)

_RESTARTS = 20
_RESTART_SECONDS = 0.25  # until the processes of a killed server have noticed that, and have gone

_logger = logging.getLogger(__name__)
_servers: dict[str, Postgres] = {}
_lock = threading.RLock()


def folder() -> Path:
    """Where the databases of this cloud are: beside its state, or with its temporary files."""
    return Path(os.environ["STATE_DIR"]).parent / FOLDER


def records() -> Iterator[dict[str, Any]]:
    """Every cluster that has a server, of any region."""
    from ministack.services import rds

    for record in list(rds._clusters._data.values()):
        if (folder() / record.get("DbClusterResourceId", "-")).is_dir():
            yield record


def create(record: dict[str, Any], password: str) -> None:
    """Make and start the server of a new cluster, and write its address into the record.

    Raises `PostgresError`; nothing is left then.
    """
    server = _server(record)
    with _lock:
        server.create()
        try:
            server.start()
            _set_up(server, record, password)
        except BaseException:
            server.remove()
            raise
    _recover(record, server)
    _note_address(record, server.port)


def start(record: dict[str, Any]) -> None:
    """Start the server of a cluster that has one, with its data and port. Raises `PostgresError`."""
    server = _server(record)
    with _lock:
        if server.process_id() is None or not server.is_ready():
            server.start()
            _recover(record, server)
    _note_address(record, server.port)


def stop(record: Mapping[str, Any]) -> None:
    """Stop the server of a cluster; its data stays."""
    with _lock:
        _server(record).stop()


def remove(record: Mapping[str, Any]) -> None:
    """Stop the server of a cluster and delete its data."""
    with _lock:
        _server(record).remove()
        _servers.pop(record["DbClusterResourceId"], None)


def copy(record: Mapping[str, Any], name: str) -> Path:
    """Copy the data of a cluster as it is at this moment: what a snapshot is here. Returns the folder."""
    target = folder() / SNAPSHOTS / name
    with _lock:
        server = _server(record)
        was_running = server.process_id() is not None
        server.stop()
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(server.folder, target)
        if was_running:
            server.start()
            _recover(record, server)
    return target


def set_password(record: Mapping[str, Any], password: str) -> None:
    """Give the owner of a cluster another password. Raises `PostgresError`."""
    from psycopg import sql

    with _server(record).connect() as connection:
        connection.execute(
            sql.SQL("ALTER ROLE {} PASSWORD {}").format(
                sql.Identifier(record["MasterUsername"]), sql.Literal(password)
            )
        )


def is_available(record: Mapping[str, Any]) -> bool:
    """Whether the server of a cluster takes connections."""
    return _server(record).is_ready()


def stop_all() -> None:
    """Stop every server: the cloud ends."""
    with _lock:
        for server in _servers.values():
            server.stop()


def remove_all() -> None:
    """Stop every server and delete all data: the state of the cloud is wiped."""
    with _lock:
        stop_all()
        _servers.clear()
        shutil.rmtree(folder(), ignore_errors=True)


def _recover(record: Mapping[str, Any], server: Postgres) -> None:
    """Start a server again that dies without being stopped, as RDS does."""

    def watch() -> None:
        while server.await_crash():
            _logger.warning("the database of %s has died and is started again", record["DBClusterIdentifier"])
            if not _started_again(server):
                return

    threading.Thread(target=watch, daemon=True).start()


def _started_again(server: Postgres) -> bool:
    for attempt in range(_RESTARTS):
        with _lock:
            if server.folder.is_dir() and server.process_id() is None:
                try:
                    server.start()
                except PostgresError as error:
                    if attempt == _RESTARTS - 1:
                        _logger.error("%s", error)
                    time.sleep(_RESTART_SECONDS)
                    continue
        return server.process_id() is not None
    return False


def _server(record: Mapping[str, Any]) -> Postgres:
    """The server of a cluster, by the id that no second cluster ever has."""
    number = str(record["DbClusterResourceId"])
    with _lock:
        if number not in _servers:
            _servers[number] = Postgres(folder() / number, kept=os.environ.get("PERSIST_STATE") == "1")
        return _servers[number]


def _set_up(server: Postgres, record: Mapping[str, Any], password: str) -> None:
    """The roles that RDS makes, the owner of the cluster and the database that it asks for."""
    from psycopg import Error, sql

    master, database = (
        sql.Identifier(record[name] or "postgres") for name in ("MasterUsername", "DatabaseName")
    )
    statements = [
        sql.SQL("CREATE ROLE rds_superuser NOLOGIN"),
        *(sql.SQL(f"GRANT {role} TO rds_superuser WITH ADMIN OPTION") for role in _ROLES),
        sql.SQL("CREATE ROLE {} LOGIN CREATEDB CREATEROLE PASSWORD {}").format(master, sql.Literal(password)),
        sql.SQL("GRANT rds_superuser TO {}").format(master),
        sql.SQL("ALTER DATABASE postgres OWNER TO {}").format(master),
    ]
    if record["DatabaseName"] and record["DatabaseName"] != "postgres":
        statements.append(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, master))
    with server.connect(autocommit=True) as connection:
        for statement in statements:
            try:
                connection.execute(statement)
            except Error as error:
                reason = str(error).splitlines()[0]
                raise PostgresError(f"{record['DBClusterIdentifier']}: {reason}") from error


def _note_address(record: dict[str, Any], port: int) -> None:
    address = {"Address": HOST, "Port": port, "HostedZoneId": "Z2R2ITUGPM61AM"}
    record.update(Endpoint=HOST, ReaderEndpoint=HOST, Port=port)
    # What ministack would know of a container of its own.
    record.update(_shared_endpoint=address, _shared_container_ready=True, _shared_reader_alias=None)
