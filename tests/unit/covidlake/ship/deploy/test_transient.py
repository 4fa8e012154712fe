"""Which failures of a resource are worth another attempt, and how often it is made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from covidlake.base.clock import Clock
from covidlake.base.errors import StackBusyError, StackFailedError
from covidlake.bundle.manifest import Bundle
from covidlake.ship.deploy import execute, transient
from covidlake.ship.deploy.agreed import Agreed
from covidlake.ship.deploy.attempts import Attempts
from covidlake.ship.deploy.deployment_record import Deployment
from covidlake.ship.deploy.options import DeployOptions
from covidlake.ship.plan.model import Plan
from covidlake.ship.stack import change_set, change_set_removal
from covidlake.ship.stack.change_set import ChangeSet
from tests.unit.covidlake.ship.plan_samples import inputs_of

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


BUSY = "BUSY"


class Cloud:
    """Fails as often as told, and notes what was asked of it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *failures: tuple[str, str]) -> None:
        self.failures = list(failures)
        self.slept: list[float] = []
        self.executed = 0
        monkeypatch.setattr(execute, "execute", self.execute)
        monkeypatch.setattr("time.sleep", self.slept.append)
        monkeypatch.setattr(Attempts, "change_set", lambda _: planned())
        monkeypatch.setattr(change_set_removal, "discard", lambda _: None)

    def execute(self, made: ChangeSet, *_: Any) -> dict[str, str]:
        self.executed += 1
        if self.failures:
            status, cause = self.failures.pop(0)
            if status == BUSY:
                raise StackBusyError(cause)
            raise StackFailedError(NAME, status, cause)
        return {"StackStatus": f"{made.kind}_COMPLETE"}


def planned(kind: change_set.Kind = "CREATE") -> Agreed:
    return Agreed(ChangeSet(NAME, "deploy-1", kind), Plan("dev", NAME, kind, "0" * 64))


def carry_out(tmp_path: Path, told: list[str], minutes: float = 60.0, wait: bool = False) -> str:
    deployment, options = Deployment(NAME, "0" * 64, "now"), DeployOptions(wait_for_other=wait)
    inputs = inputs_of(Bundle(tmp_path, {}))
    Attempts(inputs, deployment, told.append, options, Clock(minutes)).carry_out(planned())
    return deployment.status


ROLE = ("ROLLBACK_COMPLETE", f"Function: {PASSES[0]}")


def test_another_attempt_begins_after_the_time_that_the_reason_takes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    cloud, told = Cloud(monkeypatch, ROLE), list[str]()
    assert carry_out(tmp_path, told) == "CREATE_COMPLETE"
    assert (cloud.executed, cloud.slept) == (2, [20.0])
    assert told == [
        f"stack {NAME} ended ROLLBACK_COMPLETE: {ROLE[1]}",
        "Lambda does not know the new role yet: attempt 2 of 3 begins in 20 s",
    ]


@pytest.mark.parametrize(
    ("failure", "minutes", "executed"),
    [
        (ROLE, 60.0, 3),
        (("ROLLBACK_COMPLETE", KEY), 60.0, 2),
        (ROLE, 0.3, 1),  # the time limit is over before the reason is
        (("ROLLBACK_FAILED", ROLE[1]), 60.0, 1),
        (("ROLLBACK_COMPLETE", f"Job: {STAYS[1]}"), 60.0, 1),
    ],
)
def test_attempts_end(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    failure: tuple[str, str],
    minutes: float,
    executed: int,
) -> None:
    cloud = Cloud(monkeypatch, *[failure] * 9)
    with pytest.raises(StackFailedError) as caught:
        carry_out(tmp_path, [], minutes)
    assert (caught.value.status, caught.value.cause) == failure
    assert cloud.executed == executed


FASTER = (BUSY, f"stack {NAME}: another deploy was faster")


def test_a_deploy_that_waits_begins_anew_after_one_that_was_faster(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    cloud, told = Cloud(monkeypatch, *[FASTER] * 4), list[str]()
    assert carry_out(tmp_path, told, wait=True) == "CREATE_COMPLETE"
    assert cloud.executed == 5  # not bounded by the attempts that a transient failure has
    assert told == [f"{FASTER[1]}: beginning anew after it"] * 4


@pytest.mark.parametrize(("wait", "minutes"), [(False, 60.0), (True, 0.0)])
def test_a_deploy_that_does_not_wait_says_that_another_was_faster(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, wait: bool, minutes: float
) -> None:
    cloud = Cloud(monkeypatch, FASTER)
    with pytest.raises(StackBusyError, match="another deploy was faster"):
        carry_out(tmp_path, [], minutes, wait)
    assert cloud.executed == 1
