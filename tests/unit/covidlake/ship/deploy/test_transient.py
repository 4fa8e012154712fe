"""Which failures of a resource are worth another attempt, and how often it is made."""

from __future__ import annotations

from typing import Any

import pytest

from covidlake.ship.deploy import transient

NAME = "covid-lake-dev"
# In the words of the services.
PASSES = [
    "The role defined for the function cannot be assumed by Lambda. (Service: Lambda, Status Code: 400)",
    "Service is unable to assume provided role. Please verify role's TrustPolicy (Service: Glue)",
    "Service is unable to assume the role arn:aws:iam::1:role/x to access null. Please verify the role",
    "Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume "
    "the provided role.",
    "The state machine IAM Role is not authorized to access the Log Destination (Service: AWSStepFunctions)",
    "Tags created previously on a crawler of the same name are in deleting state. Please retry after a time.",
    "Cannot update Crawler while running. Please stop crawl or wait until it completes to update.",
    "A conflicting conditional operation is currently in progress against this resource. Please try again.",
    "The security token included in the request is invalid. (Service: AmazonDynamoDBv2; Status Code: 400)",
    "Rate exceeded (Service: CloudWatchLogs, Status Code: 400)",
    "State Machine is being deleted: 'arn:aws:states:us-east-2:1:stateMachine:x' (Service: Sfn)",
    'Resource handler returned message: "x" (RequestToken: y, HandlerErrorCode: Throttling)',
    'Resource handler returned message: "x" (RequestToken: y, HandlerErrorCode: ServiceInternalError)',
]
STAYS = [
    "",
    "Resource of type 'AWS::Glue::Job' with identifier 'x' already exists. (HandlerErrorCode: AlreadyExists)",
    "User: arn:aws:iam::1:role/x is not authorized to perform: glue:GetJob (HandlerErrorCode: AccessDenied)",
    "Resource creation cancelled",
    "The bucket you tried to delete is not empty",
    "Properties validation failed for resource Job (HandlerErrorCode: InvalidRequest)",
    "The security token included in the request is invalid",
]
KEY = (
    "User: arn:aws:sts::1:assumed-role/x is not authorized to perform: kms:GenerateDataKey on this resource "
    "because no resource-based policy allows the kms:GenerateDataKey action"
)


@pytest.mark.parametrize("cause", PASSES)
@pytest.mark.parametrize("kind", ["CREATE", "UPDATE"])
def test_what_passes_by_itself_is_known_with_its_source(cause: str, kind: Any) -> None:
    found = transient.find(cause, kind)
    assert found is not None
    assert found.source.startswith("https://")


@pytest.mark.parametrize("cause", STAYS)
def test_what_would_fail_again_is_not_tried_again(cause: str) -> None:
    assert transient.find(cause, "CREATE") is None


def test_only_a_new_key_may_be_refused_for_a_moment() -> None:
    assert transient.find(KEY, "UPDATE") is None
    found = transient.find(KEY, "CREATE")
    assert found is not None
    assert (found.seconds, found.attempts) == (300, 2)


def test_a_queue_is_made_again_after_the_minute_that_sqs_asks_for() -> None:
    words = "You must wait 60 seconds after deleting a queue before you can create another."
    found = transient.find(f"{words} (HandlerErrorCode: Throttling)", "CREATE")
    assert found is not None
    assert found.seconds == 60


def test_every_reason_is_one_that_the_tests_know() -> None:
    known = [transient.find(cause, "CREATE") for cause in [*PASSES, KEY]]
    assert set(known) == set(transient.TRANSIENT)
