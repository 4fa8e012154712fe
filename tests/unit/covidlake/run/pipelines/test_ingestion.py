"""What an ingestion of data sets is asked for, and what a job run of it took."""

from __future__ import annotations

import pytest

from covidlake.base.errors import DataSetError
from covidlake.run.pipelines import ingestion
from covidlake.run.pipelines.pipeline import Asked


def test_what_is_asked_becomes_the_input() -> None:
    asked = Asked(data_sets=("uk_covid",), first="latest", allow_removal=True)
    assert ingestion.request(asked, "dev").content() == {
        "mode": "incremental",
        "datasets": ["uk_covid"],
        "from": "latest",
        "allow_removal": True,
    }


def test_a_wrong_name_is_refused() -> None:
    with pytest.raises(DataSetError, match="did you mean uk_covid"):
        ingestion.request(Asked(data_sets=("uk_covd",)), "dev")


def test_a_job_run_says_its_data_sets() -> None:
    assert ingestion.PIPELINE.taken({"--datasets": "a,b"}) == ["a", "b"]
    assert ingestion.PIPELINE.taken({}) == []
