"""The whole chain: what ends it, and what does not. It is examined in tests/e2e/test_bootstrap.py."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError, NoCredentialsError, NoRegionError

from covidlake import aws
from covidlake.base.errors import StackNotFoundError
from covidlake.doctor import examine
from covidlake.doctor.check import Check, Subject, ok

DEV = Subject("dev")


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


def test_an_error_of_ours_is_a_failing_line_too() -> None:
    def examined(_: Subject) -> Iterator[Check]:
        yield ok("first", "")
        raise StackNotFoundError("stack x does not exist")

    assert [check.found for check in examine._examined(examined, DEV)][1] == "stack x does not exist"
