"""The job's arguments: what is accepted, and one line for what is not."""

from __future__ import annotations

import pytest

from ingestion.arguments import Arguments
from ingestion.errors import InvalidArgumentError
from ingestion.state.storage import Prefix

VALID = {
    "dataset": "uk_covid",
    "run_id": "8f1c0e1e-9d_2.3",
    "load_mode": "incremental",
    "from_date": "any",
    "to_date": "any",
    "allow_removal": "false",
    "areas": "*",
    "source_root": "s3://covid19-lake/",
    "lake_root": "s3://lake/test",
}


def test_valid_arguments() -> None:
    arguments = Arguments.parse(VALID)

    assert (arguments.areas, arguments.load_mode) == ((), "incremental")
    assert arguments.dates.is_open
    assert (arguments.source_root, arguments.lake_root) == (Prefix("covid19-lake"), Prefix("lake", "test/"))


def test_areas_are_trimmed_and_told_once() -> None:
    assert Arguments.parse(VALID | {"areas": " England,E12000007 ,england"}).areas == ("england", "e12000007")


@pytest.mark.parametrize(
    ("name", "value", "cure"),
    [
        ("load_mode", "fast", "use incremental or full"),
        ("from_date", "7.12.2022", "YYYY-MM-DD"),
        ("from_date", "2022-02-30", "YYYY-MM-DD"),
        ("to_date", "", "YYYY-MM-DD"),
        ("to_date", "latest", "YYYY-MM-DD"),
        ("allow_removal", "yes", "use true or false"),
        ("areas", "", "names or codes, comma separated"),
        ("areas", "England,,Wales", "names or codes, comma separated"),
        ("areas", "England,*", "must be the only one"),
        ("run_id", "../other", "letters, digits"),
        ("run_id", "", "letters, digits"),
        ("source_root", "covid19-lake", "s3://BUCKET/"),
        ("lake_root", "s3://", "s3://BUCKET/"),
    ],
)
def test_an_error_names_the_argument_the_value_and_the_cure(name: str, value: str, cure: str) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        Arguments.parse(VALID | {name: value})

    message = str(caught.value)
    assert message.startswith(f"--{name} `{value}`: ")
    assert cure in message
    assert "\n" not in message
