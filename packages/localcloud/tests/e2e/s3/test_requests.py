"""Uploads, owners and copies in S3."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from localcloud.cloud import ACCOUNT, LocalCloud

BUCKET = "s3-uploads"


@pytest.mark.claim("S3", "supported", "EntityTooSmall; ServerSideEncryption of every object")
def test_an_upload_has_parts_of_5_mb_and_says_how_it_is_encrypted(cloud: LocalCloud) -> None:
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": cloud.region})
    assert s3.put_object(Bucket=BUCKET, Key="k", Body=b"x")["ServerSideEncryption"] == "AES256"
    assert s3.head_object(Bucket=BUCKET, Key="k")["ServerSideEncryption"] == "AES256"
    for sizes, fits in (((5 << 20, 1), True), ((1,), True), ((1, 1), False), ((5 << 20, 1, 1), False)):
        upload = s3.create_multipart_upload(Bucket=BUCKET, Key="big")["UploadId"]
        names = {"Bucket": BUCKET, "Key": "big", "UploadId": upload}
        parts = [
            {"PartNumber": n, "ETag": s3.upload_part(**names, PartNumber=n, Body=b"x" * size)["ETag"]}
            for n, size in enumerate(sizes, 1)
        ]
        if fits:
            s3.complete_multipart_upload(**names, MultipartUpload={"Parts": parts})
            continue
        with pytest.raises(ClientError, match="smaller than the minimum") as refused:
            s3.complete_multipart_upload(**names, MultipartUpload={"Parts": parts})
        assert refused.value.response["Error"]["Code"] == "EntityTooSmall"
    with pytest.raises(ClientError, match="InvalidPartOrder"):
        s3.complete_multipart_upload(**names, MultipartUpload={"Parts": parts[::-1]})


@pytest.mark.claim(
    "S3", "supported", "expected owners of buckets; no copy of an object onto itself that changes nothing"
)
def test_a_bucket_has_its_owner_and_a_copy_onto_itself_a_change(cloud: LocalCloud) -> None:
    s3, bucket = cloud.client("s3"), "s3-copies"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": cloud.region})
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", ExpectedBucketOwner=ACCOUNT)
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.get_object(Bucket=bucket, Key="k", ExpectedBucketOwner="111111111111")
    onto_itself = {"Bucket": bucket, "Key": "k", "CopySource": {"Bucket": bucket, "Key": "k"}}
    with pytest.raises(ClientError, match="copy an object to itself without changing"):
        s3.copy_object(**onto_itself)
    s3.copy_object(**onto_itself, MetadataDirective="REPLACE", Metadata={"a": "b"})
    s3.copy_object(**onto_itself, StorageClass="STANDARD")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    s3.upload_part_copy(**onto_itself, UploadId=upload, PartNumber=1)
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
    s3.copy_object(**onto_itself)
