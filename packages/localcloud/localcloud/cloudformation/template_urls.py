"""A template's address with `?versionId=` stands for that version of the object, as on AWS.

ministack reads the newest one whatever the address says, so that a swap would never show here.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from localcloud import plugin


def install() -> None:
    """Hook into the reading of templates and stack policies from S3."""
    from ministack.services.cloudformation import helpers

    resolve = plugin.require(helpers, "_resolve_document", ["params", "body_key", "url_key", "label"])

    def resolved(params: Any, body_key: str, url_key: str, label: str) -> Any:
        url = helpers._p(params, url_key)
        version = parse_qs(urlsplit(url).query).get("versionId", [""])[0] if url else ""
        if helpers._p(params, body_key) or not version:
            return resolve(params, body_key, url_key, label)
        return _version(url, version, label)

    helpers._resolve_document = resolved


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
