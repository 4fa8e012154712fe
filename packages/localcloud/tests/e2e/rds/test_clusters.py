"""Clusters of a stack: a real server behind each, with the rights, the life and the end that RDS gives it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import LocalCloud
from localcloud.rds import postgres
from rigs.database import DatabaseRig
from rigs.waiting import until

ROOT = Path(__file__).parents[3]


def start(home: Path) -> LocalCloud:
    command = [sys.executable, "-m", "localcloud", "up", "--home", str(home)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=60)
    return LocalCloud.running(home)


def finish(cloud: LocalCloud, how: str) -> None:
    """Stop a cloud in order, or kill its server and wait until that is gone."""
    if how == "stop":
        cloud.stop()
    else:
        os.kill(cloud.pid, signal.SIGKILL)
        until(lambda: not cloud.home.is_held())


def deploy_alone(cloud: LocalCloud, name: str, **properties: Any) -> str:
    """What a stack of one cluster fails with; it is not made."""
    client = cloud.client("cloudformation")
    resources = {"Cluster": {"Type": "AWS::RDS::DBCluster", "Properties": properties}}
    body = json.dumps({"Resources": resources})
    number = client.create_stack(StackName=name, TemplateBody=body)["StackId"]
    until(
        lambda: not client.describe_stacks(StackName=number)["Stacks"][0]["StackStatus"].endswith("PROGRESS")
    )
    events = client.describe_stack_events(StackName=number)["StackEvents"]
    failed = [one for one in events if one["ResourceStatus"] == "CREATE_FAILED"]
    return str(failed[0]["ResourceStatusReason"])


def test_the_owner_of_a_cluster_is_no_superuser_and_hands_on_what_rds_lets_it(shop: DatabaseRig) -> None:
    with shop.connect() as made:
        asked = "SELECT rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user"
        assert made.execute(asked).fetchone() == (False, True, True)
        made.execute("CREATE ROLE worker")
        made.execute("GRANT pg_read_all_stats TO worker")
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="must be able to SET ROLE"):
            made.execute("CREATE SCHEMA work AUTHORIZATION worker")
        made.execute("GRANT worker TO CURRENT_USER")
        made.execute("CREATE SCHEMA work AUTHORIZATION worker")
        made.execute("DROP SCHEMA work")
        made.execute("DROP ROLE worker")


def test_a_cluster_is_described_with_its_address_secret_and_members(shop: DatabaseRig) -> None:
    found = shop.cluster()
    assert (found["Endpoint"], str(found["Port"])) == (shop.outputs["Host"], shop.outputs["Port"])
    assert found["MasterUserSecret"]["SecretArn"] == shop.outputs["Owner"]
    assert (found["Status"], found["HttpEndpointEnabled"]) == ("available", True)
    (member,) = shop.cloud.client("rds").describe_db_instances()["DBInstances"]
    assert member["DBClusterIdentifier"] == shop.outputs["Cluster"]
    assert member["Endpoint"]["Port"] == found["Port"] == int(shop.outputs["MemberPort"])
    assert {"Key": "aws:cloudformation:stack-name", "Value": "shop"} in found["TagList"]


def test_a_secret_is_generated_as_its_template_says(shop: DatabaseRig) -> None:
    secret = shop.secret("Reader")
    assert secret["username"] == "reader"
    assert len(secret["password"]) == 24
    assert secret["password"].isalnum()
    assert shop.outputs["Reader"].startswith("arn:aws:secretsmanager:")


def test_a_cluster_that_is_stopped_takes_nobody_in_and_comes_back_whole(shop: DatabaseRig) -> None:
    rds, name = shop.cloud.client("rds"), shop.outputs["Cluster"]
    assert rds.stop_db_cluster(DBClusterIdentifier=name)["DBCluster"]["Status"] == "stopped"
    with pytest.raises(psycopg.OperationalError, match="refused"):
        shop.connect()
    with pytest.raises(ClientError, match="InvalidDBClusterStateFault"):
        rds.stop_db_cluster(DBClusterIdentifier=name)
    rds.start_db_cluster(DBClusterIdentifier=name)
    with shop.connect() as made:
        assert made.execute("SELECT name FROM crm.customers").fetchall() == [("Ada",)]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"Engine": "aurora-mysql"}, "localcloud does not support Engine aurora-mysql"),
        ({"MasterUsername": "rdsadmin"}, "is a reserved word used by the engine"),
        ({"MasterUserPassword": "given-too"}, "when ManageMasterUserPassword is set"),
        ({"ManageMasterUserPassword": False}, "MasterUserPassword is required"),
        ({"SnapshotIdentifier": "x"}, "unsupported property SnapshotIdentifier"),
        ({"DatabaseName": "template1"}, "already exists"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_cluster_that_would_be_another_one_is_refused(
    cloud: LocalCloud, change: dict[str, Any], words: str
) -> None:
    properties = {"Engine": "aurora-postgresql", "MasterUsername": "own", "ManageMasterUserPassword": True}
    assert words in deploy_alone(cloud, f"refused-{next(iter(change)).lower()}", **properties | change)


def test_a_database_that_dies_comes_back_with_what_was_committed(
    cloud: LocalCloud, shop: DatabaseRig
) -> None:
    server = postgres.Postgres(cloud.home.temporary / "databases" / shop.cluster()["DbClusterResourceId"])
    shop.run("CREATE TABLE surviving AS SELECT 1 AS a")
    process = server.process_id()
    assert process
    os.kill(process, signal.SIGKILL)
    until(lambda: server.process_id() not in (None, process) and server.is_ready())
    with shop.connect() as made:
        assert made.execute("TABLE surviving").fetchall() == [(1,)]
    shop.run("DROP TABLE surviving")


def test_a_protected_cluster_stays_and_one_that_goes_leaves_nothing(cloud: LocalCloud) -> None:
    rig = DatabaseRig(cloud, "guarded", DeletionProtection=True)
    databases = cloud.home.temporary / "databases"
    number, secret = rig.cluster()["DbClusterResourceId"], rig.outputs["Owner"]
    process = postgres.Postgres(databases / number).process_id()
    rig.run("CREATE TABLE kept AS SELECT 1 AS a")
    assert rig.deploy(BackupRetentionPeriod=2)["StackStatus"] == "UPDATE_COMPLETE"
    assert rig.delete() == "DELETE_FAILED"
    with rig.connect() as made:
        assert made.execute("TABLE kept").fetchall() == [(1,)]
    name = rig.outputs["Cluster"]
    cloud.client("rds").modify_db_cluster(DBClusterIdentifier=name, DeletionProtection=False)
    assert rig.delete() == "DELETE_COMPLETE"
    assert process
    assert not postgres.is_running(process)
    assert not (databases / number).exists()
    with pytest.raises(ClientError, match="ResourceNotFound"):
        cloud.client("secretsmanager").get_secret_value(SecretId=secret)


@pytest.mark.parametrize(
    "action", ["create_db_cluster", "create_db_cluster_snapshot", "failover_db_cluster", "modify_db_cluster"]
)
def test_what_a_stack_does_not_declare_is_refused_by_name(shop: DatabaseRig, action: str) -> None:
    given = {
        "create_db_cluster": {"DBClusterIdentifier": "x", "Engine": "aurora-postgresql"},
        "create_db_cluster_snapshot": {"DBClusterIdentifier": "x", "DBClusterSnapshotIdentifier": "y"},
        "failover_db_cluster": {"DBClusterIdentifier": "x"},
        "modify_db_cluster": {"DBClusterIdentifier": "x", "Port": 1234},
    }[action]
    with pytest.raises(ClientError, match=r"localcloud does not support (Port of )?rds:"):
        getattr(shop.cloud.client("rds"), action)(**given)


@pytest.mark.prove
def test_a_kept_cloud_brings_its_database_back_after_down_and_after_a_kill(tmp_path: Path) -> None:
    home = tmp_path / "home"
    rig = DatabaseRig(start(home), "kept")
    rig.run("CREATE TABLE kept AS SELECT 1 AS a")
    address = (rig.outputs["Host"], rig.outputs["Port"])
    for end in ("stop", "kill"):
        number = rig.cluster()["DbClusterResourceId"]
        server = postgres.Postgres(home / "databases" / number)
        process = server.process_id()
        finish(rig.cloud, end)
        assert process
        until(lambda process=process: not postgres.is_running(process))
        rig.cloud = start(home)
        assert (rig.cluster()["Endpoint"], str(rig.cluster()["Port"])) == address
        with rig.connect() as again:
            assert again.execute("TABLE kept").fetchall() == [(1,)]
    rig.cloud.stop()
    rig.cloud.home.forget_state()
    assert not (home / "databases").exists()
