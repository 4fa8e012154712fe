"""The four thin scripts of the segmentation: Glue's arguments reach the library."""

from __future__ import annotations

import importlib.util
import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest import mock

import pytest

from ingestion.state.datazone import ARGUMENT
from localcloud.glue.jobs import awsglue_stand_in
from segmentation import arguments

JOBS = Path(__file__).parents[3] / "jobs"
SCRIPTS = {
    "extract": arguments.EXTRACT,
    "join": arguments.JOIN,
    "segment": arguments.SEGMENT,
    "write_back": arguments.WRITE_BACK,
}
Main = Callable[[list[str]], None]


@pytest.fixture
def main_of(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Main]]:
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    installed = awsglue_stand_in.install()

    def main_of(name: str) -> Main:
        path = JOBS / f"segmentation_{name}.py"
        specification = importlib.util.spec_from_file_location(path.stem, path)
        assert specification
        assert specification.loader
        module = importlib.util.module_from_spec(specification)
        specification.loader.exec_module(module)
        main: Main = module.main
        return main

    yield main_of
    if installed:  # other tests ask whether AWS's package is there
        del sys.modules["awsglue"], sys.modules["awsglue.utils"]
    for logged in ("segmentation", "ingestion"):
        logger = logging.getLogger(logged)
        logger.handlers, logger.propagate = [], True
        logger.setLevel(logging.NOTSET)


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_argument_reaches_the_job(main_of: Callable[[str], Main], name: str) -> None:
    names = (*SCRIPTS[name], ARGUMENT)
    given = [word for one in (*names, "JOB_NAME") for word in (f"--{one}", f"the-{one}")]
    with mock.patch(f"segmentation.{name}.job.run") as run:
        main_of(name)(["script", "--JOB_RUN_ID", "jr_1", *given])
    (options,) = run.call_args.args
    assert {one: options[one] for one in names} == {one: f"the-{one}" for one in names}
    assert (options["JOB_NAME"], options["JOB_RUN_ID"]) == ("the-JOB_NAME", "jr_1")


def test_what_the_library_says_is_in_the_output(
    main_of: Callable[[str], Main], capsys: pytest.CaptureFixture[str]
) -> None:
    def run(_: object) -> None:
        logging.getLogger("segmentation.join.job").info("joined")

    given = [word for one in (*arguments.JOIN, "JOB_NAME") for word in (f"--{one}", "a")]
    with mock.patch("segmentation.join.job.run", run):
        main_of("join")(["script", "--JOB_RUN_ID", "jr_1", *given])
    assert "INFO joined" in capsys.readouterr().out
