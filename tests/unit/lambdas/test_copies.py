"""What stands twice: a function is one file, which `aws cloudformation package` uploads by its folder."""

from __future__ import annotations

import inspect

import pytest

from covidlake.report import ingestion_report
from infra.common import partitions
from tests.unit.lambdas.conftest import load_handler

START, CHECK = load_handler("start_crawler"), load_handler("check_crawler")


@pytest.mark.parametrize("name", ["glue", "call", "CrawlerNotFoundError", "CrawlerUnavailableError"])
def test_both_functions_call_glue_in_the_same_way(name: str) -> None:
    assert inspect.getsource(getattr(START, name)) == inspect.getsource(getattr(CHECK, name))


@pytest.mark.parametrize("name", ["FIRST_WAIT_SECONDS", "TRANSIENT_CODES"])
def test_both_functions_have_the_same_constants(name: str) -> None:
    assert getattr(START, name) == getattr(CHECK, name)


@pytest.mark.parametrize("consoles", [CHECK.CONSOLES, ingestion_report.CONSOLES], ids=["function", "report"])
def test_links_lead_to_the_console_of_each_partition(consoles: dict[str, str]) -> None:
    assert {"aws": "console.aws.amazon.com", **consoles} == partitions.CONSOLES
