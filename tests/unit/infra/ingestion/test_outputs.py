"""What the stack says of itself."""

from __future__ import annotations

from typing import Any


def test_outputs_name_what_a_user_needs_next(template: dict[str, Any]) -> None:
    outputs = template["Outputs"]
    assert set(outputs) >= {
        "CrawlerName",
        "DatabaseName",
        "ExecutionsLink",
        "JobName",
        "LakeBucketName",
        "StateMachineArn",
        "StateMachineLogGroupName",
        "TopicArn",
        "UndeliveredQueueUrl",
        "WorkGroupName",
    }
    assert all(output["Description"] for output in outputs.values())
