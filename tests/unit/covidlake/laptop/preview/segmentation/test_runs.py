"""What the jobs are told: what the stack would tell them, by the names that the ref's jobs take."""

from __future__ import annotations

from covidlake.base import project
from covidlake.laptop.preview import descriptions
from covidlake.laptop.preview.segmentation import parameters
from covidlake.laptop.preview.segmentation.runs import STEPS, Side, result_of


def side() -> Side:
    described = descriptions.of(project.JOBS).segmentation
    assert described
    return Side("head", project.JOBS, described, "role")


def test_every_argument_of_every_job_is_known() -> None:
    ours, environment = side(), parameters.of(project.ENVIRONMENTS)[parameters.FIRST]
    for step in STEPS:
        given = ours.arguments(step, "segmentation-dev-head", environment)
        assert set(given) == set(ours.described.arguments[step])
        assert "any" not in given.values()
        assert (project.JOBS / f"segmentation_{step}.py").is_file()


def test_the_parameters_of_the_environment_decide() -> None:
    ours = side()
    given = ours.arguments("segment", "x", {"Segments": "5", "MaxSegments": "6"})
    assert (given["segments"], given["min_segments"], given["max_segments"]) == ("5", "3", "6")
    given = ours.arguments("extract", "x", {"Tables": "sales_orders, crm_customers"})
    assert given["tables"] == "sales_orders,crm_customers"
    assert set(ours.tables({})) == set(ours.described.tables)


def test_each_lake_has_a_result_of_its_own_in_the_database() -> None:
    assert side().arguments("write_back", "segmentation-dev-head", {})["target"] == (
        f"segmentation.{result_of('segmentation-dev-head')}"
    )
    assert result_of("segmentation-dev-head") == "segmentation_dev_head"
