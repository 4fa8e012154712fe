"""The function that compares the crawl of the database with the described tables."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.lambdas.conftest import Load

DESCRIBED = ["crm_customers=crm.customers", "sales_orders=sales.orders", "sales_refunds=sales.refunds"]
NAMES = [one.partition("=")[0] for one in DESCRIBED]


def event(**more: Any) -> dict[str, Any]:
    whole = {"tables": NAMES, "described": DESCRIBED, "tables_per_run": 2, "catalog": "lake_source"}
    return {**whole, "database": "shop", **more}


def table(place: str, **parameters: str) -> dict[str, Any]:
    name = f"shop_{place.replace('.', '_')}"
    return {
        "Name": name,
        "StorageDescriptor": {"Location": f"shop.{place}"},
        "Parameters": {"classification": "postgresql", **parameters},
    }


def find(load: Load, found: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    module, stub = load("find_tables")
    stub.add_response("get_tables", {"TableList": found}, {"DatabaseName": "lake_source"})
    answer: dict[str, Any] = module.handler(event(**more), None)
    return answer


def test_what_is_there_is_parted_among_job_runs(load: Load) -> None:
    found = find(load, [table("crm.customers"), table("sales.orders"), table("sales.refunds")])
    assert found == {
        "tables": NAMES,
        "job_runs": [{"datasets": NAMES[:2]}, {"datasets": NAMES[2:]}],
        "undescribed": [],
        "missing": [],
    }


def test_what_is_described_and_was_not_found_is_missing(load: Load) -> None:
    gone = table("sales.orders", DEPRECATED_BY_CRAWLER="1700000000")
    found = find(load, [table("crm.customers"), gone, table("sales.refunds")])
    assert found["missing"] == [{"name": "sales_orders", "place": "sales.orders"}]
    assert found["job_runs"] == [{"datasets": ["crm_customers", "sales_refunds"]}]
    assert found["undescribed"] == []


def test_what_was_found_and_is_not_described_is_said(load: Load) -> None:
    nowhere = {"Name": "shop_sales_notes"}
    found = find(load, [table("crm.newsletter"), nowhere, table("crm.customers")], tables=["crm_customers"])
    assert found["undescribed"] == ["crm.newsletter", "shop_sales_notes"]
    assert found["tables"] == ["crm_customers"]


def test_many_that_are_not_described_are_counted(load: Load) -> None:
    found = find(load, [table(f"crm.t{number:03}") for number in range(60)], tables=[])
    assert len(found["undescribed"]) == 51
    assert found["undescribed"][-1] == "and 10 more"


def test_nothing_found_is_no_job_run(load: Load) -> None:
    found = find(load, [])
    assert (found["job_runs"], len(found["missing"])) == ([], 3)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (None, "lacks catalog, database, described, tables, tables_per_run"),
        ({"tables": []}, "lacks catalog"),
    ],
)
def test_a_broken_event_is_refused(load: Load, given: Any, said: str) -> None:
    module, _ = load("find_tables")
    with pytest.raises(module.InvalidEventError, match=said):
        module.handler(given, None)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"described": ["crm_customers"]}, "expected NAME=SCHEMA.TABLE"),
        ({"tables": ["nothing"]}, "'nothing'.* not described"),
    ],
)
def test_what_does_not_fit_together_is_refused(load: Load, more: dict[str, Any], said: str) -> None:
    module, stub = load("find_tables")
    if "tables" in more:
        stub.add_response("get_tables", {"TableList": []})
    with pytest.raises(module.InvalidEventError, match=said):
        module.handler(event(**more), None)


@pytest.mark.parametrize(("code", "status"), [("ThrottlingException", 400), ("Whatever", 503)])
def test_glue_that_is_down_is_asked_again(load: Load, code: str, status: int) -> None:
    module, stub = load("find_tables")
    stub.add_client_error("get_tables", code, http_status_code=status)
    with pytest.raises(module.FindTablesUnavailableError):
        module.handler(event(), None)


def test_a_refusal_stays_what_it_is(load: Load) -> None:
    module, stub = load("find_tables")
    stub.add_client_error("get_tables", "AccessDeniedException", "no", http_status_code=400)
    with pytest.raises(Exception, match="AccessDeniedException"):
        module.handler(event(), None)
