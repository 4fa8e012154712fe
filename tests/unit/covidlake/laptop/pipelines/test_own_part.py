"""A pipeline's own part of the loop: what is wrong with a wish is said before anything is built."""

from __future__ import annotations

import pytest

from covidlake.base.errors import DataSetError, EnvironmentFileError, SourceError
from covidlake.laptop import pipelines
from covidlake.laptop.pipelines.own_part import Wanted

OWN = "postgresql://me:hidden@127.0.0.1:1/shop"


@pytest.mark.parametrize(
    ("wanted", "error", "said"),
    [
        (Wanted("exports/dev"), EnvironmentFileError, "takes ingestion and segmentation through"),
        (Wanted("segmentation/nope"), EnvironmentFileError, "no such environment"),
        (Wanted("dev", database=OWN), SourceError, "dev reads no database: covidlake run segmentation/dev"),
        (Wanted("dev", data_sets="nope"), DataSetError, "no data set 'nope'"),
        (Wanted("segmentation/dev", data_sets="*"), DataSetError, "has tables, no data sets"),
        (Wanted("segmentation/dev", "public"), SourceError, "SOURCE=public: no such source"),
        (Wanted("segmentation/dev", database="mysql://x"), SourceError, "begins with 'mysql'"),
        (Wanted("segmentation/dev", database=OWN), SourceError, "127.0.0.1:1/shop"),
        (Wanted("segmentation/dev", "sample", database=OWN), SourceError, "leave SOURCE out"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(wanted: Wanted, error: type[Exception], said: str) -> None:
    with pytest.raises(error) as refused:
        pipelines.of(wanted)
    assert said in str(refused.value)
    assert "hidden" not in str(refused.value)
