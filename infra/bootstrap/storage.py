"""The artifact bucket."""

from __future__ import annotations

from troposphere import Ref, Sub, s3

from infra.bootstrap import names
from infra.bootstrap.parameters import BUCKET_CONDITION
from infra.common.policies import artifact_bucket_statements, document

BUCKET = "ArtifactBucket"
NONCURRENT_DAYS = 90
PLAN_DAYS = 30


def _lifecycle() -> s3.LifecycleConfiguration:
    """What is current is kept: `rollback` may ask for any bundle that was ever deployed."""
    return s3.LifecycleConfiguration(
        Rules=[
            s3.LifecycleRule(
                Id="ExpireNoncurrentVersions",
                Status="Enabled",
                NoncurrentVersionExpiration=s3.NoncurrentVersionExpiration(NoncurrentDays=NONCURRENT_DAYS),
            ),
            s3.LifecycleRule(
                Id="ExpirePlans", Status="Enabled", Prefix=names.PLANS, ExpirationInDays=PLAN_DAYS
            ),
            s3.LifecycleRule(
                Id="AbortIncompleteUploads",
                Status="Enabled",
                AbortIncompleteMultipartUpload=s3.AbortIncompleteMultipartUpload(DaysAfterInitiation=7),
            ),
        ]
    )


def artifact_bucket() -> s3.Bucket:
    """Templates, code and records of deployments of every environment of the account and region."""
    encryption = s3.ServerSideEncryptionRule(
        ServerSideEncryptionByDefault=s3.ServerSideEncryptionByDefault(SSEAlgorithm="AES256")
    )
    return s3.Bucket(
        BUCKET,
        Condition=BUCKET_CONDITION,
        DeletionPolicy="RetainExceptOnCreate",
        UpdateReplacePolicy="Retain",
        BucketName=Sub(names.ARTIFACT_BUCKET),
        BucketEncryption=s3.BucketEncryption(ServerSideEncryptionConfiguration=[encryption]),
        LifecycleConfiguration=_lifecycle(),
        OwnershipControls=s3.OwnershipControls(
            Rules=[s3.OwnershipControlsRule(ObjectOwnership="BucketOwnerEnforced")]
        ),
        PublicAccessBlockConfiguration=s3.PublicAccessBlockConfiguration(
            BlockPublicAcls=True, BlockPublicPolicy=True, IgnorePublicAcls=True, RestrictPublicBuckets=True
        ),
        VersioningConfiguration=s3.VersioningConfiguration(Status="Enabled"),
    )


def artifact_bucket_policy() -> s3.BucketPolicy:
    statements = artifact_bucket_statements(names.artifact_bucket_arn(), names.artifact_bucket_arn("*"))
    return s3.BucketPolicy(
        "ArtifactBucketPolicy",
        Condition=BUCKET_CONDITION,
        DeletionPolicy="RetainExceptOnCreate",
        UpdateReplacePolicy="Retain",
        Bucket=Ref(BUCKET),
        PolicyDocument=document(*statements),
    )
