"""The CPU seconds of a program are those of all that it starts."""

from __future__ import annotations

import subprocess
import sys

import pytest

from benchmarks import cpu

# A process that takes its time and says so, below one that ends before it.
BUSY = "import time\nwhile time.process_time() < 0.6: pass\nprint('done')"
STARTS_IT = """
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", sys.argv[1]])
time.sleep(1)
"""
WAITS_FOR_IT = """
import subprocess, sys
subprocess.run([sys.executable, "-c", sys.argv[1], sys.argv[2]], stdout=subprocess.PIPE)
"""


def test_a_process_whose_parent_has_ended_is_counted() -> None:
    seconds = cpu.run([sys.executable, "-c", WAITS_FOR_IT, STARTS_IT, BUSY])
    assert 0.4 < seconds < 5


def test_a_program_that_fails_is_an_error() -> None:
    with pytest.raises(subprocess.CalledProcessError, match="status 3"):
        cpu.run([sys.executable, "-c", "raise SystemExit(3)"])
