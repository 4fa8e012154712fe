"""The tests' own settings, and what they never see: those of whoever runs them."""

import os
import re
from pathlib import Path

KNOBS = {
    "COVIDLAKE_BROWSER",
    "COVIDLAKE_FUZZ",
    "COVIDLAKE_KILLS",
    "COVIDLAKE_PROVE",
    "COVIDLAKE_REAL_DATA",
    "COVIDLAKE_REPLAY_DAYS",
    "COVIDLAKE_TRANSACTIONS",
}
# `make prove` sets it: what `make test` samples is tried whole, and Spark compiles all expressions.
PROVE = bool(os.environ.get("COVIDLAKE_PROVE"))
FOREIGN = re.compile(
    r"(GITHUB|RUNNER|ACTIONS|AWS|COVIDLAKE|_?TYPER)_.*|PYTHON.*|NEEDS|MAKEFLAGS|MFLAGS|MAKELEVEL"
    r"|NO_COLOR|FORCE_COLOR|PY_COLORS|CLICOLOR.*|TTY_.*|COLUMNS|LINES|TERM|TERMINAL_WIDTH"
)
ROOT = Path(__file__).resolve().parents[1]
# Real objects of the public lake, in a folder `covid19-lake`; the repository never holds any.
REAL_DATA = Path(os.environ.get("COVIDLAKE_REAL_DATA") or ROOT.parent / "shared" / "data")
REAL_LAKE = REAL_DATA / "covid19-lake"


def forget_the_caller() -> None:
    """Called before anything of ours is imported and before workers start: Typer reads some at its import."""
    for name in [name for name in os.environ if FOREIGN.fullmatch(name) and name not in KNOBS]:
        del os.environ[name]
    for name in ("COLUMNS", "LINES"):  # pytest imports readline, which sets them without Python's knowledge
        os.unsetenv(name)
    # The files of the caller's home and the credentials of the machine are settings, too.
    os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
