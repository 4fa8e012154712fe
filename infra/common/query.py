"""The Athena workgroup, and the named queries in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from troposphere import AccountId, Ref, Sub, athena

from infra.common import names
from infra.common.catalog import DATABASE
from infra.common.encryption import query_result_encryption
from infra.common.pipeline import Described

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


def named_queries(described: Sequence[Described]) -> Iterator[athena.NamedQuery]:
    """A changed one is replaced: CloudFormation cannot change it in place."""
    for one in described:
        for number, (title, sql) in enumerate(one.queries, start=1):
            yield athena.NamedQuery(
                f"{_camel_case(one.name)}Query{number}",
                Name=f"{one.name}: {title}"[:128],
                Description=title[:1024],
                Database=Ref(DATABASE),
                QueryString=sql,
                WorkGroup=Ref(WORK_GROUP),
            )


def _camel_case(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))
