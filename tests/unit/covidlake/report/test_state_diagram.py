"""The state machine as a Mermaid diagram."""

from __future__ import annotations

import re

from covidlake.report import state_diagram
from covidlake.run.execution_history import StateOutcome
from infra.ingestion.states.definition import definition


def test_the_diagram_shows_every_state_and_colours_those_that_were_entered() -> None:
    states = {
        "ValidateInput": StateOutcome("succeeded", 1),
        "RunJobs": StateOutcome("succeeded", 1),
        "RunJob": StateOutcome("caught", 2, 3),
    }
    text = state_diagram.diagram(definition(), states)
    lines = [line.strip() for line in text.splitlines()]
    assert lines[0] == "stateDiagram-v2"
    assert "state RunJobs {" in lines
    assert text.count("{") == text.count("}")
    assert "RunJobs --> ReadRunRecords" in lines
    assert "RunJob --> JobRunFailed: caught" in lines
    assert "RunJob: RunJob (2x, 3 failed attempts)" in lines
    assert "class RunJob caught" in lines
    assert "class RunJobs succeeded" not in lines
    assert not [line for line in lines if line.startswith("ReadRunRecord --> NoRunRecord")]
    for line in lines[1:]:
        assert re.fullmatch(
            r"\[\*\] --> \w+|\w+ --> (\w+|\[\*\])(: caught)?|state \w+ \{|\}|\w+: [\w (),]+"
            r"|classDef \w+ \S+|class \w+ \w+",
            line,
        ), line
