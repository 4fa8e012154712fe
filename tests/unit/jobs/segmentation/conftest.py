"""One PostgreSQL for all tests of the segmentation, a database of the same shape for each."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from localcloud.rds import postgres
from localcloud.rds.postgres import Postgres
from tests.unit.jobs.segmentation.shop import PASSWORD, ROLE, SCHEMA, Shop
from tests.unit.jobs.world import FolderS3

_numbers = itertools.count()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    with postgres.running(tmp_path_factory.mktemp("postgres") / "server") as one:
        with one.connect() as connection:
            connection.autocommit = True
            connection.execute(f"create role {ROLE} login password '{PASSWORD}'")
            connection.execute("create database shop")
        with one.connect("shop") as connection:
            connection.execute(SCHEMA)
        yield one


def new_database(server: Postgres) -> str:
    name = f"shop_{next(_numbers)}"
    with server.connect() as connection:
        connection.autocommit = True
        connection.execute(f"create database {name} template shop")
    return name


@pytest.fixture
def shop(server: Postgres, spark: SparkSession, buckets: Path, tmp_path: Path) -> Shop:
    """An empty shop and an empty lake."""
    name = tmp_path.name.replace("_", "-")
    lake, root = buckets / "lake" / name, f"s3://lake/{name}/"
    return Shop(server, new_database(server), lake, root, FolderS3(buckets), spark)
