"""What the stub of configure-aws-credentials runs: take a role on at the cloud's own STS.

act knows neither the variables of a GitHub environment nor its OIDC tokens. So `ENVIRONMENT` in an ARN
stands for the job's environment, as its variable of the same name would, and the token is made here with
the subject that GitHub gives a job: its environment's, or the pull request's where it has none. That a job
has the environment that is named here is what tests/workflows/test_rules.py holds the files to.
"""

from __future__ import annotations

import base64
import json
import os
import sys
from pathlib import Path

import boto3

REPOSITORY = "repo:acme@77/lake@99"


def subject(role: str, environment: str) -> str:
    kind = role.rsplit("-", 1)[-1]
    claims = {
        "plan": "pull_request",
        "deploy": f"environment:{environment}",
        "ops": f"environment:{environment}-ops",
        "drift": f"environment:{environment}-ops",
    }
    return f"{REPOSITORY}:{claims[kind]}"


def token(claimed: str) -> str:
    claims = {
        "iss": "https://token.actions.githubusercontent.com",
        "aud": "sts.amazonaws.com",
        "sub": claimed,
    }
    parts = [json.dumps(part).encode() for part in ({"alg": "none"}, claims)]
    return ".".join([*(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts), "x"])


def main(role: str, region: str, seconds: str) -> None:
    environment = os.environ["ENVIRONMENT"]
    arn = role.replace("ENVIRONMENT", environment)
    claimed = subject(arn, environment)
    sts = boto3.client("sts", region_name=region, aws_access_key_id="none", aws_secret_access_key="none")
    answer = sts.assume_role_with_web_identity(
        RoleArn=arn,
        RoleSessionName="workflow",
        WebIdentityToken=token(claimed),
        DurationSeconds=int(seconds),
    )["Credentials"]
    with Path(os.environ["GITHUB_ENV"]).open("a") as file:
        file.write(f"AWS_ACCESS_KEY_ID={answer['AccessKeyId']}\n")
        file.write(f"AWS_SECRET_ACCESS_KEY={answer['SecretAccessKey']}\n")
        file.write(f"AWS_SESSION_TOKEN={answer['SessionToken']}\n")
        file.write(f"AWS_REGION={region}\nAWS_DEFAULT_REGION={region}\n")
    with Path(os.environ["ACT_ROLES"]).open("a") as file:
        file.write(f"{arn.rsplit('/', 1)[-1]} as {claimed}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
