"""Why a resource failed that would not fail a little later, and how long to wait before the next attempt.

CloudFormation rolls a stack back for each of these. All else is terminal: it would fail again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from covidlake.ship.stack.change_set import Kind

ATTEMPTS = 3  # of one deploy, the first included


@dataclass(frozen=True)
class Transient:
    """What CloudFormation says, what it means, and the seconds after which it should have passed.

    `source` is who has seen it, or AWS's own page. `kinds` are the change sets in which it is transient,
    `attempts` how many a deploy makes, the first included.
    """

    words: str
    meaning: str
    seconds: float
    source: str
    kinds: tuple[Kind, ...] = ("CREATE", "UPDATE")
    attempts: int = ATTEMPTS

    def fits(self, cause: str, kind: Kind) -> bool:
        return kind in self.kinds and re.search(self.words, cause, re.IGNORECASE) is not None


TRANSIENT = (
    Transient(
        r"role defined for the function cannot be assumed by Lambda|does not refer to a valid principal",
        "Lambda does not know the new role yet",
        20.0,
        "https://github.com/epam/aws-syndicate/issues/63",
    ),
    Transient(
        r"unable to assume (the|provided) role|unable to assume role",
        "Glue does not know the new role yet",
        20.0,
        "https://github.com/hashicorp/terraform-provider-aws/issues/30371",
    ),
    Transient(
        r"security token included in the request is invalid\W+\(Service:|retrieve security config",
        "the session of the new role is not known everywhere yet",
        20.0,
        "https://github.com/hashicorp/terraform-provider-aws/issues/50018",
    ),
    Transient(
        r"authorized to assume the provided role",
        "Step Functions does not know the new role yet",
        20.0,
        "https://github.com/go-to-k/cdkd/pull/950",
    ),
    Transient(
        r"not authorized to access the Log Destination",
        "the new role's permissions on the log group do not count yet",
        20.0,
        "https://github.com/go-to-k/cdkd/issues/2783",
    ),
    Transient(
        r"Tags created previously .* deleting state",
        "tags of the deleted resource of this name are still there",
        60.0,
        "https://github.com/hashicorp/terraform-provider-aws/issues/31738",
    ),
    Transient(
        r"Cannot update Crawler while running",
        "a crawl began meanwhile",
        10.0,
        "https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/817",
    ),
    Transient(
        r"conflicting (conditional )?operation is currently in progress",
        "S3 is still at work on the bucket of this name",
        60.0,
        "https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList",
    ),
    Transient(
        r"wait 60 seconds after deleting a queue|State Machine is being deleted",
        "the deleted resource of this name is not gone yet",
        60.0,
        "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html",
    ),
    # The key's own policy counts at once; what roles may do by its alias does not. One more attempt is
    # enough: a right that is missing for good must not take a quarter of an hour to say so.
    Transient(
        r"kms:\w+.*no (identity|resource)-based policy|not authorized to perform: kms:",
        "tags and alias of the new key may take five minutes to count",
        300.0,
        "https://docs.aws.amazon.com/kms/latest/developerguide/abac.html",
        ("CREATE",),
        attempts=2,
    ),
    Transient(
        r"HandlerErrorCode: (NetworkFailure|ResourceConflict|ServiceInternalError|Throttling)\b"
        r"|Rate exceeded",
        "AWS asks to try again",
        30.0,
        "https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-test-contract-errors.html",
    ),
)


def find(cause: str, kind: Kind) -> Transient | None:
    """What makes a failure of a change set of this kind worth another attempt; None when nothing does."""
    return next((one for one in TRANSIENT if one.fits(cause, kind)), None)
