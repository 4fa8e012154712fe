"""Names that follow from an environment's name, and paths as a user would type them."""

from __future__ import annotations

from pathlib import Path

import pytest

from covidlake.base import project


@pytest.mark.parametrize(
    ("environment", "bootstrap", "stack"),
    [
        ("dev", "dev", "covid-lake-dev"),
        ("pr-12", "preview", "covid-lake-pr-12"),
        ("pr-x", "pr-x", "covid-lake-pr-x"),
        ("tiny/dev", "dev", "covid-lake-dev-tiny"),
        ("two_words/dev", "dev", "covid-lake-dev-two-words"),
    ],
)
def test_an_environment_has_a_bootstrap_and_a_stack(environment: str, bootstrap: str, stack: str) -> None:
    assert project.bootstrap_of(environment) == bootstrap
    assert project.stack_name(environment) == stack


def test_a_pull_request_has_an_environment_of_its_own() -> None:
    assert project.bootstrap_of(project.preview_environment(7)) == project.PREVIEW


def test_paths_are_shown_from_the_repository(tmp_path: Path) -> None:
    assert project.relative(project.ENVIRONMENTS / "dev.yaml") == "environments/dev.yaml"
    assert project.relative(tmp_path) == str(tmp_path)


def test_the_folders_are_there() -> None:
    for folder in (project.ENVIRONMENTS, project.INFRA, project.JOBS, project.LAMBDAS):
        assert folder.is_dir()
