from __future__ import annotations

import pytest

from infra.common import declared_tables


def test_each_is_declared_once_by_its_logical_id() -> None:
    made = declared_tables.declared_tables(["cases"])
    assert {one.title: one.to_dict()["Properties"]["TableInput"]["Name"] for one in made} == (
        declared_tables.TABLES
    )


@pytest.mark.parametrize("name", ["runs", "lineage_events"])
def test_a_data_set_may_not_have_the_name_of_one(name: str) -> None:
    with pytest.raises(
        declared_tables.ReservedNameError, match=f"^{name} is a table of the stack itself$"
    ) as caught:
        declared_tables.declared_tables(["cases", name])
    assert caught.value.hint == "rename its description"
