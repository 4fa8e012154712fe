"""A template's address: S3's own host names, and `?versionId=` for that version of the object, as on AWS.

ministack reads the newest one whatever the address says, so that a swap would never show here, and takes a
bucket in the host name for part of nothing.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from localcloud import plugin


def install() -> None:
    """Hook into the reading of templates and stack policies from S3."""
    from ministack.services.cloudformation import helpers

    resolve = plugin.require(helpers, "_resolve_document", ["params", "body_key", "url_key", "label"])

    def resolved(params: Any, body_key: str, url_key: str, label: str) -> Any:
        url = with_bucket_in_path(helpers._p(params, url_key) or "")
        params = {**params, url_key: [url]} if url else params
        version = parse_qs(urlsplit(url).query).get("versionId", [""])[0] if url else ""
        if helpers._p(params, body_key) or not version:
            return resolve(params, body_key, url_key, label)
        return _version(url, version, label)

    helpers._resolve_document = resolved


def with_bucket_in_path(url: str) -> str:
    """The address with the bucket at the head of its path, where S3's host name has it: `BUCKET.s3...`."""
    parts = urlsplit(url)
    if parts.scheme == "s3":
        return f"https://s3.amazonaws.com/{parts.netloc}{parts.path}"
    found = re.fullmatch(r"(.+)\.s3[.-](?:[a-z0-9-]+\.)?amazonaws\.com", parts.hostname or "")
    if found is None:
        return url
    return parts._replace(netloc="s3.amazonaws.com", path=f"/{found[1]}{parts.path}").geturl()


def _version(url: str, version: str, label: str) -> Any:
    from ministack.services import s3
    from ministack.services.cloudformation import helpers

    bucket, _, key = unquote(urlsplit(url).path).lstrip("/").partition("/")
    body = s3._get_object_data(bucket, key, version)
    if body is None:
        return None, helpers._error("ValidationError", f"{label} not found at {url}")
    if len(body) > helpers.TEMPLATE_URL_MAX_BYTES:
        limit = helpers.TEMPLATE_URL_MAX_BYTES
        return None, helpers._error("ValidationError", f"Template may not exceed {limit} bytes in size.")
    return body.decode(), None
