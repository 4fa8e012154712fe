"""The Athena workgroup."""

from __future__ import annotations

from troposphere import AccountId, Ref, Sub, athena

from infra.common import names
from infra.common.encryption import query_result_encryption

WORK_GROUP = "WorkGroup"


def work_group() -> athena.WorkGroup:
    """Every query writes to the lake bucket and scans at most the limit, whatever its client asks for."""
    result = athena.ResultConfiguration(
        OutputLocation=Sub(f"s3://${{{names.LAKE_BUCKET}}}/{names.ATHENA_PREFIX}"),
        EncryptionConfiguration=query_result_encryption(),
        ExpectedBucketOwner=AccountId,
    )
    configuration = athena.WorkGroupConfiguration(
        BytesScannedCutoffPerQuery=Ref("AthenaScanLimitBytes"),
        EnforceWorkGroupConfiguration=True,
        EngineVersion=athena.EngineVersion(SelectedEngineVersion="Athena engine version 3"),
        PublishCloudWatchMetricsEnabled=True,
        ResultConfiguration=result,
    )
    return athena.WorkGroup(
        WORK_GROUP,
        Name=Sub(names.WORK_GROUP),
        Description=Sub("Queries on the tables of ${AWS::StackName}"),
        State="ENABLED",
        RecursiveDeleteOption=True,
        WorkGroupConfiguration=configuration,
    )
