"""Who may take on a role: GitHub's OIDC provider and the trust policies for its tokens."""

from __future__ import annotations

from typing import Any

from troposphere import If, Sub, iam

from infra.bootstrap import names
from infra.bootstrap.parameters import IMMUTABLE_CONDITION, OPERATIONS_CONDITION, PROVIDER_CONDITION
from infra.common.policies import document

PROVIDER = "OidcProvider"
_WITH_IDS = "repo:${Organization}@${OrganizationId}/${Repository}@${RepositoryId}"
_WITH_NAMES = "repo:${Organization}/${Repository}"


def provider() -> iam.OIDCProvider:
    """GitHub's provider; AWS checks its certificate by itself, so there is no thumbprint.

    An account has one for all of its stacks: it stays when this stack goes.
    """
    return iam.OIDCProvider(
        PROVIDER,
        Condition=PROVIDER_CONDITION,
        DeletionPolicy="RetainExceptOnCreate",
        UpdateReplacePolicy="Retain",
        Url=f"https://{names.GITHUB_ISSUER}",
        ClientIdList=[names.AUDIENCE],
    )


def _subject(claim: str) -> If:
    """The one subject of the tokens with this claim: with ids, or in the older form without them."""
    return If(IMMUTABLE_CONDITION, Sub(f"{_WITH_IDS}:{claim}"), Sub(f"{_WITH_NAMES}:{claim}"))


def pull_request_subject() -> If:
    return _subject("pull_request")


def environment_subject() -> If:
    return _subject("environment:${Environment}")


def operations_subject() -> If:
    """The environment's own subject, unless operations have a GitHub environment of their own."""
    return If(OPERATIONS_CONDITION, environment_subject(), _subject("environment:${OperationsEnvironment}"))


def trust_github(subject: If) -> dict[str, Any]:
    """Let the tokens of exactly one subject, made for AWS, take on a role."""
    issuer = names.GITHUB_ISSUER
    return document(
        {
            "Effect": "Allow",
            "Principal": {"Federated": names.provider_arn()},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": {f"{issuer}:aud": names.AUDIENCE, f"{issuer}:sub": subject}},
        }
    )
