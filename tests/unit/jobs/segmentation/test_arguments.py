"""Arguments of the four jobs: what is taken, and what each refusal names."""

from __future__ import annotations

import pytest

from segmentation.arguments import (
    EXTRACT,
    JOIN,
    SEGMENT,
    WRITE_BACK,
    ExtractArguments,
    JoinArguments,
    SegmentArguments,
    WriteBackArguments,
)
from segmentation.errors import InvalidArgumentError

COMMON = {"lake_root": "s3://lake/", "run_id": "run-1"}
GOOD = {
    ExtractArguments: COMMON
    | {
        "tables": "a, b",
        "connection": "c",
        "load_mode": "full",
        "compare_keys": "always",
        "allow_removal": "false",
        "parallel_tables": "4",
    },
    SegmentArguments: COMMON | {"code": "1", "segments": "auto", "min_segments": "3", "max_segments": "8"},
    WriteBackArguments: COMMON | {"connection": "c", "target": "segmentation.customers", "gone": "mark"},
    JoinArguments: COMMON | {"code": "1"},
}


def test_each_job_takes_its_arguments() -> None:
    extract = ExtractArguments.parse(GOOD[ExtractArguments])
    assert (extract.tables, extract.compare_keys, extract.parallel_tables) == (("a", "b"), True, 4)
    assert SegmentArguments.parse(GOOD[SegmentArguments]).segments is None
    written = WriteBackArguments.parse(GOOD[WriteBackArguments])
    assert (written.target, written.mark) == ("segmentation.customers", True)
    names = [EXTRACT, SEGMENT, WRITE_BACK, JOIN]
    assert [set(one) for one in names] == [set(one) for one in GOOD.values()]


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        (JoinArguments, "lake_root", "lake"),
        (JoinArguments, "run_id", "a/b"),
        (ExtractArguments, "tables", "a,,b"),
        (ExtractArguments, "tables", "a,a"),
        (ExtractArguments, "connection", " "),
        (ExtractArguments, "load_mode", "replay"),
        (ExtractArguments, "compare_keys", "true"),
        (ExtractArguments, "allow_removal", "yes"),
        (ExtractArguments, "parallel_tables", "0"),
        (SegmentArguments, "segments", "1"),
        (SegmentArguments, "segments", "13"),
        (SegmentArguments, "min_segments", "9"),
        (SegmentArguments, "max_segments", "x"),
        (WriteBackArguments, "target", "customers"),
        (WriteBackArguments, "target", 'a.b"; drop table c'),
        (WriteBackArguments, "gone", "keep"),
    ],
)
def test_a_refusal_names_argument_and_value(kind: type[JoinArguments], name: str, value: str) -> None:
    with pytest.raises(InvalidArgumentError) as said:
        kind.parse(GOOD[kind] | {name: value})
    assert f"--{name}" in str(said.value)
    assert value.strip() in str(said.value)
