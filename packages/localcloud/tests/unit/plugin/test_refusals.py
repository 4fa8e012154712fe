"""The answer to what this cloud does not do."""

from __future__ import annotations

import json
import re
from pathlib import Path

import localcloud
from localcloud.plugin import refusals

MODULES = sorted(Path(localcloud.__file__).parent.rglob("*.py"))


def test_a_refusal_names_the_operation() -> None:
    status, headers, body = refusals.refusal("glue", "StartWorkflowRun", "nothing would run")
    assert (status, headers["x-amzn-errortype"]) == (501, "UnsupportedOperation")
    assert "glue:StartWorkflowRun" in json.loads(body)["message"]


def test_a_refusal_says_what_and_what_to_do() -> None:
    assert refusals.not_supported("triggers") == "localcloud does not support triggers"
    refused = refusals.UnsupportedError("triggers", "start the job")
    assert str(refused) == "localcloud does not support triggers: start the job"


def test_every_refusal_goes_through_the_one_door() -> None:
    worded = re.compile(r"localcloud (does not|cannot)|not supported (by|on) the local|local crawler")
    others = {path for path in MODULES if path.name != "refusals.py"}
    assert [str(path) for path in others if worded.search(path.read_text(encoding="utf-8"))] == []
