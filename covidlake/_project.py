"""Where things are in the repository, and the names that follow from an environment's name."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build"
TEMPLATE = BUILD / "template.json"
BUNDLE = BUILD / "bundle"
ENVIRONMENTS = ROOT / "environments"
JOBS = ROOT / "jobs"
LAMBDAS = ROOT / "lambdas"
SOURCE_BUCKET = "covid19-lake"
SOURCE_REGION = "us-east-2"


def stack_name(environment: str) -> str:
    return f"covid-lake-{environment}"


def artifact_bucket(account: str, region: str) -> str:
    """The bucket of an account and region for what its stacks run; the template derives the same name."""
    return f"covid-lake-artifacts-{account}-{region}"


def relative(path: Path) -> str:
    """The path as a user would type it in the repository's folder."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
