"""The database that a stack makes: private, encrypted, asleep when nobody asks, its passwords in secrets."""

from __future__ import annotations

import json
from typing import Any

from tests.unit.infra.intrinsics import resolve


def properties(template: dict[str, Any], title: str) -> dict[str, Any]:
    found: dict[str, Any] = template["Resources"][title]["Properties"]
    return found


def test_it_pauses_and_never_has_a_password_in_the_template(segmentation: dict[str, Any]) -> None:
    cluster = properties(segmentation, "DatabaseCluster")
    scaling = cluster["ServerlessV2ScalingConfiguration"]
    assert (scaling["MinCapacity"], scaling["SecondsUntilAutoPause"]) == (
        0,
        {"Ref": "DatabaseAutoPauseSeconds"},
    )
    assert cluster["ManageMasterUserPassword"] is True
    assert "MasterUserPassword" not in json.dumps(segmentation["Resources"]["DatabaseCluster"]).replace(
        "ManageMasterUserPassword", ""
    )
    assert cluster["StorageEncrypted"] is True
    assert cluster["EnableHttpEndpoint"] is True


def test_nobody_reaches_it_from_outside(segmentation: dict[str, Any]) -> None:
    assert properties(segmentation, "DatabaseInstance")["PubliclyAccessible"] is False
    kinds = {resource["Type"] for resource in segmentation["Resources"].values()}
    assert not {"AWS::EC2::InternetGateway", "AWS::EC2::NatGateway", "AWS::EC2::EIP"} & kinds


def test_tls_is_enforced_where_the_parameter_says_so(segmentation: dict[str, Any]) -> None:
    settings = properties(segmentation, "DatabaseSettings")["Parameters"]
    connection = properties(segmentation, "Connection")["ConnectionInput"]["ConnectionProperties"]
    for enforced, (database, jobs) in {True: ("1", "true"), False: ("0", "false")}.items():
        chosen = {"RequireTls": enforced}
        assert resolve(settings, {}, chosen) == {"rds.force_ssl": database}
        assert resolve(connection["JDBC_ENFORCE_SSL"], {}, chosen) == jobs


def test_the_secret_of_the_jobs_is_generated_and_named_anew_with_each_stack(
    segmentation: dict[str, Any],
) -> None:
    secret = properties(segmentation, "JobsSecret")
    assert json.loads(secret["GenerateSecretString"]["SecretStringTemplate"]) == {"username": "covid_lake"}
    stack = "arn:aws:cloudformation:us-east-2:111122223333:stack/lake-dev/1a2b3c4d-11aa-22bb"
    name = resolve(secret["Name"], {"AWS::StackId": stack, "AWS::StackName": "lake-dev"}, {})
    assert name == "lake-dev-jobs-1a2b3c4d"


def test_data_is_not_lost_with_the_stack(segmentation: dict[str, Any]) -> None:
    cluster = segmentation["Resources"]["DatabaseCluster"]
    assert (cluster["DeletionPolicy"], cluster["UpdateReplacePolicy"]) == ("Snapshot", "Snapshot")
    assert cluster["Properties"]["DeletionProtection"] == {"Ref": "DatabaseDeletionProtection"}
