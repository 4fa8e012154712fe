"""The awsglue stand-in answers as AWS's own package does; what needs Glue's Java says so."""

from __future__ import annotations

import argparse
import importlib.util
import sys
from collections.abc import Callable
from typing import Any

import pytest

from localcloud.glue.jobs import awsglue_stand_in
from localcloud.glue.jobs.frames import job
from localcloud.glue.jobs.frames.refusing import NotAvailableError

RANGE = ["--job-bookmark-from", "1", "--job-bookmark-to", "2"]
COMMAND_LINES: list[tuple[list[str], list[str]]] = [
    (["s", "--a", "1", "--b", "two words"], ["a", "b"]),
    (["s", "--a=1", "--other", "x"], ["a"]),
    (["s", "--JOB_NAME", "j", "--JOB_RUN_ID", "jr", "--JOB_ID", "id", "--a", ""], ["JOB_NAME", "a"]),
    (["s", "--TempDir", "s3://t", "--a", "1"], ["TempDir", "a"]),
    (["s", "--RedshiftTempDir", "s3://r"], ["RedshiftTempDir"]),
    (["s"], ["TempDir"]),
    (["s", "--sourc", "x"], ["source"]),
    (["s", "--source", "x", "--source", "y"], ["source"]),
    (["s", "--job-bookmark-option", "job-bookmark-enable"], []),
    (["s", "--continuation-option", "continuation-readonly"], []),
    (["s", "--job-bookmark-option", "nonsense"], []),
    (["s", "--job-bookmark-option", "job-bookmark-pause", "--job-bookmark-from", "1"], []),
    (["s", *RANGE], []),
    (["s", "--job-bookmark-option", "job-bookmark-pause", *RANGE], []),
    (["s", "--enable-data-lineage", "x", "--encryption-type", "sse-s3"], []),
    (["s"], ["missing"]),
    (["s", "--a"], ["a"]),
    (["s", "--a", "--b", "1"], ["a", "b"]),
    (["s", "--job-bookmark-option", "x"], ["job-bookmark-option"]),
    (["s"], ["job-bookmark-from"]),
    (["s", "--JOB_RUN_ID", "x"], ["JOB_RUN_ID"]),
    (["s", "--a-b", "1"], ["a-b"]),
]  # fmt: skip


def outcome(resolve: Callable[..., dict[str, Any]], arguments: list[str], options: list[str]) -> Any:
    """What comes back, or the kind of error: argparse's own words differ between its releases."""
    try:
        return resolve(arguments, options)
    except (RuntimeError, argparse.ArgumentError) as error:
        return type(error).__name__
    except Exception as error:
        return type(error).__name__, str(error)


@pytest.mark.parametrize(("arguments", "options"), COMMAND_LINES)
def test_same_answer_as_the_package_of_aws(arguments: list[str], options: list[str]) -> None:
    utils = pytest.importorskip("awsglue.utils", reason="awsgluedataplanepython wants Python 3.11")
    real = outcome(utils.getResolvedOptions, arguments, options)
    assert outcome(awsglue_stand_in.getResolvedOptions, arguments, options) == real


def test_missing_argument_is_an_error_of_its_own() -> None:
    with pytest.raises(awsglue_stand_in.GlueArgumentError, match="--source"):
        awsglue_stand_in.getResolvedOptions(["s"], ["source"])


@pytest.fixture
def no_awsglue(monkeypatch: pytest.MonkeyPatch) -> None:
    """An interpreter that has not imported awsglue, whether it is installed or not."""
    modules = {name: module for name, module in sys.modules.items() if not name.startswith("awsglue")}
    monkeypatch.setattr(sys, "modules", modules)
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))


@pytest.mark.usefixtures("no_awsglue")
def test_the_stand_in_comes_before_the_package() -> None:
    awsglue_stand_in.install()
    utils = importlib.import_module("awsglue.utils")
    assert utils.getResolvedOptions is awsglue_stand_in.getResolvedOptions
    assert utils.GlueArgumentError is awsglue_stand_in.GlueArgumentError
    assert importlib.util.find_spec("awsglue") is not None
    for module in ("gluetypes", "ml", "data_source"):
        with pytest.raises(ImportError, match=f"awsglue.{module} is not available.*SparkSession"):
            importlib.import_module(f"awsglue.{module}")


@pytest.mark.usefixtures("no_awsglue")
def test_contexts_frames_jobs_and_transforms_are_ours() -> None:
    awsglue_stand_in.install()
    assert importlib.import_module("awsglue.job").Job is job.Job
    frames = importlib.import_module("awsglue.dynamicframe")
    assert importlib.import_module("awsglue").DynamicFrame is frames.DynamicFrame
    names = importlib.import_module("awsglue.transforms").__all__
    assert {"ApplyMapping", "Join", "Relationalize", "ResolveChoice"} <= set(names)


def test_a_run_that_asks_for_bookmarks_is_refused() -> None:
    with pytest.raises(NotAvailableError, match="job bookmarks"):
        job.Job(None).init("j", {"job_bookmark_option": "job-bookmark-enable"})
    job.Job(None).init("j", {"job_bookmark_option": "job-bookmark-disable"})
