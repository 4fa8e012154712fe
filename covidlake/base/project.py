"""Paths of the repository, and the names that follow from an environment's name."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
TEMPLATE = BUILD / "template.json"
BUNDLE = BUILD / "bundle"
ENVIRONMENTS = ROOT / "environments"
INFRA = ROOT / "infra"
JOBS = ROOT / "jobs"
LAMBDAS = ROOT / "lambdas"
SOURCE_BUCKET = "covid19-lake"
SOURCE_REGION = "us-east-2"

MAIN_PIPELINE = "ingestion"  # its environments have short names: `dev`; those of others are `<pipeline>/dev`
PREVIEW = "preview"  # the bootstrap that all throw-away stacks of pull requests share


def preview_environment(pull_request: int) -> str:
    """The environment of a pull request's own stack."""
    return f"pr-{pull_request}"


def bootstrap_of(environment: str) -> str:
    """The environment whose bootstrap an environment uses: its own, or that of all pull requests.

    All pipelines of an environment share it.
    """
    name = environment.rpartition("/")[2]
    return PREVIEW if re.fullmatch(r"pr-[0-9]+", name) else name


def stack_name(environment: str) -> str:
    """`dev` -> `covid-lake-dev`, `tiny/dev` -> `covid-lake-dev-tiny`.

    Names of environments never overlap, so what begins with `covid-lake-dev-` is dev's own.
    """
    pipeline, _, name = environment.rpartition("/")
    return "-".join(filter(None, ("covid-lake", name, pipeline.replace("_", "-"))))


def artifact_bucket(account: str, region: str) -> str:
    """The bucket of an account and region for what its stacks run; the template derives the same name."""
    return f"covid-lake-artifacts-{account}-{region}"


def relative(path: Path) -> str:
    """The path as a user would type it in the repository's folder."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
