"""The answer to what this cloud does not do."""

from __future__ import annotations

import json

from localcloud.plugin import unsupported


def test_a_refusal_names_the_operation() -> None:
    status, headers, body = unsupported.refusal("glue", "StartWorkflowRun", "nothing would run")
    assert (status, headers["x-amzn-errortype"]) == (501, "UnsupportedOperation")
    assert "glue:StartWorkflowRun" in json.loads(body)["message"]
