"""What the last finished execution was made of: where nothing is new since, there is nothing to do."""

from __future__ import annotations

from typing import Any

from infra.common import step_functions_sdk as sdk
from infra.common.names import STATE_PREFIX
from infra.common.states.building_blocks import S3_ERRORS, TIMEOUT, catch, jsonata, retry, text
from infra.common.states.verification import READ_TIMEOUT_SECONDS
from infra.segmentation.roles import DONE
from infra.segmentation.states.validation import INCREMENTAL

KEY = STATE_PREFIX + DONE
_LOGS = text("the object s3://${LakeBucket}/" + KEY)
# What else decides the result: another value of one of these makes it anew. The code is known by its digest.
SETTINGS = "'${Segments} ${MinSegments} ${MaxSegments} ${GoneCustomers} ${DatabasePlace} ${Code}'"
_SAME_TABLES = (
    "$count($keys($done.revisions)) = $count($dataSets) and "
    "$count($dataSets[$lookup($done.revisions, dataset) = run.revision]) = $count($dataSets)"
)


def nothing_new(outcomes: Any, otherwise: Any, failed_as_a_whole: Any) -> sdk.Choice:
    """To the outcomes where no table changed since an execution was finished with these very revisions."""
    same = sdk.Choice("SameAsDone", comment="The last finished execution was made of just this")
    condition = f"$done.settings = {SETTINGS} and {_SAME_TABLES}"
    same.add_choice(sdk.Condition(jsonata(condition)), outcomes)
    same.default_choice(otherwise)
    choice = sdk.Choice("AnythingNew", comment="A table that changed, or an execution that is to do it all")
    unchanged = "$count($dataSets[run.status = 'NOTHING_NEW']) = $count($dataSets)"
    choice.add_choice(
        sdk.Condition(jsonata(f"$mode = '{INCREMENTAL}' and {unchanged}")),
        _read_done(same, otherwise, failed_as_a_whole),
    )
    choice.default_choice(otherwise)
    return choice


def _read_done(then: Any, never_done: Any, failed_as_a_whole: Any) -> sdk.Task:
    read = sdk.Task(
        "ReadDone",
        comment="No execution may have been finished yet",
        resource=sdk.resource("aws-sdk:s3:getObject"),
        arguments={"Bucket": "${LakeBucket}", "Key": KEY},
        timeout_seconds=READ_TIMEOUT_SECONDS,
        assign={"done": jsonata("$parse($states.result.Body)")},
        retry=[retry((*S3_ERRORS, TIMEOUT))],
        catch=[
            sdk.Catch(error_equals=["S3.NoSuchKeyException"], next_step=never_done),
            catch("ReadDone", failed_as_a_whole, "problem", _LOGS),
        ],
    )
    read.next(then)
    return read


def write_done(then: Any, failed_as_a_whole: Any) -> sdk.Task:
    """What the next execution compares itself with."""
    revisions = "$merge($dataSets[dataset in $datasets].{dataset: run.revision})"
    write = sdk.Task(
        "WriteDone",
        comment="All is done: the next execution has something to do only where this changes",
        resource=sdk.resource("aws-sdk:s3:putObject"),
        arguments={
            "Bucket": "${LakeBucket}",
            "Key": KEY,
            "ContentType": "application/json",
            "Body": {
                "run_id": jsonata("$runId"),
                "revisions": jsonata(revisions),
                "settings": jsonata(SETTINGS),
            },
        },
        timeout_seconds=READ_TIMEOUT_SECONDS,
        retry=[retry((*S3_ERRORS, TIMEOUT))],
        catch=[catch("WriteDone", failed_as_a_whole, "problem", _LOGS)],
    )
    write.next(then)
    return write
