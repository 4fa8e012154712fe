"""The lake bucket."""

from __future__ import annotations

from troposphere import Ref, s3

from infra.common import names
from infra.common.encryption import bucket_encryption
from infra.common.policies import deny_insecure_transport, document

REFUSED_ROWS_DAYS = 30  # to look at them once; the source has them still


def _lifecycle() -> s3.LifecycleConfiguration:
    return s3.LifecycleConfiguration(
        Rules=[
            s3.LifecycleRule(
                Id="ExpireAthenaResults",
                Status="Enabled",
                Prefix=names.ATHENA_PREFIX,
                ExpirationInDays=Ref("AthenaResultRetentionDays"),
            ),
            s3.LifecycleRule(
                Id="ExpireRefusedRows",
                Status="Enabled",
                Prefix=names.REFUSED_PREFIX,
                ExpirationInDays=REFUSED_ROWS_DAYS,
            ),
            s3.LifecycleRule(
                Id="ExpireNoncurrentVersions",
                Status="Enabled",
                NoncurrentVersionExpiration=s3.NoncurrentVersionExpiration(
                    NoncurrentDays=Ref("NoncurrentVersionRetentionDays")
                ),
                # Each run deletes what it staged: markers of nothing would slow down every listing.
                ExpiredObjectDeleteMarker=True,
            ),
            s3.LifecycleRule(
                Id="AbortIncompleteUploads",
                Status="Enabled",
                AbortIncompleteMultipartUpload=s3.AbortIncompleteMultipartUpload(DaysAfterInitiation=7),
            ),
        ]
    )


def lake_bucket() -> s3.Bucket:
    """Tables, quarantine, state, run records and query results; kept, with its data, when the stack goes."""
    return s3.Bucket(
        names.LAKE_BUCKET,
        DeletionPolicy="RetainExceptOnCreate",
        UpdateReplacePolicy="Retain",
        BucketEncryption=bucket_encryption(),
        LifecycleConfiguration=_lifecycle(),
        OwnershipControls=s3.OwnershipControls(
            Rules=[s3.OwnershipControlsRule(ObjectOwnership="BucketOwnerEnforced")]
        ),
        PublicAccessBlockConfiguration=s3.PublicAccessBlockConfiguration(
            BlockPublicAcls=True, BlockPublicPolicy=True, IgnorePublicAcls=True, RestrictPublicBuckets=True
        ),
        VersioningConfiguration=s3.VersioningConfiguration(Status="Enabled"),
    )


def lake_bucket_policy() -> s3.BucketPolicy:
    """Kept with the bucket: who deletes the stack does not open the data to plain HTTP."""
    return s3.BucketPolicy(
        "LakeBucketPolicy",
        DeletionPolicy="RetainExceptOnCreate",
        UpdateReplacePolicy="Retain",
        Bucket=Ref(names.LAKE_BUCKET),
        PolicyDocument=document(deny_insecure_transport("s3:*", [names.bucket_arn(), names.objects_arn("")])),
    )
