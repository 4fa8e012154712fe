"""A JVM that has started and warmed up before a job run asks for it."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from localcloud import processes
from localcloud.glue.jobs import class_data, java, settings

ROOT = Path(__file__).parents[3]
WARM_UP = "localcloud.glue.jobs.warm_up"
POLL_SECONDS = 0.02
# The files and folders that a run finds in its folder; all others are the warm-up's.
KEPT = frozenset({"script", "stdout", "stderr", "log4j2.properties", "spark.properties"})


@dataclass(frozen=True)
class Connection:
    """How a process reaches the JVM's py4j gateway, and how it ends it."""

    port: int
    secret: str
    process: int


class WaitingJvm:
    """A JVM in the folder that becomes the job run's own, and the client that warms it up.

    Both hold a pipe of this process as their standard input, so they end with it, however it ends.
    """

    def __init__(self, folder: Path, java_process: subprocess.Popen[bytes]) -> None:
        self.folder = folder
        self._java = java_process
        self._client = _start_client(folder)
        self._connection: Connection | None = None

    @classmethod
    def start(cls) -> WaitingJvm:
        """Start a JVM and its warm-up. Raises `JavaNotFoundError`, or `OSError`."""
        folder = Path(tempfile.mkdtemp(prefix="glue-run-")).resolve()
        try:
            return cls(folder, _start_java(folder))
        except BaseException:
            processes.end(folder)
            shutil.rmtree(folder, ignore_errors=True)
            raise

    @property
    def is_usable(self) -> bool:
        """False once the JVM has ended, or its warm-up has failed."""
        return self._java.poll() is None and self._client.poll() in (None, 0)

    @property
    def connection(self) -> Connection:
        """Known once it is settled."""
        assert self._connection is not None
        return self._connection

    def settle(self, timeout: float) -> bool:
        """End the warm-up where it is and clear what it left; says whether a run can have this JVM.

        Of a JVM that has ended the warm-up may not know: it waits for an answer then.
        """
        _close(self._client)
        deadline = time.monotonic() + timeout
        while self._client.poll() is None and self._java.poll() is None and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        if self._client.poll() is None or not self.is_usable:
            return False
        self._connection = Connection(*read_connection(connection_file(self.folder)), self._java.pid)
        _clear(self.folder)
        return True

    def end(self) -> None:
        """End both processes and remove the folder; twice is no error."""
        for process in (self._client, self._java):
            process.kill()
            process.wait()
            _close(process)
        processes.end(self.folder)
        shutil.rmtree(self.folder, ignore_errors=True)


def connection_file(folder: Path) -> Path:
    return folder / "connection"


def read_connection(file: Path) -> tuple[int, str]:
    """Port and secret as Spark writes them: both big endian, the text with its length."""
    content = file.read_bytes()
    return int.from_bytes(content[:4], "big"), content[8:].decode()


def await_connection(folder: Path, timeout: float) -> tuple[int, str]:
    """Wait for the JVM's gateway. Raises `TimeoutError`."""
    deadline = time.monotonic() + timeout
    while not connection_file(folder).exists():
        if time.monotonic() > deadline:
            raise TimeoutError(f"no gateway after {timeout:.0f} s")
        time.sleep(0.05)
    return read_connection(connection_file(folder))


def _start_java(folder: Path) -> subprocess.Popen[bytes]:
    """As pyspark starts one, in the folder that the script will start in, with the run's log files."""
    script = folder / "script"
    script.mkdir()
    environment = _environment(folder)
    environment |= settings.environment(folder, settings.properties(folder), class_data.java_options())
    environment["_PYSPARK_DRIVER_CONN_INFO_PATH"] = str(connection_file(folder))
    submit = str(java.spark_home() / "bin" / "spark-submit")
    command = [submit, *shlex.split(environment["PYSPARK_SUBMIT_ARGS"])]
    # Appending, so that what Java says after the files were emptied does not start behind a gap.
    with (folder / "stdout").open("ab") as stdout, (folder / "stderr").open("ab") as stderr:
        return _started(command, script, environment, stdout, stderr)


def _start_client(folder: Path) -> subprocess.Popen[bytes]:
    environment = _environment(folder) | {
        "SPARK_HOME": str(java.spark_home()),
        "PYSPARK_PYTHON": sys.executable,
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    with (folder / "warm-up.log").open("wb") as log:
        return _started([sys.executable, "-m", WARM_UP, str(folder)], ROOT, environment, log, log)


def _started(
    command: list[str], cwd: Path, environment: dict[str, str], stdout: IO[bytes], stderr: IO[bytes]
) -> subprocess.Popen[bytes]:
    """A process in a group of its own, with a pipe of ours as its standard input."""
    return subprocess.Popen(
        command,
        cwd=cwd,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=stdout,
        stderr=stderr,
        start_new_session=True,
    )


def _environment(folder: Path) -> dict[str, str]:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.defpath])
    return {"PATH": path, "HOME": str(folder), "TMPDIR": str(folder), "LANG": "C.UTF-8"}


def _clear(folder: Path) -> None:
    """Remove all that the warm-up wrote, also from the logs that become the run's."""
    for entry in folder.iterdir():
        if entry.name not in KEPT:
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    for name in ("stdout", "stderr"):
        os.truncate(folder / name, 0)


def _close(process: subprocess.Popen[bytes]) -> None:
    if process.stdin:
        with contextlib.suppress(OSError):
            process.stdin.close()
