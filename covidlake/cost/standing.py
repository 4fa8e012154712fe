"""What a resource costs by being there, whether or not anything runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from covidlake.cost.lines import Line, number
from covidlake.cost.prices import HOURS_OF_MONTH, Prices

Properties = Mapping[str, Any]
_HOURS = f"{HOURS_OF_MONTH:.0f} h"
# Paid for by use, or not at all. What is neither here nor in `LINES` is said to be unknown.
BY_USE = (
    "AWS::ApplicationAutoScaling::",
    "AWS::Athena::",
    "AWS::Budgets::",
    "AWS::CloudFormation::",
    "AWS::EC2::",
    "AWS::Events::",
    "AWS::Glue::",
    "AWS::IAM::",
    "AWS::KMS::Alias",
    "AWS::LakeFormation::",
    "AWS::Lambda::",
    "AWS::Logs::",
    "AWS::QuickSight::",  # by its users
    "AWS::RDS::DBClusterParameterGroup",
    "AWS::RDS::DBInstance",
    "AWS::RDS::DBSubnetGroup",
    "AWS::S3::",
    "AWS::SNS::",
    "AWS::SQS::",
    "AWS::Scheduler::",
    "AWS::SecretsManager::ResourcePolicy",
    "AWS::SecretsManager::SecretTargetAttachment",
    "AWS::StepFunctions::",
)
_STANDING_IN_EC2 = ("AWS::EC2::NatGateway", "AWS::EC2::EIP", "AWS::EC2::Instance", "AWS::EC2::Volume")


def _alarm(prices: Prices, name: str, given: Properties) -> list[Line]:
    metrics = given.get("Metrics")
    count = sum("MetricStat" in one for one in metrics) if isinstance(metrics, list) else 1
    return [Line(name, max(count, 1), prices["alarm_month"])]


def _endpoint(prices: Prices, name: str, given: Properties) -> list[Line]:
    if given.get("VpcEndpointType", "Gateway") != "Interface":
        return []
    subnets = given.get("SubnetIds")
    zones = len(subnets) if isinstance(subnets, list) and subnets else 1
    how = f"{zones} zones x {_HOURS}"
    return [Line(name, zones * HOURS_OF_MONTH, prices["endpoint_hour"], how)]


def _cluster(prices: Prices, name: str, given: Properties) -> list[Line]:
    """The least capacity, always there, and the secret that RDS keeps for the master user.

    A cluster that may pause costs nothing while it does.
    """
    lines = []
    if str(given.get("ManageMasterUserPassword")).lower() == "true":
        lines.append(Line(f"{name}: master's secret", 1, prices["secret_month"]))
    scaling = given.get("ServerlessV2ScalingConfiguration") or {}
    least = _figure(scaling.get("MinCapacity"))
    if least is not None:
        how = f"{number(least)} ACU at least x {_HOURS}"
        lines.append(Line(name, least * HOURS_OF_MONTH, prices["aurora_acu_hour"], how))
    return lines


def _each(price: str) -> Callable[[Prices, str, Properties], list[Line]]:
    return lambda prices, name, _: [Line(name, 1, prices[price])]


LINES: Mapping[str, Callable[[Prices, str, Properties], list[Line]]] = {
    "AWS::CloudWatch::Alarm": _alarm,
    "AWS::CloudWatch::CompositeAlarm": _each("alarm_month"),
    "AWS::CloudWatch::Dashboard": _each("dashboard_month"),
    "AWS::EC2::VPCEndpoint": _endpoint,
    "AWS::KMS::Key": _each("kms_key_month"),
    "AWS::RDS::DBCluster": _cluster,
    "AWS::SecretsManager::Secret": _each("secret_month"),
}


def month(prices: Prices, kind: str, name: str, given: Properties | None) -> list[Line]:
    """The lines of a resource for a whole month; [] for one that is paid for by use, or not at all."""
    return LINES[kind](prices, name, given or {}) if kind in LINES else []


def is_known(kind: str) -> bool:
    """Whether it is known what a resource of this type costs by being there."""
    return kind in LINES or (kind.startswith(BY_USE) and not kind.startswith(_STANDING_IN_EC2))


def notes(prices: Prices, kind: str, name: str, given: Properties | None) -> list[str]:
    """What its use may cost beyond its standing price, in a sentence each."""
    if kind != "AWS::RDS::DBCluster":
        return []
    acu, gigabyte = prices["aurora_acu_hour"].usd, prices["aurora_gigabyte_month"].usd
    most = _figure(((given or {}).get("ServerlessV2ScalingConfiguration") or {}).get("MaxCapacity"))
    up_to = f", {number(most)} ACU at most: ${most * acu:.2f} an hour" if most else ""
    return [f"{name}: ${acu:g} for each ACU-hour in use{up_to}; ${gigabyte:g} a month for each GB stored"]


def _figure(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
