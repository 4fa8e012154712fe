"""Histories of executions, in the shapes of Step Functions' answers."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2026, 11, 20, 4, 15, tzinfo=UTC)


class History:
    """Events one after the other, a second apart; each names the one before it on its path."""

    def __init__(self, start: datetime = START) -> None:
        self.events: list[dict[str, Any]] = []
        self.now = start
        self.add("ExecutionStarted")

    def add(self, kind: str, seconds: float = 1.0, before: int | None = None, **details: Any) -> int:
        self.now += timedelta(seconds=seconds)
        number = len(self.events) + 1
        previous = number - 1 if before is None else before
        self.events.append(
            {"id": number, "previousEventId": previous, "timestamp": self.now, "type": kind, **details}
        )
        return number

    def enter(self, state: str, kind: str = "Task", before: int | None = None) -> int:
        return self.add(f"{kind}StateEntered", before=before, stateEnteredEventDetails={"name": state})

    def leave(self, state: str, kind: str = "Task", output: Any = None) -> int:
        details = {"name": state, "output": json.dumps(output)}
        return self.add(f"{kind}StateExited", stateExitedEventDetails=details)

    def schedule(self, service: str, action: str, **asked: Any) -> int:
        details = {"resourceType": service, "resource": action, "parameters": json.dumps(asked)}
        self.add("TaskScheduled", taskScheduledEventDetails=details)
        return self.add("TaskStarted", 0.0)

    def succeed(self, output: Any, seconds: float = 1.0) -> int:
        return self.add("TaskSucceeded", seconds, taskSucceededEventDetails={"output": json.dumps(output)})

    def fail(self, cause: Any, seconds: float = 1.0) -> int:
        details = {"error": "States.TaskFailed", "cause": json.dumps(cause)}
        return self.add("TaskFailed", seconds, taskFailedEventDetails=details)


def whole() -> History:
    """Find work, a job run, a crawl that is checked once, a query, a message; one data set was loaded."""
    made = History()
    function = "arn:aws:lambda:us-east-2:111122223333:function:covid-lake-dev"
    made.enter("FindWork")
    made.schedule("lambda", "invoke", FunctionName=f"{function}-find-work", Payload={"datasets": []})
    made.succeed({"SdkResponseMetadata": {"RequestId": "call-1"}}, 3.0)
    made.leave("FindWork")
    made.enter("RunJob")
    made.schedule("glue", "startJobRun.sync", JobName="covid-lake-dev-ingestion")
    made.add("TaskSubmitted", taskSubmittedEventDetails={"output": json.dumps({"JobRunId": "jr_1"})})
    made.succeed({"Id": "jr_1", "ExecutionTime": 90, "MaxCapacity": 2.0}, 100.0)
    made.leave("RunJob")
    made.enter("StartCrawler")
    payload = {"crawler": "covid-lake-dev-crawler"}
    made.schedule("lambda", "invoke", FunctionName=f"{function}-start-crawler", Payload=payload)
    made.succeed({"SdkResponseMetadata": {"RequestId": "call-2"}}, 0.5)
    made.leave("StartCrawler")
    made.enter("CheckCrawler")
    made.schedule("lambda", "invoke", FunctionName=f"{function}-check-crawler", Payload=payload)
    made.fail("try again", 0.5)
    made.schedule("lambda", "invoke", FunctionName=f"{function}-check-crawler", Payload=payload)
    made.succeed({"SdkResponseMetadata": {"RequestId": "call-3"}}, 0.5)
    made.leave("CheckCrawler")
    made.enter("CountRows")
    made.schedule("athena", "startQueryExecution.sync", QueryString="SELECT 1")
    scanned = {"StatementType": "DML", "Statistics": {"DataScannedInBytes": 12_345_678}}
    made.succeed({"QueryExecution": scanned})
    made.leave("CountRows")
    made.enter("ReadRunRecord")
    made.schedule("aws-sdk:s3", "getObject", Bucket="lake")
    made.succeed({"Body": "{}"})
    made.leave("ReadRunRecord")
    made.enter("Announce")
    made.schedule("sns", "publish", TopicArn="arn")
    made.succeed({"MessageId": "1"})
    made.leave("Announce")
    made.enter("CollectOutcomes", "Pass")
    made.leave("CollectOutcomes", "Pass", {"outcomes": [{"outcome": "LOADED"}, {"outcome": "NOTHING_NEW"}]})
    return made
