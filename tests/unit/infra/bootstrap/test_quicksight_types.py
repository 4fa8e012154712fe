from __future__ import annotations

from typing import Any

from infra.bootstrap import policies
from tests.unit.infra.bootstrap.resolved import statement, statements


def test_only_what_is_named_after_a_stack_is_changed(bootstrap: dict[str, Any]) -> None:
    found = statement(bootstrap, policies.QUICKSIGHT, "QuickSight")
    names = {arn.rpartition(":")[2] for arn in found["Resource"]}
    assert {name.partition("/")[0] for name in names} == {"dashboard", "dataset", "datasource"}
    assert all(name.endswith("-*") for name in names)


def test_no_user_group_or_subscription_is_touched(bootstrap: dict[str, Any]) -> None:
    actions = {action for one in statements(bootstrap, policies.QUICKSIGHT) for action in one["Action"]}
    nouns = ("User", "Group", "Account", "Subscription", "Namespace", "Policy")
    assert not [action for action in actions if any(noun in action for noun in nouns)]
