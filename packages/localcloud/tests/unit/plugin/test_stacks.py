"""A resource of a stack that its service refuses fails, when it is made and when it is changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from localcloud.plugin import stacks

KIND = "Test::Thing"


@pytest.fixture
def handler(monkeypatch: pytest.MonkeyPatch) -> Mapping[str, Any]:
    """ministack's for a type of its own, which tells what it is called with."""
    from ministack.services.cloudformation import provisioners

    calls = {
        "create": lambda *given: ("made", given),
        "update": lambda *given, **named: ("new", given, named),
    }
    monkeypatch.setitem(provisioners._RESOURCE_HANDLERS, KIND, calls)
    stacks.look_at(KIND, lambda given: f"{given['Name']} is bad" if given["Name"] == "bad" else None)
    return calls


def test_a_good_one_is_handed_on_as_it_is(handler: Mapping[str, Any]) -> None:
    good = {"Name": "good"}
    assert handler["create"]("Id", good, "stack") == ("made", ("Id", good, "stack"))
    changed = handler["update"]("id", {"Name": "bad"}, good, "stack", logical_id="Id")
    assert changed == ("new", ("id", {"Name": "bad"}, good, "stack"), {"logical_id": "Id"})


def test_a_bad_one_fails_with_the_reason(handler: Mapping[str, Any]) -> None:
    bad = {"Name": "bad"}
    with pytest.raises(ValueError, match="bad is bad"):
        handler["create"]("Id", bad, "stack")
    with pytest.raises(ValueError, match="bad is bad"):
        handler["update"]("id", {"Name": "good"}, bad, "stack")
