"""Which calls to AWS are tried again, and when: one rule for all of them.

botocore's standard retries cover lost connections, server errors and the usual throttling codes, a few
times. `install` adds to every client of a session what they leave out: codes that only say "another
change is going on", throttling under an odd code, and more patience with throttling of any kind.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from boto3.session import Session

Answer = TypeVar("Answer")

ATTEMPTS = 10  # in all; the waits between them add up to 45 s on average, 90 s at most
BASE_SECONDS = 0.5
LONGEST_SECONDS = 20.0

# https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html, without LimitExceededException:
# a quota of the account is not lifted by waiting.
THROTTLING_CODES = {
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionInProgressException",
}
# Another caller is changing the same thing; AWS asks for the same request again.
CONFLICT_CODES = {
    "ConcurrentModification",
    "ConcurrentModificationException",
    "ConditionalRequestConflict",
    "OperationAborted",
}
THROTTLING_WORDS = re.compile(r"rate exceeded|request limit exceeded|too many requests|request rate", re.I)

_random = random.SystemRandom()


def is_throttling(error: Mapping[str, Any]) -> bool:
    """Whether the `Error` part of an answer means throttling, by its code or by its message."""
    words = THROTTLING_WORDS.search(str(error.get("Message", "")))
    return error.get("Code") in THROTTLING_CODES or words is not None


def is_transient(error: Mapping[str, Any]) -> bool:
    """Whether the same request may succeed a little later."""
    return error.get("Code") in CONFLICT_CODES or is_throttling(error)


def delay(attempts: int) -> float:
    """Seconds to wait after `attempts` attempts: exponential backoff with full jitter.

    https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    """
    longest: float = min(LONGEST_SECONDS, BASE_SECONDS * 2 ** (attempts - 1))
    return _random.uniform(0.0, longest)


def call(
    request: Callable[[], Answer], transient: Callable[[Mapping[str, Any]], bool] = is_transient
) -> Answer:
    """Make a request until it succeeds, fails for good or has failed `ATTEMPTS` times: its answer.

    For what is transient in one place only, such as `Drift detection is already in progress`; what is
    transient everywhere is retried inside every client. Raises the last `ClientError`.
    """
    for attempts in range(1, ATTEMPTS):
        try:
            return request()
        except ClientError as error:
            if not transient(error.response["Error"]):
                raise
        time.sleep(delay(attempts))
    return request()


def install(session: Session) -> None:
    """Make every client of the session retry transient errors."""
    handler: Any = _seconds_before_retry  # its type does not know that this event has an answer
    session.events.register("needs-retry", handler, unique_id="covidlake-retries")


def _seconds_before_retry(response: Any, attempts: int, **_: Any) -> float | None:
    """Answer botocore's event: a wait, or None to leave the decision to its own retries."""
    if response is None or attempts >= ATTEMPTS:
        return None
    error = response[1].get("Error") or {}
    return delay(attempts) if is_transient(error) else None
