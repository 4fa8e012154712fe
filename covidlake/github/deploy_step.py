"""What a deploy leaves in its step of a workflow: the job summary and the step's outputs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from covidlake.base import workflow
from covidlake.base.text import one_line
from covidlake.github import actions
from covidlake.report.deploy_report import Recorder


@contextmanager
def recorded(environment: str) -> Iterator[Recorder]:
    """Sum a deploy up when it ends, also a failed one; outside of a workflow nothing is written."""
    recorder = Recorder(environment)
    try:
        yield recorder
    except BaseException as error:
        recorder.error = one_line(error) or type(error).__name__
        raise
    finally:
        if workflow.active():
            _write(recorder)


def _write(recorder: Recorder) -> None:
    actions.summary(recorder.markdown())
    if not (done := recorder.deployment):
        return
    actions.output("status", done.status)
    actions.output("digest", done.digest)
    if done.stack:
        actions.output("stack-id", done.stack["StackId"])
