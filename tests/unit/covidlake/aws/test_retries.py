"""Retries, over the real botocore request path, without a network and without sleeping."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError, EndpointConnectionError

from covidlake import aws
from covidlake.aws import retries


class Raw:
    def __init__(self, body: bytes) -> None:
        self.body = body

    def stream(self) -> Iterator[bytes]:
        yield self.body


def answer(code: str, message: str = "") -> bytes:
    error = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    return f"<ErrorResponse>{error}</ErrorResponse>".encode()


SUCCESS = (
    b"<GetCallerIdentityResponse><GetCallerIdentityResult><Account>1</Account>"
    b"</GetCallerIdentityResult></GetCallerIdentityResponse>"
)


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", waits.append)
    return waits


Ask = Callable[..., int]


@pytest.fixture
def ask(slept: list[float], monkeypatch: pytest.MonkeyPatch) -> Iterator[Ask]:
    """Make one call that gets the given answers in turn, the last one for ever: how many it took."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-2")

    def ask(*answers: tuple[int, bytes] | Exception) -> int:
        sent = 0

        def send(**_: Any) -> AWSResponse:
            nonlocal sent
            given = answers[min(sent, len(answers) - 1)]
            sent += 1
            if isinstance(given, Exception):
                raise given
            return AWSResponse("https://sts", given[0], {}, Raw(given[1]))

        aws.forget()
        client = aws.client("sts")
        client.meta.events.register("before-send.sts", send)
        try:
            client.get_caller_identity()
        except (ClientError, EndpointConnectionError) as error:
            error.args = (*error.args, sent)
            raise
        return sent

    yield ask
    aws.forget()


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (400, "Throttling", "Rate exceeded"),
        (400, "ThrottlingException", ""),
        (400, "ValidationError", "Rate exceeded"),
        (400, "LimitExceeded", "Too Many Requests"),
        (409, "OperationAborted", "A conflicting conditional operation is currently in progress"),
        (409, "ConcurrentModification", "try again"),
        (400, "ConcurrentModificationException", ""),
        (503, "SlowDown", "Please reduce your request rate."),
    ],
)
def test_what_passes_by_itself_is_retried_by_every_client(
    ask: Ask, slept: list[float], status: int, code: str, message: str
) -> None:
    trouble = (status, answer(code, message))
    assert ask(*[trouble] * 6, (200, SUCCESS)) == 7
    assert len(slept) == 6


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (400, "ValidationError", "Stack with id x does not exist"),
        (403, "AccessDenied", "no"),
        (400, "ExpiredToken", "The security token included in the request is expired"),
        (400, "AlreadyExistsException", ""),
    ],
)
def test_what_stays_is_not_retried(
    ask: Ask, slept: list[float], status: int, code: str, message: str
) -> None:
    with pytest.raises(ClientError, match=code) as caught:
        ask((status, answer(code, message)))
    assert caught.value.args[-1] == 1
    assert slept == []


def test_throttling_without_end_is_given_up_and_says_how_often_it_was_tried(ask: Ask) -> None:
    with pytest.raises(ClientError) as caught:
        ask((400, answer("Throttling", "Rate exceeded")))
    assert caught.value.args[-1] == retries.ATTEMPTS
    assert caught.value.response["ResponseMetadata"]["RetryAttempts"] == retries.ATTEMPTS - 1


@pytest.mark.parametrize(
    "trouble", [(500, answer("InternalFailure")), EndpointConnectionError(endpoint_url="https://sts")]
)
def test_a_cloud_that_is_down_is_reported_soon(ask: Ask, trouble: Any) -> None:
    with pytest.raises((ClientError, EndpointConnectionError)) as caught:
        ask(trouble)
    assert caught.value.args[-1] == 4


def test_waits_grow_to_a_limit_and_are_spread_over_their_whole_length() -> None:
    longest = [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 20.0, 20.0]
    for attempts, limit in enumerate(longest, start=1):
        waits = [retries.delay(attempts) for _ in range(400)]
        assert 0.0 <= min(waits) < limit / 4
        assert limit * 3 / 4 < max(waits) <= limit


def failing(count: int, code: str, message: str = "") -> Callable[[], int]:
    calls = 0

    def request() -> int:
        nonlocal calls
        calls += 1
        if calls <= count:
            raise ClientError({"Error": {"Code": code, "Message": message}}, "DetectStackDrift")
        return calls

    return request


def test_call_repeats_what_is_transient_here_alone(slept: list[float]) -> None:
    in_progress = failing(3, "ValidationError", "Drift detection is already in progress")
    assert retries.call(in_progress, lambda error: "in progress" in error["Message"]) == 4
    assert len(slept) == 3


def test_call_raises_what_is_not_transient_at_once(slept: list[float]) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        retries.call(failing(1, "AccessDenied"))
    assert slept == []


def test_call_ends_with_the_last_error(slept: list[float]) -> None:
    with pytest.raises(ClientError, match="OperationAborted"):
        retries.call(failing(1000, "OperationAborted"))
    assert len(slept) == retries.ATTEMPTS - 1


def test_a_session_of_somebody_else_is_left_alone(slept: list[float]) -> None:
    session = boto3.session.Session(aws_access_key_id="x", aws_secret_access_key="x", region_name="us-east-2")
    client = session.client("sts", config=aws.CONFIG)
    body = answer("ConcurrentModification")
    client.meta.events.register("before-send.sts", lambda **_: AWSResponse("https://sts", 409, {}, Raw(body)))
    with pytest.raises(ClientError):
        client.get_caller_identity()
    assert slept == []
