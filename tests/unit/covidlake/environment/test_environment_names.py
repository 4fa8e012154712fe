"""No two environments of an account may have names of which one covers the other's resources."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from covidlake.base import project
from covidlake.base.errors import EnvironmentFileError
from covidlake.environment import environment_names
from infra.bootstrap.template import build_template
from infra.common import names


def files(*stems: str) -> list[Path]:
    return [project.ENVIRONMENTS / f"{stem}.yaml" for stem in stems]


@pytest.mark.parametrize(
    ("stems", "named"),
    [
        (("prod", "prod-eu"), "prod-eu.yaml: the roles of prod would reach what prod-eu owns"),
        (("a1", "a1-b", "c1"), "a1-b.yaml: the roles of a1 would reach what a1-b owns"),
        (("dev", "pr-8"), "pr-8.yaml: 'pr-8' is no name of an environment"),
        (("preview",), "preview.yaml: 'preview' is kept for the stacks of pull requests"),
        (("artifacts",), "artifacts.yaml: 'artifacts' is no name"),
        (("bootstrap-x",), "bootstrap-x.yaml: 'bootstrap-x' is no name"),
        (("production-two",), "production-two.yaml: 'production-two' is no name .* must be 2 to 13 "),
        (("x",), "x.yaml: 'x' is no name"),
    ],
)
def test_files_that_overlap_or_are_no_names_are_named(stems: tuple[str, ...], named: str) -> None:
    with pytest.raises(EnvironmentFileError, match=named) as caught:
        environment_names.check_files(files(*stems))
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith("rename the file")
    assert caught.value.exit_code == 3


def test_names_that_only_look_alike_are_taken() -> None:
    environment_names.check_files(files("dev", "devil", "prod", "produce", "eu-dev", "eu-prod"))


@pytest.mark.parametrize(("name", "others"), [("dev-eu", ["dev"]), ("dev", ["dev-eu", "prod"])])
def test_a_new_environment_keeps_apart_from_those_of_the_account(name: str, others: list[str]) -> None:
    with pytest.raises(EnvironmentFileError, match="the roles of dev would reach what dev-eu owns"):
        environment_names.check_beside(name, others)
    environment_names.check_beside("preview", others)


def test_others_of_the_account_that_overlap_are_not_this_ones_fault() -> None:
    environment_names.check_beside("prod", ["dev", "dev-eu", "prod"])


def test_lint_bootstrap_and_the_stack_have_one_rule() -> None:
    parameter = build_template().to_dict()["Parameters"]["Environment"]
    assert parameter["AllowedPattern"] == names.ENVIRONMENT_PATTERN
    for length in (2, names.ENVIRONMENT_LENGTH, names.ENVIRONMENT_LENGTH + 1):
        name = "a" * length
        taken = length <= parameter["MaxLength"] and bool(re.fullmatch(parameter["AllowedPattern"], name))
        assert (environment_names.fault_of(name) is None) == taken
    # What CloudFormation keeps of a stack's name in the names that it makes.
    assert len(project.stack_name("a" * names.ENVIRONMENT_LENGTH)) == 24
