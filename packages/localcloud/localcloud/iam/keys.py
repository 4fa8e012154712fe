"""Keys that S3 and SNS cannot use: absent, of another region, disabled, pending deletion."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

Problem = tuple[str, str]  # KMS's name for it, and its message
_MANAGED = re.compile(r"(arn:[^:]+:kms:([^:]*):\d*:)?alias/aws/.+")  # AWS makes the key at its first use
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32}")
_UNUSABLE = {
    "Disabled": ("DisabledException", "{} is disabled."),
    "PendingDeletion": ("KMSInvalidStateException", "{} is pending deletion."),
    "PendingImport": ("KMSInvalidStateException", "{} is pending import."),
}


def problem(key: str, record: Mapping[str, Any] | None, region: str, account: str) -> Problem | None:
    """Why the key that is named so cannot be used; `record` is KMS's of it, if it has one."""
    if record is not None:
        code, message = _UNUSABLE.get(str(record.get("KeyState")), ("", ""))
        return (code, message.format(record["Arn"])) if code else None
    managed = _MANAGED.fullmatch(key)
    if managed and managed[2] in (None, region):
        return None
    return "NotFoundException", _absence(key, region, account)


def _absence(key: str, region: str, account: str) -> str:
    if key.startswith("arn:"):
        parts = key.split(":")
        if len(parts) < 6 or parts[3] != region:
            return f"Invalid arn {parts[3] if len(parts) > 3 else key}"
        alias = parts[5].startswith("alias/")
        return f"Alias {key} is not found." if alias else f"Key '{key}' does not exist"
    if key.startswith("alias/"):
        return f"Alias arn:aws:kms:{region}:{account}:{key} is not found."
    if _ID.fullmatch(key):
        return f"Key 'arn:aws:kms:{region}:{account}:key/{key}' does not exist"
    return f"Invalid keyId '{key}'"
