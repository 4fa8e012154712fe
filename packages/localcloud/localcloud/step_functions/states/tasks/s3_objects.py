"""Answers of S3 as Step Functions' own client receives them, which asks for no checksums."""

from __future__ import annotations

import base64
import zlib
from typing import Any

from localcloud.step_functions.states.shapes import compact_json

# What the SDK for Java calls a body that is text; a state's data is nothing else.
TYPE_OF_TEXT = {"ContentType": "text/plain; charset=UTF-8"}
_ENCRYPTED = {"GetObject", "HeadObject", "PutObject", "CopyObject", "CreateMultipartUpload"}
_READ = {"GetObject", "HeadObject"}


def shown(operation: str, output: dict[str, Any], parameters: dict[str, Any]) -> dict[str, Any]:
    """The answer without checksums that nobody asked for, or with that of what was written.

    Every object of S3 is encrypted.
    """
    if operation in _READ and "ChecksumMode" not in parameters:
        output = {name: value for name, value in output.items() if not name.startswith("Checksum")}
    if operation == "PutObject" and not any(name.startswith("Checksum") for name in output):
        body = parameters.get("Body", "")
        content = body if isinstance(body, bytes) else compact_json(body).encode()
        checksum = base64.b64encode(zlib.crc32(content).to_bytes(4)).decode()
        output = {"ChecksumCRC32": checksum, "ChecksumType": "FULL_OBJECT", **output}
    return {"ServerSideEncryption": "AES256", **output} if operation in _ENCRYPTED else output
