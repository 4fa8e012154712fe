"""What an older version of the stack left behind is named with what to do about it."""

from __future__ import annotations

import pytest

from covidlake.base.errors import DeployError
from covidlake.ship.stack import change_set_request
from covidlake.ship.stack.change_set import ChangeSet
from covidlake.ship.stack.hints import hint
from covidlake.ship.stack.validations import Validation, Validations

WANTED = "aws glue delete-table --database-name covid_lake_dev --name runs"


@pytest.mark.parametrize(
    "cause",
    [
        "RunsTable: Resource of type 'AWS::Glue::Table' '1|covid_lake_dev|runs' already exists.",
        "RunsTable (AWS::Glue::Table): NAME_CONFLICT_VALIDATION at /Resources/RunsTable: runs already exists",
        "RunsTable: AlreadyExistsException",
    ],
)
def test_a_table_that_the_function_made_is_to_be_deleted(cause: str) -> None:
    assert hint("covid-lake-dev", cause).endswith(WANTED)


def test_so_is_one_that_somebody_made_by_hand() -> None:
    said = hint("covid-lake-dev", "LineageEventsTable: AlreadyExistsException")
    assert said.endswith("--name lineage_events")


@pytest.mark.parametrize(
    "cause", ["Bucket: RunsTable already exists", "RunsTable: denied", "RunsTables: already exists"]
)
def test_of_anything_else_nothing_is_known(cause: str) -> None:
    assert hint("covid-lake-dev", cause) == ""


def test_a_change_set_that_is_refused_early_says_it_as_well() -> None:
    conflict = Validation(
        "RunsTable", "AWS::Glue::Table", "NAME_CONFLICT_VALIDATION", "", "FAILED", "FAIL", "it already exists"
    )
    with pytest.raises(DeployError, match=f"validation failed: .*{WANTED}$"):
        change_set_request._refuse(
            ChangeSet("covid-lake-dev", "first", "UPDATE"), {"Status": "FAILED"}, Validations((conflict,))
        )
