"""No command ends in a traceback, hangs, or fails without a word, whatever its arguments and files are.

A run tries a part of the cases, the same ones each time; COVIDLAKE_FUZZ=1 tries all of them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.checkout import copy_to

DRIVER = Path(__file__).with_name("fuzz.py")
SHARE = 0.05
SEED = 14


@pytest.mark.timeout(1800)
def test_bad_arguments_and_bad_files_end_in_one_line_and_a_documented_code(tmp_path: Path) -> None:
    checkout = copy_to(tmp_path / "far" / "below" / "checkout")
    results = tmp_path / "results"
    share = "1" if os.environ.get("COVIDLAKE_FUZZ") else str(SHARE)
    subprocess.run(
        [sys.executable, DRIVER, results, share, str(SEED)],
        cwd=checkout,
        env=os.environ | {"PYTHONPATH": f"{checkout}:{checkout / 'jobs'}", "HOME": str(tmp_path)},
        check=True,
    )
    *broken, end = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
    assert end["tried"] > 300
    assert broken == []
