"""What SNS refuses to publish or to subscribe, in its own words; ministack takes all of it."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from localcloud import plugin

PROTOCOLS = ("application", "email", "email-json", "firehose", "http", "https", "lambda", "sms", "sqs")
LONGEST_SUBJECT = 100
# What SNS sends for two errors of its model: by ministack's names for them, SDKs do not know the class.
_CODES = {
    "InvalidParameterException": "InvalidParameter",
    "ResourceNotFoundException": "ResourceNotFound",
}
Call = Callable[[Mapping[str, Any]], Any]


def install(_app: Any) -> None:
    from ministack.services import sns

    value = plugin.require(sns, "_p", ["params", "key"])
    error = plugin.require(sns, "_error", ["code", "message", "status"])
    publish = plugin.require(sns, "_publish", ["params"])
    publish_batch = plugin.require(sns, "_publish_batch", ["params"])
    entries = plugin.require(sns, "_parse_batch_entries", ["params"])
    subscribe = plugin.require(sns, "_subscribe", ["params"])

    def published(params: Mapping[str, Any]) -> Any:
        given = {name: value(params, name) for name in ("Subject", "Message", "MessageStructure")}
        wrong = message_problem(given["Subject"], given["Message"], given["MessageStructure"])
        if not wrong and "Subject" in params and not given["Subject"]:
            wrong = "Subject"
        return error("InvalidParameter", f"Invalid parameter: {wrong}", 400) if wrong else publish(params)

    def published_batch(params: Mapping[str, Any]) -> Any:
        """One malformed entry refuses all of them; SNS would deliver the others."""
        for one in entries(params):
            wrong = message_problem(
                one.get("subject", ""), one.get("message", ""), one.get("message_structure", "")
            )
            if wrong:
                return error("InvalidParameter", f"Invalid parameter: {wrong} (entry {one['id']})", 400)
        return publish_batch(params)

    def subscribed(params: Mapping[str, Any]) -> Any:
        wrong = subscription_problem(value(params, "Protocol"), value(params, "Endpoint"))
        return error("InvalidParameter", f"Invalid parameter: {wrong}", 400) if wrong else subscribe(params)

    sns._error = lambda code, message, status: error(_CODES.get(code, code), message, status)
    sns._publish, sns._publish_batch, sns._subscribe = published, published_batch, subscribed


def message_problem(subject: str, message: str, structure: str) -> str:
    """What is wrong with a message, or nothing."""
    if len(subject) > LONGEST_SUBJECT or any(unicodedata.category(c).startswith("C") for c in subject):
        return "Subject"
    if subject and subject[0].isspace():
        return "Subject"
    if not message:
        return "Empty message"
    if not structure:
        return ""
    if structure != "json":
        return "MessageStructure"
    try:
        parts = json.loads(message)
    except ValueError:
        parts = None
    if not isinstance(parts, dict):
        return "Message Structure - JSON message body failed to parse"
    if not isinstance(parts.get("default"), str):
        return "Message Structure - No default entry in JSON message body"
    return ""


def subscription_problem(protocol: str, endpoint: str) -> str:
    """What is wrong with a subscription, or nothing; ministack looks at the ARNs of queues and functions."""
    if protocol and protocol not in PROTOCOLS:
        return f"Amazon SNS does not support this protocol string: {protocol}"
    fits = {
        "email": "@" in endpoint,
        "email-json": "@" in endpoint,
        "http": endpoint.startswith("http://"),
        "https": endpoint.startswith("https://"),
    }
    if not fits.get(protocol, True):
        return f"{'Email address' if 'email' in protocol else 'Endpoint must match the specified protocol'}"
    return ""
