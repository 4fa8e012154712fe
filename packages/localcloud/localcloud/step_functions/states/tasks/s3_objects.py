"""Answers of S3 as Step Functions' own client receives them, which asks for no checksums."""

from __future__ import annotations

from typing import Any

_ENCRYPTED = {"GetObject", "HeadObject", "PutObject", "CopyObject", "CreateMultipartUpload"}
_READ = {"GetObject", "HeadObject"}


def shown(operation: str, output: dict[str, Any], parameters: dict[str, Any]) -> dict[str, Any]:
    """The answer without checksums that nobody asked for; every object of S3 is encrypted."""
    if operation in _READ and "ChecksumMode" not in parameters:
        output = {name: value for name, value in output.items() if not name.startswith("Checksum")}
    return {"ServerSideEncryption": "AES256", **output} if operation in _ENCRYPTED else output
