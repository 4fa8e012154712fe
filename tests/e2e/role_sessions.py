"""Sessions of roles as GitHub's jobs get them, and the verbs of this process acting with one."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from covidlake import aws
from localcloud.cloud import ACCOUNT, LocalCloud

ISSUER = "https://token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"


def role_arn(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


def token(subject: str, audience: str = AUDIENCE) -> str:
    """A token with GitHub's claims; its signature is AWS's business, not that of a trust policy."""
    claims = {"iss": ISSUER, "aud": audience, "sub": subject}
    parts = [json.dumps(part).encode() for part in ({"alg": "none"}, claims)]
    return ".".join([*(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts), "x"])


def take_on(cloud: LocalCloud, role: str, subject: str, audience: str = AUDIENCE) -> dict[str, str]:
    """Credentials of a role, given by its whole name, for whoever has a token of the subject."""
    answer = cloud.client("sts").assume_role_with_web_identity(
        RoleArn=role_arn(role), RoleSessionName="test", WebIdentityToken=token(subject, audience)
    )
    return dict(answer["Credentials"])


@contextmanager
def acting_with(credentials: dict[str, str]) -> Iterator[None]:
    """Let the verbs of this process call with a session."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", credentials["AccessKeyId"])
        patch.setenv("AWS_SECRET_ACCESS_KEY", credentials["SecretAccessKey"])
        patch.setenv("AWS_SESSION_TOKEN", credentials["SessionToken"])
        aws.forget()
        yield
    aws.forget()
