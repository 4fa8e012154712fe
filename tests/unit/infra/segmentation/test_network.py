"""The network: one zone is paid for, nothing goes out but to the endpoints, the database hears the jobs."""

from __future__ import annotations

from typing import Any

from infra.segmentation.network import INTERFACE_ENDPOINTS, SUBNETS


def of_type(template: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    return {t: r["Properties"] for t, r in template["Resources"].items() if r["Type"] == f"AWS::EC2::{kind}"}


def test_endpoints_are_in_one_zone(segmentation: dict[str, Any]) -> None:
    endpoints = of_type(segmentation, "VPCEndpoint")
    interfaces = {t: one for t, one in endpoints.items() if one["VpcEndpointType"] == "Interface"}
    assert set(interfaces) == set(INTERFACE_ENDPOINTS)
    assert all(one["SubnetIds"] == [{"Ref": SUBNETS[0]}] for one in interfaces.values())
    (gateway,) = (one for one in endpoints.values() if one["VpcEndpointType"] == "Gateway")
    assert gateway["ServiceName"] == {"Fn::Sub": "com.amazonaws.${AWS::Region}.s3"}


def test_the_database_is_open_to_the_jobs_alone(segmentation: dict[str, Any]) -> None:
    rules = of_type(segmentation, "SecurityGroupIngress")
    (to_database,) = (one for t, one in rules.items() if t == "DatabaseFromJobs")
    assert (to_database["FromPort"], to_database["ToPort"]) == (5432, 5432)
    assert {one["SourceSecurityGroupId"]["Fn::GetAtt"][0] for one in rules.values()} == {"JobsSecurityGroup"}
    assert not any("CidrIp" in one for one in rules.values())


def test_the_group_of_the_jobs_admits_itself(segmentation: dict[str, Any]) -> None:
    rule = of_type(segmentation, "SecurityGroupIngress")["JobsFromJobs"]
    assert rule["GroupId"] == rule["SourceSecurityGroupId"]
    assert (rule["IpProtocol"], rule["FromPort"], rule["ToPort"]) == ("tcp", 0, 65_535)


def test_no_group_lets_everything_out(segmentation: dict[str, Any]) -> None:
    for group in of_type(segmentation, "SecurityGroup").values():
        assert [rule["CidrIp"] for rule in group["SecurityGroupEgress"]] == ["127.0.0.1/32"]


def test_subnets_are_private_and_in_two_zones(segmentation: dict[str, Any]) -> None:
    subnets = of_type(segmentation, "Subnet")
    assert {one["MapPublicIpOnLaunch"] for one in subnets.values()} == {False}
    assert {one["AvailabilityZone"]["Fn::Select"][0] for one in subnets.values()} == {0, 1}
    assert len({one["CidrBlock"] for one in subnets.values()}) == 2
