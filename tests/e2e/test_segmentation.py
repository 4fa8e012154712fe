"""The second pipeline on one cloud, IAM enforced: from the database to segments and back into it.

The data is small: what takes time are the job runs, each a process of its own.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from covidlake import aws
from covidlake.base.errors import IngestionError
from covidlake.laptop.database import access, changes
from covidlake.laptop.database.made import Shop
from covidlake.run import ingest
from covidlake.run.pipelines.segmentation import Request
from covidlake.ship.drift import drift
from covidlake.ship.stack import stack
from localcloud.cloud import LocalCloud
from tests.e2e import segmentation_roles as roles
from tests.e2e.releases import ignore
from tests.e2e.segmentation_rig import (
    ENVIRONMENT,
    FACTOR,
    IN_DATABASE,
    STACK,
    TABLES,
    deployed,
    failure_of,
    in_database,
    in_lake,
    outcomes,
    run,
    statement,
)
from tests.e2e.taken_away import without
from tests.sampling import sampled

STEPS = {"customers", "customer_segments", "write_back"}
SMALLEST = Request(("sales_exchange_rates",))
ALL = bool(os.environ.get("COVIDLAKE_KILLS"))
LAST_WHOLE = "changes"  # the execution whose run records stand for those of later ones


@pytest.fixture(scope="module", autouse=True)
def _deployed(cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with deployed(cloud, tmp_path_factory.mktemp("package")):
        yield


@pytest.fixture
def untouched() -> Iterator[None]:
    """Whatever fails, neither end has half of anything afterwards."""
    before = in_database()
    yield
    assert in_database() == in_lake() == before


def test_a_fresh_stack_has_not_drifted() -> None:
    assert drift.drift(ENVIRONMENT, ignore).resources == []


def test_a_first_run_goes_from_the_database_to_segments_in_it() -> None:
    ended = run("first")
    found, shop = outcomes(ended), Shop(FACTOR)
    for table in Shop.TABLES:
        list(shop.lines(table))  # which makes the truth known
    assert set(found) == TABLES | STEPS
    assert {one["outcome"] for one in found.values()} == {"LOADED"}
    assert ended.output["undescribed"] == ["crm.newsletter"]
    assert found["crm_customers"]["table_rows"] == shop.truth.customers
    assert found["sales_orders"]["table_rows"] == shop.truth.orders
    assert found["customers"]["table_rows"] == shop.truth.people
    assert found["customers"]["rows_quarantined"] >= len(shop.truth.negative | shop.truth.unknown_currency)
    assert found["write_back"]["rows_new"] == found["customer_segments"]["table_rows"] > 0
    assert in_database() == in_lake() != []
    assert told("first") == {(name, kind) for name in TABLES | STEPS for kind in ("START", "COMPLETE")}


def told(execution: str) -> set[tuple[str, str]]:
    """The events on the lineage of an execution: table and kind."""
    bucket = stack.find(ENVIRONMENT).outputs["LakeBucketName"]
    listed = aws.client("s3").list_objects_v2(Bucket=bucket, Prefix="lineage/").get("Contents", [])
    parts = [item["Key"].removesuffix(".json").split("/") for item in listed]
    return {
        (name, event.removeprefix(f"{execution}."))
        for _, name, event in parts
        if event.startswith(f"{execution}.")
    }


def test_a_days_changes_arrive_with_the_next_run() -> None:
    with access.of_stack(ENVIRONMENT).connect() as connection:
        day = changes.a_day(connection)
    before, found = in_database(), outcomes(run(LAST_WHOLE, Request(compare_keys=True)))
    assert (found["sales_orders"]["outcome"], found["sales_orders"]["rows_deleted"]) == (
        "LOADED",
        len(day.gone_orders),
    )
    assert found["write_back"]["rows_changed"] > 0
    after = in_database()
    assert after == in_lake() != before
    there = {int(row[0]) for row in in_lake("SELECT order_id FROM sales_orders")}
    assert set(day.new_orders) <= there
    assert not set(day.gone_orders) & there


@pytest.mark.usefixtures("untouched")
def test_a_duplicate_key_at_the_write_back_leaves_the_database_as_it_was(cloud: LocalCloud) -> None:
    """Others have changed rows, which it would change back, and have a rule of their own."""
    index = "CREATE UNIQUE INDEX one_a_run ON {0} (segment) WHERE run_id = 'duplicate-key'"
    other, mended = "UPDATE {0} SET frequency = -1 - frequency", "DROP INDEX segmentation.one_a_run"
    there, back = (f"{one}; {other}".format(IN_DATABASE) for one in (index, mended))
    with statement(there, back), roles.only(cloud, "WriteBackJobRole", "", LAST_WHOLE):
        before = in_database()
        text = failure_of("duplicate-key", roles.REQUEST)
        assert "write_back in RunWriteBack" in text
        assert "one_a_run" in text
        assert in_database() == before


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize(("role", "sid"), roles.STATEMENTS if ALL else sampled(roles.SAMPLE, 3))
def test_a_role_without_one_statement_fails_its_step(cloud: LocalCloud, role: str, sid: str) -> None:
    with roles.only(cloud, role, sid, LAST_WHOLE), without(cloud, STACK, (role, sid)):
        if (role, sid) == ("StateMachineRole", "Notify"):  # nobody can be told
            with pytest.raises(IngestionError):
                ingest.succeeded(run(f"{role}-{sid}", roles.REQUEST))
            return
        text = failure_of(f"{role}-{sid}", roles.REQUEST)
    assert any(state in text for state in roles.STATES[role]), text


@pytest.mark.skipif(not ALL, reason="make prove")
def test_without_what_is_needless_here_everything_works(cloud: LocalCloud) -> None:
    """So each of those failures has the one cause that was made."""
    with without(cloud, STACK, *roles.NEEDLESS):
        assert "FAILED" not in {one["outcome"] for one in outcomes(run("needless", roles.REQUEST)).values()}
    run("all-tables-again")  # what was finished last was made of one table


def test_each_principal_is_in_the_sample_and_each_statement_has_a_step_or_a_reason() -> None:
    assert {role for role, _ in roles.SAMPLE} == {role for role, _ in roles.STATEMENTS} == set(roles.STATES)
    assert {*roles.NEEDLESS, *roles.NOT_IN_DEV} <= set(roles.TEMPLATE)


@pytest.mark.usefixtures("untouched")
def test_a_wrong_password_fails_before_anything_is_read() -> None:
    secret = stack.find(ENVIRONMENT).outputs["MasterSecretArn"]
    secrets = aws.client("secretsmanager")
    right = secrets.get_secret_value(SecretId=secret)["SecretString"]
    secrets.put_secret_value(
        SecretId=secret, SecretString='{"username": "covid_lake_admin", "password": "no"}'
    )
    try:
        text = failure_of("wrong-password", SMALLEST)
    finally:
        secrets.put_secret_value(SecretId=secret, SecretString=right)
    assert "PrepareDatabase" in text


@pytest.mark.prove
@pytest.mark.usefixtures("untouched")
def test_a_table_that_has_vanished_is_named() -> None:
    gone = "ALTER TABLE sales.refunds RENAME TO refunds_of_old"
    with statement(gone, "ALTER TABLE sales.refunds_of_old RENAME TO refunds"):
        text = failure_of("vanished", Request(("sales_refunds",)))
    assert "sales_refunds in FindTables" in text
    assert "sales.refunds" in text


@pytest.mark.prove
@pytest.mark.usefixtures("untouched")
def test_a_column_of_another_type_is_named() -> None:
    retyped = "ALTER TABLE sales.exchange_rates ALTER rate_to_usd TYPE {0} USING rate_to_usd::{0}"
    with statement(retyped.format("text"), retyped.format("numeric(18, 8)")):
        text = failure_of("retyped", SMALLEST)
    assert "sales_exchange_rates in RunExtract" in text
    assert "rate_to_usd" in text


@pytest.mark.prove
@pytest.mark.usefixtures("untouched")
def test_a_closed_security_group_is_said(cloud: LocalCloud) -> None:
    ec2 = cloud.client("ec2")
    described = cloud.client("cloudformation").describe_stack_resource(
        StackName=STACK, LogicalResourceId="DatabaseSecurityGroup"
    )
    group = described["StackResourceDetail"]["PhysicalResourceId"]
    rules = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]["IpPermissions"]
    ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=rules)
    try:
        text = failure_of("closed", SMALLEST)
    finally:
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=rules)
    assert "DatabaseCheckCrawler" in text


@pytest.mark.prove
@pytest.mark.usefixtures("untouched")
def test_a_database_that_is_down_is_said() -> None:
    rds, name = aws.client("rds"), stack.find(ENVIRONMENT).outputs["DatabaseClusterArn"].rpartition(":")[2]
    rds.stop_db_cluster(DBClusterIdentifier=name)
    try:
        text = failure_of("down", SMALLEST)
    finally:
        rds.start_db_cluster(DBClusterIdentifier=name)
    assert "PrepareDatabase" in text


def test_after_all_that_a_killed_database_has_its_rows_and_a_run_nothing_to_do(
    cloud: LocalCloud,
) -> None:
    before = in_database()
    (pid,) = cloud.home.path.rglob("postmaster.pid")
    os.kill(int(pid.read_text().split()[0]), signal.SIGKILL)
    ended = run("last")
    assert {one["outcome"] for one in outcomes(ended).values()} == {"NOTHING_NEW"}
    assert not {"RunJoin", "RunSegment", "RunWriteBack"} & {visit.name for visit in ended.visits}
    assert in_database() == before == in_lake()
