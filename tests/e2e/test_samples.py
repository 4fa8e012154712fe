"""The outputs in the documents are those that the commands print today."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs import samples
from tests.checkout import copy_to

TESTED = [sample for sample in samples.SAMPLES if sample.tested]


@pytest.mark.parametrize("sample", TESTED, ids=lambda sample: sample.name)
def test_a_sample_is_what_its_command_prints(sample: samples.Sample, tmp_path: Path) -> None:
    made = samples.made(sample, copy_to(tmp_path / "checkout"))
    assert samples.normal(sample.block()) == samples.normal(made), "run: make docs-samples"
