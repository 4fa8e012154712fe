"""What doctor concludes about the stack and its e-mail."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from covidlake.bundle.manifest import Bundle
from covidlake.doctor import stack as doctor_stack
from covidlake.doctor.check import Subject
from covidlake.ship.stack import artifacts, stack

DEV = Subject("dev")


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("CREATE_COMPLETE", "OK"),
        ("UPDATE_ROLLBACK_COMPLETE", "OK"),
        ("UPDATE_IN_PROGRESS", "FAIL"),
        ("ROLLBACK_COMPLETE", "FAIL"),
        ("UPDATE_ROLLBACK_FAILED", "FAIL"),
        ("REVIEW_IN_PROGRESS", "FAIL"),
        (None, "FAIL"),
    ],
)
def test_each_state_of_the_stack_is_judged(
    monkeypatch: pytest.MonkeyPatch, status: str | None, expected: str
) -> None:
    monkeypatch.setattr(stack, "describe", lambda _: {"StackStatus": status} if status else None)
    (check,) = doctor_stack.stack(DEV)
    assert check.status == expected
    assert bool(check.hint) is (expected == "FAIL")


@pytest.mark.parametrize(
    ("subscriptions", "status", "found"),
    [
        ({"a@b.org": "arn:aws:sns:us-east-2:1:t:1"}, "OK", "a@b.org gets an e-mail for each failure"),
        ({"a@b.org": "PendingConfirmation"}, "FAIL", "a@b.org has not confirmed the subscription"),
        ({"x@b.org": "arn:aws:sns:us-east-2:1:t:1"}, "FAIL", "a@b.org is not subscribed"),
        ({}, "FAIL", "a@b.org is not subscribed"),
    ],
)
def test_people_are_notified_only_when_they_confirmed(
    subscriptions: dict[str, str], status: str, found: str
) -> None:
    check = doctor_stack._subscription("a@b.org", subscriptions, DEV)
    assert (check.status, check.found) == (status, found)


@pytest.mark.parametrize(
    ("held", "status", "found", "hint"),
    [
        ({"a.zip": b"a", "b.py": b"b"}, "OK", "all 2 of bundle", ""),
        ({"a.zip": b"a"}, "FAIL", "b.py", "covidlake deploy dev sends what is missing"),
        (
            {"a.zip": b"a", "b.py": b"other"},
            "FAIL",
            "holds something else than",
            "after that, covidlake deploy dev",
        ),
    ],
)
def test_each_artifact_of_the_deployed_bundle_is_there_as_it_was_sent(
    monkeypatch: pytest.MonkeyPatch, held: dict[str, bytes], status: str, found: str, hint: str
) -> None:
    prefix = "covid-lake-dev/artifacts/"
    names = {f"artifacts/{name}": sha256(name[:1].encode()).hexdigest() for name in ("a.zip", "b.py")}
    bundle = Bundle(Path(), names)
    parameters = [{"ParameterKey": "BundleDigest", "ParameterValue": bundle.digest}]
    monkeypatch.setattr(stack, "describe", lambda _: {"Parameters": parameters})
    monkeypatch.setattr(artifacts, "manifest_of", lambda *_: bundle)
    for name in ("account", "region"):
        monkeypatch.setattr(f"covidlake.aws.{name}", lambda: "1")
    monkeypatch.setattr("covidlake.aws.client", lambda _: _Bucket({prefix + key: held[key] for key in held}))
    (check,) = doctor_stack.artifacts(DEV)
    assert check.status == status
    assert found in check.found
    assert check.hint.startswith(hint)


class _Bucket:
    """As much of S3 as the check asks."""

    def __init__(self, held: dict[str, bytes]) -> None:
        self.held = held

    def head_object(self, Key: str, **_: str) -> dict[str, str]:  # noqa: N803
        if Key not in self.held:
            raise ClientError({"Error": {"Code": "404"}}, "HeadObject")
        return {"ChecksumSHA256": b64encode(sha256(self.held[Key]).digest()).decode()}
