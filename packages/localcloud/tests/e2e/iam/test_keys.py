"""Keys of KMS: encrypted buckets and topics need theirs, and one that can be used."""

from __future__ import annotations

import functools

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import ACCOUNT, LocalCloud
from rigs.roles import allow, assume, document, make_role

REGION = "us-east-2"
GONE = "134f2428-cec1-4b25-a1ae-9048164dba47"


@pytest.fixture(scope="module")
def encrypted_bucket(cloud: LocalCloud) -> tuple[str, str]:
    """A bucket encrypted with a key of ours, holding one object; and the key's ARN."""
    root = allow("kms:*", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"})
    key = cloud.client("kms").create_key(Policy=document(root))["KeyMetadata"]["Arn"]
    s3, bucket = cloud.client("s3"), "core-encrypted"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    rules = {"Rules": [{"ApplyServerSideEncryptionByDefault": default}]}
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=rules)
    s3.put_object(Bucket=bucket, Key="a", Body=b"1")
    return bucket, key


@pytest.mark.parametrize(
    ("actions", "may_read", "may_write"),
    [
        ([], False, False),
        (["kms:Decrypt"], True, False),
        (["kms:GenerateDataKey"], False, True),
        (["kms:Decrypt", "kms:GenerateDataKey*"], True, True),
    ],
)
def test_an_encrypted_bucket_needs_its_key(
    cloud: LocalCloud,
    encrypted_bucket: tuple[str, str],
    actions: list[str],
    may_read: bool,
    may_write: bool,
) -> None:
    bucket, key = encrypted_bucket
    name = f"core-key-{may_read}-{may_write}"
    role = make_role(cloud, name, allow("s3:*"), *(allow(action, key) for action in actions))
    s3 = cloud.client("s3", assume(cloud, role))
    for permitted, action, call in (
        (may_read, "kms:Decrypt", lambda: s3.get_object(Bucket=bucket, Key="a")),
        (may_write, "kms:GenerateDataKey", lambda: s3.put_object(Bucket=bucket, Key=name, Body=b"2")),
        (
            may_write,
            "kms:GenerateDataKey",
            lambda: s3.create_multipart_upload(Bucket=bucket, Key=f"{name}-parts"),
        ),
    ):
        if permitted:
            call()
        else:
            with pytest.raises(ClientError, match=f"AccessDenied.*{action}"):
                call()
    s3.head_object(Bucket=bucket, Key="a")


@pytest.mark.parametrize("permitted", [True, False])
def test_publishing_to_an_encrypted_topic_needs_its_key(
    cloud: LocalCloud, encrypted_bucket: tuple[str, str], permitted: bool
) -> None:
    _, key = encrypted_bucket
    name = f"core-key-topic-{permitted}".lower()
    topic = cloud.client("sns").create_topic(Name=name, Attributes={"KmsMasterKeyId": key})["TopicArn"]
    rights = [allow("kms:*", key)] if permitted else []
    role = make_role(cloud, name, allow("sns:Publish"), *rights)
    sns = cloud.client("sns", assume(cloud, role))
    if permitted:
        sns.publish(TopicArn=topic, Message="hello")
    else:
        with pytest.raises(ClientError, match="kms:GenerateDataKey"):
            sns.publish(TopicArn=topic, Message="hello")


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("no-key", "Invalid keyId 'no-key'"),
        (GONE, f"Key 'arn:aws:kms:{REGION}:{ACCOUNT}:key/{GONE}' does not exist"),
        (f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{GONE}", "does not exist"),
        (f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/{GONE}", "Invalid arn eu-west-1"),
        ("alias/none", f"Alias arn:aws:kms:{REGION}:{ACCOUNT}:alias/none is not found"),
    ],
)
def test_a_key_that_is_not_there_encrypts_nothing(
    cloud: LocalCloud, encrypted_bucket: tuple[str, str], key: str, words: str
) -> None:
    bucket, _ = encrypted_bucket
    s3, sns = cloud.client("s3"), cloud.client("sns")
    for call in (s3.put_object, s3.create_multipart_upload):
        with pytest.raises(ClientError) as refused:
            call(Bucket=bucket, Key="gone", ServerSideEncryption="aws:kms", SSEKMSKeyId=key)
        assert refused.value.response["Error"]["Code"] == "KMS.NotFoundException"
        assert words in str(refused.value)
    topic = sns.create_topic(Name="core-no-key", Attributes={"KmsMasterKeyId": key})["TopicArn"]
    with pytest.raises(sns.exceptions.KMSNotFoundException):
        sns.publish(TopicArn=topic, Message="m")
    sns.delete_topic(TopicArn=topic)


def test_a_key_that_is_off_or_goes_reads_and_writes_nothing(cloud: LocalCloud) -> None:
    root = allow("kms:*", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"})
    kms, s3 = cloud.client("kms"), cloud.client("s3")
    key = kms.create_key(Policy=document(root))["KeyMetadata"]["Arn"]
    bucket = "core-key-states"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    write = functools.partial(
        s3.put_object, Bucket=bucket, Key="a", ServerSideEncryption="aws:kms", SSEKMSKeyId=key
    )
    write()
    s3.put_object(Bucket=bucket, Key="plain", Body=b"1")
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    rules = {"Rules": [{"ApplyServerSideEncryptionByDefault": default}]}
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=rules)
    kms.disable_key(KeyId=key)
    for call in (write, functools.partial(s3.get_object, Bucket=bucket, Key="a")):
        with pytest.raises(ClientError, match="is disabled") as refused:
            call()
    s3.get_object(Bucket=bucket, Key="plain")
    s3.put_object(Bucket=bucket, Key="plain", Body=b"2", ServerSideEncryption="AES256")
    assert refused.value.response["Error"]["Code"] == "KMS.DisabledException"
    kms.schedule_key_deletion(KeyId=key)
    with pytest.raises(ClientError, match="is pending deletion") as refused:
        write()
    assert refused.value.response["Error"]["Code"] == "KMS.KMSInvalidStateException"
