"""What doctor concludes from what it is told; the whole chain is examined in tests/e2e/test_bootstrap.py."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, NoCredentialsError, NoRegionError
from botocore.stub import Stubber

from covidlake import aws
from covidlake.base.errors import StackNotFoundError
from covidlake.doctor import access, examine, machine
from covidlake.doctor import stack as doctor_stack
from covidlake.doctor.check import Check, Subject, line, ok
from covidlake.ship.stack import stack

DEV = Subject("dev")
ARN = "arn:aws:s3:::artifacts"


def tls(**changes: Any) -> dict[str, Any]:
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [ARN, f"{ARN}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        **changes,
    }
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*"}, statement]}


@pytest.mark.parametrize(
    ("changes", "enforced"),
    [
        ({}, True),
        ({"Principal": {"AWS": "*"}}, True),
        ({"Effect": "Allow"}, False),
        ({"Principal": {"AWS": "arn:aws:iam::1:root"}}, False),
        ({"Action": "s3:GetObject"}, False),
        ({"Resource": f"{ARN}/*"}, False),
        ({"Resource": ["arn:aws:s3:::other", "arn:aws:s3:::other/*"]}, False),
        ({"Condition": {"Bool": {"aws:SecureTransport": "true"}}}, False),
    ],
)
def test_only_a_policy_that_shuts_everyone_out_counts_as_tls_only(
    changes: dict[str, Any], enforced: bool
) -> None:
    assert access.denies_insecure_transport(tls(**changes), ARN) is enforced


def test_a_bucket_without_a_policy_is_not_tls_only() -> None:
    assert not access.denies_insecure_transport({}, ARN)


def test_encryption_is_named_by_its_algorithm() -> None:
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
    answer = {"ServerSideEncryptionConfiguration": {"Rules": [rule]}}
    assert access.encryption_of(answer) == "aws:kms"
    assert access.encryption_of({}) == "off"


def test_a_check_is_one_line_with_its_cure() -> None:
    assert line(Check("job", "OK", "x")) == "OK    job: x"
    assert line(Check("job", "FAIL", "x", "do y")) == "FAIL  job: x -> do y"


def test_a_package_may_have_any_version_that_is_pinned_for_some_machine(tmp_path: Path) -> None:
    path = tmp_path / "pins.txt"
    path.write_text(
        "# made by a tool\nboto3==1.2.3 \\\n    --hash=sha256:00\n"
        "colorama==4 ; sys_platform == 'nowhere' \\\n"
        "    --hash=sha256:01\ntomli==5 ; python_version < '3.12'\n"
        "tomli==6 ; python_version >= '3.12'\n"
    )
    assert machine.pins(path) == {
        "boto3": {"1.2.3"},
        "colorama": {"4", None},
        "tomli": {"5", "6", None},
    }


def test_a_package_that_differs_from_its_pin_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "pins.txt"
    path.write_text("boto3==0.0.1\nno-such-package==1.0\n")
    monkeypatch.setattr(machine, "PINS", (path,))
    (check,) = machine.packages(DEV)
    assert check.status == "FAIL"
    assert "pinned 0.0.1" in check.found
    assert "no-such-package missing, pinned 1.0" in check.found
    assert check.hint == "make install"


def test_another_python_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "PYTHONS", ((3, 8),))
    (check,) = machine.python(DEV)
    assert (check.status, check.hint) == ("FAIL", "install Python 3.11 or 3.12 and run: make install")


def test_a_missing_parameter_file_is_a_failing_line_and_the_rest_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(aws, "region", no_region)
    found = list(examine.checks("nowhere"))
    assert [check.status for check in found if check.name == "parameter file"] == ["FAIL"]
    assert found[-1].name == "everything else"


def no_region() -> str:
    raise NoRegionError


def test_without_a_region_nothing_further_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws, "region", no_region)
    found = list(examine.checks("dev"))
    assert [check.name for check in found if check.status == "FAIL"] == ["region"]
    assert found[-1].status == "SKIP"


@pytest.mark.parametrize(
    "error",
    [
        NoCredentialsError(),
        ClientError({"Error": {"Code": "ExpiredToken", "Message": "expired"}}, "GetCallerIdentity"),
    ],
)
def test_credentials_that_do_not_serve_end_the_examination(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def refuse() -> str:
        raise error

    monkeypatch.setattr(aws, "region", lambda: "us-east-2")
    monkeypatch.setattr(aws, "caller", refuse)
    found = list(examine.checks("dev"))
    assert [(check.name, "\n" in check.found) for check in found if check.status == "FAIL"] == [
        ("credentials", False)
    ]
    assert found[-1].name == "everything else"


def test_one_refused_question_does_not_keep_from_the_others() -> None:
    def refused(_: Subject) -> Iterator[Check]:
        yield ok("first", "")
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "GetRole")

    first, second = examine._examined(refused, DEV)
    assert (first.status, second.status) == ("OK", "FAIL")
    assert "AccessDenied" in second.found


def test_a_fault_of_our_own_is_not_hidden() -> None:
    def faulty(_: Subject) -> Iterator[Check]:
        yield ok("first", "")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(examine._examined(faulty, DEV))


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    made = boto3.client("s3", region_name="us-east-2", aws_access_key_id="x", aws_secret_access_key="x")
    monkeypatch.setattr(aws, "client", {"s3": made}.__getitem__)
    monkeypatch.setattr(aws, "region", lambda: "us-east-2")
    monkeypatch.setattr(aws, "account", lambda: "111122223333")
    monkeypatch.setattr(aws, "partition", lambda: "aws")
    with Stubber(made) as stub:
        yield stub
        stub.assert_no_pending_responses()


def test_a_source_in_another_region_is_told_with_what_it_costs(s3: Stubber) -> None:
    s3.add_response("head_bucket", {"BucketRegion": "us-west-2"})
    (check,) = access.source_bucket(DEV)
    assert check.status == "OK"
    assert "covid19-lake in us-west-2: what us-east-2 reads" in check.found


def test_a_source_that_may_not_be_listed_still_tells_its_region(s3: Stubber) -> None:
    s3.add_client_error(
        "head_bucket",
        "403",
        http_status_code=403,
        response_meta={"HTTPHeaders": {"x-amz-bucket-region": "us-east-2"}},
    )
    (check,) = access.source_bucket(DEV)
    assert (check.status, check.found) == ("OK", "covid19-lake in us-east-2")


def test_an_artifact_bucket_of_another_account_is_a_failing_line(s3: Stubber) -> None:
    s3.add_client_error("head_bucket", "403", http_status_code=403)
    (check,) = access.artifact_bucket(DEV)
    assert check.status == "FAIL"
    assert "403: another account's" in check.found


def test_a_bucket_where_nothing_is_configured_fails_line_by_line(s3: Stubber) -> None:
    s3.add_response("head_bucket", {})
    s3.add_response("head_bucket", {})
    s3.add_response("get_bucket_versioning", {})
    s3.add_client_error("get_bucket_encryption", "ServerSideEncryptionConfigurationNotFoundError")
    s3.add_client_error("get_bucket_policy", "NoSuchBucketPolicy")
    s3.add_client_error("get_public_access_block", "NoSuchPublicAccessBlockConfiguration")
    found = {check.name: check.status for check in access.artifact_bucket(DEV)}
    assert found == {
        "artifact bucket": "OK",
        "artifact bucket, versioning": "FAIL",
        "artifact bucket, encryption": "FAIL",
        "artifact bucket, TLS only": "FAIL",
        "artifact bucket, write once": "FAIL",
        "artifact bucket, public access block": "FAIL",
    }


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
def test_people_are_told_only_when_they_confirmed(
    subscriptions: dict[str, str], status: str, found: str
) -> None:
    check = doctor_stack._subscription("a@b.org", subscriptions, DEV)
    assert (check.status, check.found) == (status, found)


def test_an_error_of_ours_is_a_failing_line_too() -> None:
    def examined(_: Subject) -> Iterator[Check]:
        yield ok("first", "")
        raise StackNotFoundError("stack x does not exist")

    assert [check.found for check in examine._examined(examined, DEV)][1] == "stack x does not exist"
