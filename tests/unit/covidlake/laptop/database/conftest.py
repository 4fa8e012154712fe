"""One PostgreSQL for these tests; each test that asks for it has an empty database in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from covidlake.laptop.database.access import Access
from localcloud.rds import postgres
from localcloud.rds.postgres import Postgres


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    with postgres.running(tmp_path_factory.mktemp("database") / "server") as running:
        with running.connect(autocommit=True) as connection:
            connection.execute("CREATE ROLE owner LOGIN CREATEDB CREATEROLE PASSWORD 'secret'")
        yield running


@pytest.fixture
def empty(server: Postgres) -> Iterator[Access]:
    with server.connect(autocommit=True) as connection:
        connection.execute("CREATE DATABASE shop OWNER owner")
        yield Access("127.0.0.1", server.port, "shop", "owner", "secret")
        connection.execute("DROP DATABASE shop WITH (FORCE)")
