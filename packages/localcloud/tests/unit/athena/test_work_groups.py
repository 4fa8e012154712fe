"""Work groups: their prepared statements, and what they refuse."""

from __future__ import annotations

from typing import Any

import pytest

from localcloud.athena import work_groups
from localcloud.plugin import AwsError

NAME = {"StatementName": "s", "WorkGroup": "w"}


class Statements:
    """ministack's prepared statements; it refuses to make one whose text is `refused`."""

    def __init__(self) -> None:
        self.known: dict[str, dict[str, Any]] = {"s": {"QueryStatement": "SELECT 1", "Description": "one"}}

    def __call__(self, action: str, request: dict[str, Any]) -> dict[str, Any]:
        name = request["StatementName"]
        if action == "CreatePreparedStatement":
            if request["QueryStatement"] == "refused":
                raise AwsError("InvalidRequestException", "no")
            self.known[name] = {key: request.get(key, "") for key in ("QueryStatement", "Description")}
            return {}
        if name not in self.known:
            raise AwsError("ResourceNotFoundException", name)
        if action == "DeletePreparedStatement":
            del self.known[name]
            return {}
        return {"PreparedStatement": self.known[name]}


def test_an_update_takes_the_place_of_a_statement() -> None:
    original = Statements()
    update = work_groups.actions(original)["UpdatePreparedStatement"]
    update({**NAME, "QueryStatement": "SELECT 2"})
    assert original.known == {"s": {"QueryStatement": "SELECT 2", "Description": ""}}
    with pytest.raises(AwsError, match="other"):
        update({**NAME, "StatementName": "other", "QueryStatement": "SELECT 2"})


@pytest.mark.parametrize("text", ["refused", ""])
def test_an_update_that_is_refused_leaves_the_old_statement(text: str) -> None:
    original = Statements()
    with pytest.raises(AwsError) as error:
        work_groups.actions(original)["UpdatePreparedStatement"]({**NAME, "QueryStatement": text})
    assert error.value.code == "InvalidRequestException"
    assert original.known == {"s": {"QueryStatement": "SELECT 1", "Description": "one"}}


PLACED = "-- one\nCREATE TABLE t WITH (format = 'JSON', external_location = 's3://b/t/') AS SELECT 1 AS a"


@pytest.mark.parametrize(
    ("sql", "enforced", "located", "refused"),
    [
        (PLACED, True, True, True),
        (PLACED.replace("TABLE", "/* c */ TABLE /* d */"), True, True, True),
        (PLACED, False, True, False),
        (PLACED, True, False, False),
        ("CREATE TABLE t WITH (format = 'JSON') AS SELECT 'external_location = 1' AS a", True, True, False),
        ("SELECT 'create table t with (external_location = 1)'", True, True, False),
    ],
)
def test_a_work_group_that_enforces_its_location_takes_no_table_elsewhere(
    sql: str, enforced: bool, located: bool, refused: bool
) -> None:
    result = {"OutputLocation": "s3://b/results/"} if located else {}
    configuration = {"EnforceWorkGroupConfiguration": enforced, "ResultConfiguration": result}
    assert ("centralized output location" in work_groups.refusal(sql, configuration)) == refused
