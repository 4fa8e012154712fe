"""What S3 refuses, as errors of the tree of files: the message of S3 with the object that it is about."""

from __future__ import annotations

from botocore.exceptions import ClientError

NOT_FOUND = frozenset({"404", "NoSuchKey", "NotFound"})


class AccessDeniedError(Exception):
    """S3 refused the role; carries the message of S3."""


class AlreadyExistsError(Exception):
    """A file stands where a new file or folder should go."""


class NotEmptyError(Exception):
    """A folder that holds something is deleted only recursively."""


class S3Error(Exception):
    """Any other error that S3 answered with."""


def status_code(error: ClientError) -> int:
    return int(error.response["ResponseMetadata"]["HTTPStatusCode"])


def translated(error: ClientError, bucket: str, key: str) -> Exception:
    details = error.response["Error"]
    code = "AccessDenied" if status_code(error) == 403 else details["Code"]
    return refused(code, details.get("Message", ""), error.operation_name, bucket, key)


def refused(code: str, message: str, operation: str, bucket: str, key: str) -> Exception:
    text = f"{operation} s3://{bucket}/{key}: {code}: {message}"
    return AccessDeniedError(text) if code == "AccessDenied" else S3Error(text)
