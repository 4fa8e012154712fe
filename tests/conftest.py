"""What every room's tests may use."""

import os
from pathlib import Path

import pytest

from tests.environment import REAL_DATA, REAL_LAKE, forget_the_caller

forget_the_caller()
# Little data and many short jobs: Java is to start fast rather than to compute fast.
os.environ.setdefault("LOCALCLOUD_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """A folder with `covid19-lake/`, real objects of the public lake."""
    if not REAL_LAKE.is_dir():
        pytest.skip(f"no real objects in {REAL_DATA}; set COVIDLAKE_REAL_DATA")
    return REAL_DATA
