"""An object that the disk cannot keep is refused when it is put; ministack would lose it in silence."""

from __future__ import annotations

import contextvars
import shutil
from collections.abc import Callable
from typing import Any

from localcloud import plugin

SPARE = 8 << 20  # bytes that state files and logs need meanwhile
_failed: contextvars.ContextVar[list[str] | None] = contextvars.ContextVar("failed", default=None)


def install(_app: Any) -> None:
    """Watch what S3 writes; nothing to do where objects are not kept."""
    from ministack.services import s3

    write = plugin.require(s3, "_atomic_write", ["fpath", "data"])
    error = plugin.require(s3, "_error", ["code", "message", "status"])
    if not s3.S3_PERSIST:
        return

    def written(path: Any, data: Any, *rest: Any, **named: Any) -> Any:
        try:
            return write(path, data, *rest, **named)
        except OSError as failure:
            if (failures := _failed.get()) is not None:
                failures.append(f"{failure.strerror}: {path}")
            raise

    s3._atomic_write = written
    for name, arguments in (
        ("_put_object", ["bucket_name", "key", "body", "headers"]),
        ("_copy_object", ["bucket_name", "dest_key", "headers"]),
        ("_complete_multipart_upload", ["bucket_name", "key", "body", "query_params"]),
    ):
        function = getattr(s3, name)
        if getattr(function, "__module__", "").startswith("ministack."):
            function = plugin.require(s3, name, arguments)
        setattr(s3, name, _kept(function, s3, error))


def _kept(put: Callable[..., Any], s3: Any, error: Callable[..., Any]) -> Callable[..., Any]:
    def kept(bucket: str, key: str, *rest: Any, **named: Any) -> Any:
        needed = len(rest[0]) if rest and isinstance(rest[0], bytes) else 0
        free = shutil.disk_usage(s3.DATA_DIR).free if needed else SPARE
        if free < needed + SPARE and needed:
            return _refusal(error, f"No space left on device: {s3.DATA_DIR}")
        token = _failed.set([])
        try:
            answer = put(bucket, key, *rest, **named)
            failures = _failed.get()
        finally:
            _failed.reset(token)
        if not failures:
            return answer
        (s3._ensure_bucket(bucket) or {}).get("objects", {}).pop(key, None)
        return _refusal(error, failures[0])

    return kept


def _refusal(error: Callable[..., Any], why: str) -> Any:
    """507: an SDK would try a 500 or 503 again, and the disk would still be full."""
    return error("InsufficientStorage", f"The local cloud has no room for this object: {why}", 507)
