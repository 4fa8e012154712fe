"""The class-data archive that halves the time Spark needs to start: made once on a machine."""

from __future__ import annotations

import fcntl
import functools
import hashlib
import logging
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from localcloud.glue.jobs import java, settings

MAKING_TIMEOUT_SECONDS = 300
WORKLOAD = "localcloud.glue.jobs.warm_workload"

_logger = logging.getLogger(__name__)


class ArchiveError(RuntimeError):
    """The class-data archive could not be made; Spark starts without it, only slower."""


def cache_folder() -> Path:
    """`$LOCALCLOUD_CACHE`, or `.cache/localcloud` beside the virtual environment."""
    named = os.environ.get("LOCALCLOUD_CACHE")
    return Path(named) if named else Path(sys.prefix).parent / ".cache" / "localcloud"


def archive() -> str | None:
    """The value of `-XX:SharedArchiveFile` for this Java and this Spark; None while there is no archive."""
    base, top = _archive_files()
    return f"{base}{os.pathsep}{top}" if base.exists() and top.exists() else None


def java_options() -> list[str]:
    """Java's options for a job's Spark: collector, compiler, and the archive where there is one."""
    try:
        present = archive()
    except java.JavaNotFoundError:
        return []  # the script may not need Spark; where it does, its failure names what is missing
    if present is None:
        _say_once("no class-data archive: Spark starts slowly; make it: python -m localcloud.glue.jobs.warm")
        return settings.collector_options()
    return [*settings.collector_options(), *settings.archive_options(present)]


@functools.cache
def _say_once(line: str) -> None:
    _logger.warning(line)


def make_archive(report: Callable[[str], None] = print) -> str:
    """Return the archive, making it first where it is missing; two processes never make it twice.

    Takes half a minute once, on a machine, a Java and a Spark. Raises `ArchiveError`, `JavaNotFoundError`.
    """
    present = archive()
    if present:
        return present
    base, top = _archive_files()
    try:
        base.parent.mkdir(parents=True, exist_ok=True)
        with _locked(base.parent / "archive.lock"):
            if not archive():
                report("localcloud: making Spark's class-data archive, once on this machine (about 30 s)")
                _make(base, top)
    except (OSError, subprocess.SubprocessError) as error:
        reason = _last_line(getattr(error, "stderr", None) or "") or error
        raise ArchiveError(f"localcloud: no class-data archive in {base.parent}: {reason}") from error
    return f"{base}{os.pathsep}{top}"


def _last_line(said: str | bytes) -> str:
    """What a program said last: Java says what went wrong at the end of pages of stack traces.

    Of one that took too long, `subprocess` has bytes, whatever was asked for.
    """
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    lines = text.strip().splitlines()
    return lines[-1].strip() if lines else ""


def _archive_files() -> tuple[Path, Path]:
    jars = java.spark_home() / "jars"
    release = (java.java_home() / "release").read_text()
    workload = Path(__file__).with_name("warm_workload.py").read_text()
    drivers = [f"{jar}:{jar.stat().st_size}" for jar in java.jdbc_jars()]
    identity = "|".join(
        [
            workload,
            release,
            str(java.java_home()),
            str(jars),
            platform.platform(),
            *sorted(_names(jars)),
            *drivers,
        ]
    )
    digest = hashlib.sha256(identity.encode()).hexdigest()[:16]
    folder = cache_folder() / "class-data"
    return folder / f"java-{digest}.jsa", folder / f"spark-{digest}.jsa"


def _names(folder: Path) -> Iterator[str]:
    return (f"{entry.name}:{entry.stat().st_size}" for entry in os.scandir(folder))


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make(base: Path, top: Path) -> None:
    """Dump the JDK's own classes, then what a small Spark job loads on top of them."""
    with tempfile.TemporaryDirectory(prefix="class-data-", dir=base.parent) as work:
        fresh_base, fresh_top = Path(work, base.name), Path(work, top.name)
        program = str(java.java_home() / "bin" / "java")
        _run([program, f"-XX:SharedArchiveFile={fresh_base}", "-Xshare:dump"], dict(os.environ))
        # The top archive records the path of its base, so the base goes to its final place first.
        fresh_base.replace(base)
        _run([sys.executable, "-m", WORKLOAD], _workload_environment(Path(work), base, fresh_top))
        fresh_top.replace(top)


def _workload_environment(work: Path, base: Path, top: Path) -> dict[str, str]:
    options = settings.collector_options()
    options += [f"-XX:SharedArchiveFile={base}", f"-XX:ArchiveClassesAtExit={top}"]
    properties = settings.properties(work) | {"spark.driver.memory": "1g"}
    return dict(os.environ) | settings.environment(work, properties, options)


def _run(command: list[str], environment: dict[str, str]) -> None:
    subprocess.run(
        command,
        cwd=Path(__file__).parents[3],
        env=environment,
        check=True,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=MAKING_TIMEOUT_SECONDS,
    )
