"""Overwriting, planting, swapping and deleting what prod is deployed from."""

from __future__ import annotations

import json

from tests.e2e.bootstrap_rig import BUCKET, DENIED
from tests.e2e.red_team.rig import DEPLOY, EVIL_ROLE, FORMATION, PLAN, STACK_ROLE, Attempt, World
from tests.e2e.role_sessions import role_arn

BUCKET_POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": role_arn(EVIL_ROLE)},
                "Action": "s3:*",
                "Resource": f"arn:aws:s3:::{BUCKET}/*",
            }
        ],
    }
)


def _version(world: World) -> str:
    found = world.cloud.client("s3").list_object_versions(Bucket=BUCKET, Prefix=world.template)
    return str(found["Versions"][0]["VersionId"])


ARTIFACTS = {
    "plant code under the digest of the next release": Attempt(
        (PLAN, "plan of dev", DEPLOY, FORMATION, STACK_ROLE),
        lambda it: it.aws("s3").put_object(
            Bucket=BUCKET, Key=it.world.next_artifact(it.who), Body=b"evil", IfNoneMatch="*"
        ),
    ),
    "plant a template": Attempt(
        (PLAN, DEPLOY),
        lambda it: it.aws("s3").put_object(
            Bucket=BUCKET, Key=it.world.part(f"templates/{it.who}.json"), Body=b"evil", IfNoneMatch="*"
        ),
    ),
    "plant a bundle to roll back to": Attempt(
        (PLAN, DEPLOY),
        lambda it: it.aws("s3").put_object(
            Bucket=BUCKET, Key=it.world.part(f"bundles/{it.who}/manifest.json"), Body=b"{}", IfNoneMatch="*"
        ),
    ),
    "write a record of a deployment": Attempt(
        (PLAN, DEPLOY, STACK_ROLE),
        lambda it: it.aws("s3").put_object(
            Bucket=BUCKET, Key=it.world.record(it.who), Body=b"{}", IfNoneMatch="*"
        ),
    ),
    "leave a template for prod's plans": Attempt(
        ("plan of dev", "plan of preview", DEPLOY),
        lambda it: it.aws("s3").put_object(
            Bucket=BUCKET, Key=it.world.plan_template(it.who), Body=b"{}", IfNoneMatch="*"
        ),
    ),
    "overwrite code": Attempt(
        (PLAN, DEPLOY, FORMATION, STACK_ROLE),
        lambda it: it.aws("s3").put_object(Bucket=BUCKET, Key=it.world.artifact, Body=b"evil"),
        despite=DENIED,
    ),
    "overwrite code on a condition": Attempt(
        (DEPLOY, STACK_ROLE),
        lambda it: it.aws("s3").put_object(
            Bucket=BUCKET, Key=it.world.artifact, Body=b"evil", IfNoneMatch='"0"'
        ),
        despite="NotImplemented",
    ),
    "swap the template of a change set": Attempt(
        (PLAN, DEPLOY),
        lambda it: it.aws("s3").put_object(Bucket=BUCKET, Key=it.world.template, Body=b"{}"),
        despite=DENIED,
    ),
    "swap code for a copy": Attempt(
        (DEPLOY,),
        lambda it: it.aws("s3").copy_object(
            Bucket=BUCKET, Key=it.world.artifact, CopySource=f"{BUCKET}/{it.world.template}"
        ),
        despite=DENIED,
    ),
    "send code in parts": Attempt(
        (DEPLOY,),
        lambda it: it.aws("s3").create_multipart_upload(Bucket=BUCKET, Key=it.world.artifact),
        despite=DENIED,
    ),
    "read prod's code": Attempt(
        ("plan of dev", DEPLOY, STACK_ROLE),
        lambda it: it.aws("s3").get_object(Bucket=BUCKET, Key=it.world.artifact),
    ),
    "tag code": Attempt(
        (DEPLOY, FORMATION),
        lambda it: it.aws("s3").put_object_tagging(
            Bucket=BUCKET, Key=it.world.artifact, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]}
        ),
    ),
    "let the bucket forget": Attempt(
        (DEPLOY, FORMATION),
        lambda it: it.aws("s3").put_bucket_lifecycle_configuration(
            Bucket=BUCKET,
            LifecycleConfiguration={
                "Rules": [
                    {"ID": "x", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}
                ]
            },
        ),
    ),
    "end the bucket's versions": Attempt(
        (DEPLOY, FORMATION),
        lambda it: it.aws("s3").put_bucket_versioning(
            Bucket=BUCKET, VersioningConfiguration={"Status": "Suspended"}
        ),
    ),
    "delete code": Attempt(
        (PLAN, DEPLOY, FORMATION, STACK_ROLE),
        lambda it: it.aws("s3").delete_object(Bucket=BUCKET, Key=it.world.artifact),
    ),
    "delete a version of the template": Attempt(
        (PLAN, DEPLOY),
        lambda it: it.aws("s3").delete_object(
            Bucket=BUCKET, Key=it.world.template, VersionId=_version(it.world)
        ),
    ),
    "lift the policy of the bucket": Attempt(
        (DEPLOY, FORMATION, STACK_ROLE),
        lambda it: it.aws("s3").delete_bucket_policy(Bucket=BUCKET),
    ),
    "change the policy of the bucket": Attempt(
        (DEPLOY, FORMATION),
        lambda it: it.aws("s3").put_bucket_policy(
            Bucket=BUCKET,
            Policy=BUCKET_POLICY,
        ),
    ),
}
