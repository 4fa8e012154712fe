"""SdkHttpMetadata and SdkResponseMetadata: what optimised integrations add to a service's answer."""

from __future__ import annotations

import time
import uuid
from typing import Any

# The headers of an answer that AWS's endpoints send, as they spell them.
_EVERY = ("x-amzn-RequestId", "Content-Length", "Date", "Content-Type")
_LAMBDA = (
    "X-Amz-Log-Result",
    "X-Amz-Executed-Version",
    "x-amzn-Remapped-Content-Length",
    "Connection",
    *_EVERY,
    "X-Amzn-Trace-Id",
)
_SENT = {
    "lambda": _LAMBDA,
    "dynamodb": ("Server", "Connection", *_EVERY, "x-amz-crc32"),
    "sqs": ("connection", *_EVERY),
    "sns": ("connection", *_EVERY),
    "stepfunctions": ("connection", *_EVERY),
}


def of(service: str, response: dict[str, Any], size: int) -> dict[str, Any]:
    """The two fields; `size` is the length of an answer whose body is a stream."""
    metadata = response["ResponseMetadata"]
    request_id = metadata.get("RequestId", "")
    given = {name.lower(): value for name, value in metadata["HTTPHeaders"].items()}
    known = {
        **given,
        "connection": "keep-alive",
        "server": "Server",
        "x-amzn-remapped-content-length": "0",
        "x-amzn-requestid": request_id,
        "x-amzn-trace-id": given.get("x-amzn-trace-id", _trace_id()),
        "x-amz-executed-version": response.get("ExecutedVersion", "$LATEST"),
        "content-length": given.get("content-length", str(size)),
        "content-type": _content_type(service, given),
    }
    headers = {name: known[name.lower()] for name in _SENT.get(service, _EVERY) if name.lower() in known}
    return {
        "SdkHttpMetadata": {
            "AllHttpHeaders": {name: [value] for name, value in headers.items()},
            "HttpHeaders": headers,
            "HttpStatusCode": metadata["HTTPStatusCode"],
        },
        "SdkResponseMetadata": {"RequestId": request_id},
    }


def _trace_id() -> str:
    unique = uuid.uuid4().hex
    return f"Root=1-{int(time.time()):08x}-{unique[:24]};Parent={unique[16:]};Sampled=0"


def _content_type(service: str, given: dict[str, str]) -> str:
    own = {"lambda": "application/json", "sns": "text/xml"}
    return own.get(service) or given.get("content-type", "application/x-amz-json-1.0")
