"""What an execution sends to CloudWatch Logs: all of it, however much comes at once."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from localcloud import plugin
from localcloud.cloudwatch import log_events
from localcloud.step_functions.states import logs

GROUP = "arn:aws:logs:eu-west-1:000000000000:log-group:/states:*"
MACHINE = {
    "name": "m",
    "loggingConfiguration": {
        "level": "ALL",
        "includeExecutionData": True,
        "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": GROUP}}],
    },
}


class Recorder:
    """Stands in for CloudWatch Logs: takes or refuses a batch as the service of this cloud does."""

    def __init__(self) -> None:
        self.kept: list[dict[str, Any]] = []

    def create_log_stream(self, **_: str) -> None:
        """A stream needs nothing here."""

    def put_log_events(self, **request: Any) -> None:
        now = int(datetime.now(UTC).timestamp() * 1000)
        self.kept += log_events.accepted(request["logEvents"], None, now)[0]


def test_every_event_of_a_flush_beyond_a_megabyte_arrives(monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = Recorder()
    monkeypatch.setattr(plugin, "client", lambda *_: recorder)
    monkeypatch.setattr(logs.deliveries, "put", lambda delivery: delivery())
    stream = logs.LogStream(MACHINE, "arn:aws:states:eu-west-1:000000000000:execution:m:e")
    for number in range(1, 11):
        stream.add(
            {
                "id": number,
                "previousEventId": number - 1,
                "type": "PassStateEntered",
                "timestamp": datetime.now(UTC).isoformat(),
                "stateEnteredEventDetails": {"name": "P", "input": "x" * 200_000},
            }
        )
    stream.flush()
    assert [json.loads(event["message"])["id"] for event in recorder.kept] == [
        str(number) for number in range(1, 11)
    ]
