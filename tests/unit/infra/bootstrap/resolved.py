"""The bootstrap template as one environment in one account has it: what GitHub may claim, and each policy."""

from __future__ import annotations

from typing import Any

from infra.bootstrap import policies
from tests.unit.infra.intrinsics import resolve

ACCOUNT, REGION = "111122223333", "us-east-2"


VALUES = {
    "Environment": "dev",
    "StackEnvironment": "dev",
    "SourceBucket": "covid19-lake",
    "Organization": "acme",
    "OrganizationId": "77",
    "Repository": "lake",
    "RepositoryId": "99",
    "OperationsEnvironment": "dev-ops",
    "DeployRole": "covid-lake-dev-deploy",
    "Boundary": "arn:aws:iam::111122223333:policy/covid-lake-dev-boundary",
    **{
        title: f"arn:aws:iam::111122223333:policy/covid-lake-dev-{end}"
        for title, end in policies.ENDS.items()
    },
    "ArtifactBucket": f"covid-lake-artifacts-{ACCOUNT}-{REGION}",
}


CONDITIONS = {
    "MakeArtifactBucket": True,
    "MakeOidcProvider": True,
    "ImmutableSubject": True,
    "SameOperationsEnvironment": True,
    "PreviewStacks": False,
}


def properties(bootstrap: dict[str, Any], logical_id: str, **conditions: bool) -> dict[str, Any]:
    resource = bootstrap["Resources"][logical_id]["Properties"]
    resolved: dict[str, Any] = resolve(resource, VALUES, {**CONDITIONS, **conditions})
    return resolved


def statements(bootstrap: dict[str, Any], logical_id: str) -> list[dict[str, Any]]:
    """Those of a policy, or of a role: its own and those that are attached to it."""
    found = properties(bootstrap, logical_id)
    if "PolicyDocument" in found:
        return list(found["PolicyDocument"]["Statement"])
    titles = {VALUES[title]: title for title in policies.ENDS}
    attached = [titles[arn] for arn in found.get("ManagedPolicyArns", [])]
    own = list(found["Policies"][0]["PolicyDocument"]["Statement"])
    return [*own, *(one for title in attached for one in statements(bootstrap, title))]


def statement(bootstrap: dict[str, Any], logical_id: str, sid: str) -> dict[str, Any]:
    (found,) = [one for one in statements(bootstrap, logical_id) if one["Sid"] == sid]
    return found


def allowed(bootstrap: dict[str, Any], logical_id: str) -> set[str]:
    return {
        action
        for one in statements(bootstrap, logical_id)
        if one["Effect"] == "Allow"
        for action in one["Action"]
    }


WITH_IDS, WITH_NAMES = "repo:acme@77/lake@99", "repo:acme/lake"
