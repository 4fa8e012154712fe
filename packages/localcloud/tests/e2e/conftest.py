"""One local cloud for all of these tests; at the end nothing of it may be left."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from localcloud import processes
from localcloud.cloud import LocalCloud
from rigs.database import DatabaseRig


@pytest.fixture(scope="session")
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud.ephemeral(wait_scale=0.02) as running:
        yield running
    assert not processes.of(running.home.temporary), "processes of the cloud are left"
    assert not running.home.path.exists(), "files of the cloud are left"


@pytest.fixture(scope="session")
def shop(cloud: LocalCloud) -> DatabaseRig:
    """A database with two schemas, which one user may read."""
    rig = DatabaseRig(cloud, "shop")
    password = rig.secret("Reader")["password"]
    rig.run(
        f"CREATE ROLE reader LOGIN PASSWORD '{password}'",
        "CREATE SCHEMA crm",
        "CREATE SCHEMA sales",
        "CREATE TYPE sales.status AS ENUM ('placed', 'shipped')",
        "CREATE TABLE crm.customers (customer_id bigint PRIMARY KEY, name text, country char(2), "
        "tags text[], profile jsonb, external_id uuid, created_at timestamptz)",
        "CREATE TABLE crm.newsletter (email text, subscribed boolean)",
        "CREATE TABLE sales.orders (order_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "
        "customer_id bigint, ordered_at timestamptz, status sales.status, items int, amount numeric(12,2))",
        "CREATE VIEW sales.monthly AS SELECT date_trunc('month', ordered_at) AS month, "
        "sum(amount) AS revenue FROM sales.orders GROUP BY 1",
        "CREATE TABLE sales.hidden (secret text)",
        "GRANT USAGE ON SCHEMA crm, sales TO reader",
        "GRANT SELECT ON crm.customers, crm.newsletter, sales.orders, sales.monthly TO reader",
        "INSERT INTO crm.customers VALUES (1, 'Ada', 'GB', '{vip}', '{\"a\": 1}', gen_random_uuid(), now())",
    )
    return rig
