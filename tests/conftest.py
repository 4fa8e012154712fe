"""What every room's tests may use."""

import os
from pathlib import Path

import pytest

# Little data and many short jobs: Java is to start fast rather than to compute fast.
os.environ.setdefault("LOCALCLOUD_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def real_data() -> Path:
    """A folder with `covid19-lake/`, real objects of the public lake, which the repository never holds."""
    folder = Path(os.environ.get("COVIDLAKE_REAL_DATA", ROOT.parent / "shared" / "data"))
    if not (folder / "covid19-lake").is_dir():
        pytest.skip(f"no real objects in {folder}; set COVIDLAKE_REAL_DATA")
    return folder
