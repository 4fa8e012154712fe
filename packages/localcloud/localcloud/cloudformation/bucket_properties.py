"""The properties of AWS::S3::Bucket that ministack leaves out, in the shape of the S3 API."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, cast

Properties = Mapping[str, Any]


def apply(bucket: str, properties: Properties, previous: Properties) -> None:
    """Set encryption, lifecycle, ownership, versioning and tags of a bucket; drop what the template dropped.

    Raises ValueError with S3's own message for a configuration that it refuses.
    """
    from ministack.services import s3

    for name, operation, translate, noun in CONFIGURATIONS:
        given = properties.get(name)
        if given is None and name == "VersioningConfiguration" and name in previous:
            given = {"Status": "Suspended"}  # versioning that was once on can only be suspended
        if given:
            store = getattr(s3, f"_put_bucket_{noun}")
            _checked(store(bucket, _body(operation, translate(given))))
        elif name in previous:
            getattr(s3, f"_delete_bucket_{noun}")(bucket)


def _checked(answer: Any) -> None:
    status, _, body = answer
    if status >= 400:
        text = body.decode() if isinstance(body, bytes) else str(body)
        raise ValueError(text.partition("<Message>")[2].partition("</Message>")[0] or text)


def _body(operation: str, parameters: Properties) -> bytes:
    """The XML document that the S3 API takes for this operation."""
    model, serializer = _s3_serializer()
    request = serializer.serialize_to_request(
        {"Bucket": "bucket", **parameters}, model.operation_model(operation)
    )
    return cast(bytes, request["body"])


@functools.cache
def _s3_serializer() -> tuple[Any, Any]:
    import botocore.serialize
    import botocore.session

    model = botocore.session.get_session().get_service_model("s3")
    return model, botocore.serialize.create_serializer("rest-xml", include_validation=False)


def _encryption(value: Any) -> dict[str, Any]:
    rules = []
    for rule in value["ServerSideEncryptionConfiguration"]:
        default = rule.get("ServerSideEncryptionByDefault")
        translated: dict[str, Any] = {"BucketKeyEnabled": _flag(rule.get("BucketKeyEnabled", False))}
        if default:
            translated["ApplyServerSideEncryptionByDefault"] = default
        rules.append(translated)
    return {"ServerSideEncryptionConfiguration": {"Rules": rules}}


def _ownership(value: Any) -> dict[str, Any]:
    return {"OwnershipControls": {"Rules": value["Rules"]}}


def _versioning(value: Any) -> dict[str, Any]:
    return {"VersioningConfiguration": {"Status": value["Status"]}}


def _tagging(value: Any) -> dict[str, Any]:
    return {"Tagging": {"TagSet": [{"Key": tag["Key"], "Value": str(tag["Value"])} for tag in value]}}


def _lifecycle(value: Any) -> dict[str, Any]:
    return {"LifecycleConfiguration": {"Rules": [_lifecycle_rule(rule) for rule in value["Rules"]]}}


def _lifecycle_rule(rule: Properties) -> dict[str, Any]:
    translated: dict[str, Any] = {"Status": rule["Status"], "Filter": _filter(rule)}
    if "Id" in rule:
        translated["ID"] = rule["Id"]
    expiration = _renamed(
        rule,
        ("ExpirationInDays", "Days", int),
        ("ExpirationDate", "Date", str),
        ("ExpiredObjectDeleteMarker", "ExpiredObjectDeleteMarker", _flag),
    )
    noncurrent = rule.get("NoncurrentVersionExpiration") or _renamed(
        rule, ("NoncurrentVersionExpirationInDays", "NoncurrentDays", int)
    )
    abort = rule.get("AbortIncompleteMultipartUpload")
    for name, part in (
        ("Expiration", expiration),
        ("NoncurrentVersionExpiration", _integers(noncurrent)),
        ("AbortIncompleteMultipartUpload", _integers(abort or {})),
        ("Transitions", [_transition(one, "Days") for one in _listed(rule, "Transition")]),
        (
            "NoncurrentVersionTransitions",
            [_transition(one, "NoncurrentDays") for one in _listed(rule, "NoncurrentVersionTransition")],
        ),
    ):
        if part:
            translated[name] = part
    return translated


def _filter(rule: Properties) -> dict[str, Any]:
    parts = _renamed(
        rule,
        ("Prefix", "Prefix", str),
        ("ObjectSizeGreaterThan", "ObjectSizeGreaterThan", int),
        ("ObjectSizeLessThan", "ObjectSizeLessThan", int),
    )
    tags = [{"Key": tag["Key"], "Value": tag["Value"]} for tag in rule.get("TagFilters", [])]
    if len(parts) + len(tags) <= 1:
        return {"Tag": tags[0]} if tags else parts or {"Prefix": ""}
    return {"And": {**parts, **({"Tags": tags} if tags else {})}}


def _transition(transition: Properties, days: str) -> dict[str, Any]:
    return _renamed(
        transition,
        ("TransitionInDays", days, int),
        ("TransitionDate", "Date", str),
        ("NewerNoncurrentVersions", "NewerNoncurrentVersions", int),
        ("StorageClass", "StorageClass", str),
    )


def _listed(rule: Properties, name: str) -> list[Properties]:
    """A template may give one transition or a list of them."""
    return [*rule.get(f"{name}s", []), *([rule[name]] if name in rule else [])]


def _renamed(value: Properties, *names: tuple[str, str, Callable[[Any], Any]]) -> dict[str, Any]:
    return {new: convert(value[old]) for old, new, convert in names if old in value}


def _integers(value: Properties) -> dict[str, int]:
    """Parameters of a template arrive as text."""
    return {name: int(number) for name, number in value.items()}


def _flag(value: Any) -> bool:
    return str(value).lower() == "true"


CONFIGURATIONS = (
    ("BucketEncryption", "PutBucketEncryption", _encryption, "encryption"),
    ("LifecycleConfiguration", "PutBucketLifecycleConfiguration", _lifecycle, "lifecycle"),
    ("OwnershipControls", "PutBucketOwnershipControls", _ownership, "ownership_controls"),
    ("VersioningConfiguration", "PutBucketVersioning", _versioning, "versioning"),
    ("Tags", "PutBucketTagging", _tagging, "tagging"),
)
