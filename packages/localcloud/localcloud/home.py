"""The folder of one cloud: its lock, its run file, its log, its temporary files and the state it keeps."""

from __future__ import annotations

import contextlib
import fcntl
import importlib.metadata
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from localcloud import processes
from localcloud.errors import LocalCloudError

_ANEW = "reset starts anew, with nothing in it"
_EPHEMERAL_PREFIX = "localcloud-"


@dataclass(frozen=True)
class Run:
    """A cloud that serves: what its server writes into the run file when it is ready."""

    pid: int
    port: int
    region: str
    wait_scale: float
    started_at: str

    @property
    def endpoint_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def facts(self) -> dict[str, object]:
        """Everything known of it, as JSON takes it."""
        return {"endpoint_url": self.endpoint_url, **asdict(self)}


@dataclass(frozen=True)
class Home:
    """Paths inside the folder, and who holds it. Whoever holds the lock is the cloud's server."""

    path: Path

    @property
    def log(self) -> Path:
        return self.path / "server.log"

    @property
    def temporary(self) -> Path:
        """TMPDIR of the server and of every process that it starts."""
        return self.path / "tmp"

    @property
    def state(self) -> Path:
        return self.path / "state"

    @property
    def objects(self) -> Path:
        return self.path / "s3"

    @property
    def databases(self) -> Path:
        return self.path / "databases"

    @property
    def _run_file(self) -> Path:
        return self.path / "run.json"

    @property
    def _state_list(self) -> Path:
        return self.path / "state.list"

    @property
    def _port_file(self) -> Path:
        return self.path / "port"

    def create(self) -> None:
        """Make the folder, with the lock file as the first in it: by that one it is known as a cloud's."""
        self.path.mkdir(parents=True, exist_ok=True)
        self.path.chmod(0o700)
        (self.path / "lock").touch()

    @contextlib.contextmanager
    def hold(self) -> Iterator[None]:
        """Be the server of this home; the lock goes with the process, however it ends.

        Raises `LocalCloudError` when another process holds it.
        """
        self.create()
        with (self.path / "lock").open("a") as lock:
            if not _lock(lock, patience=0.5):  # who only asks whether it is held, holds it for an instant
                raise LocalCloudError(f"a local cloud already runs in {self.path}")
            yield

    def is_held(self) -> bool:
        """Whether a server lives in this home: a run file alone may be left from one that was killed."""
        try:
            with (self.path / "lock").open("r") as lock:
                return not _lock(lock, patience=0)
        except FileNotFoundError:
            return False

    def run(self) -> Run | None:
        """The cloud that serves from this home, or None when there is none or it is not ready yet."""
        try:
            content = self._run_file.read_bytes()
        except FileNotFoundError:
            return None
        if not self.is_held():
            return None
        try:
            return Run(**json.loads(content))
        except (ValueError, TypeError, RecursionError) as error:
            raise LocalCloudError(
                f"{self._run_file} does not say where the cloud runs: end the process that holds "
                f"{self.path / 'lock'}, then start it again"
            ) from error

    def announce(self, run: Run) -> None:
        """Write the run file, whole or not at all, and keep the port for the next start."""
        draft = self._run_file.with_suffix(".new")
        draft.write_text(json.dumps(asdict(run)))
        draft.replace(self._run_file)
        self._port_file.write_text(str(run.port))

    def last_port(self) -> int | None:
        """The port of the last cloud of this home: the queue URLs in its state contain it."""
        with contextlib.suppress(FileNotFoundError, ValueError):
            return int(self._port_file.read_text())
        return None

    def is_empty(self) -> bool:
        """Whether there is no folder yet, or nothing in it."""
        return not self.path.exists() or not any(self.path.iterdir())

    def require_own(self) -> None:
        """Raise `LocalCloudError` for a folder with something else in it than a cloud."""
        if not self.is_empty() and not (self.path / "lock").is_file():
            raise LocalCloudError(f"{self.path} is no folder of a local cloud: name another one with --home")

    def note_state(self) -> None:
        """Write down which files hold the state, so that a later start misses those that are gone."""
        names = sorted(path.name for path in self.state.glob("*.json"))
        draft = self._state_list.with_suffix(".new")
        noted = {"files": names, "objects": self.objects.is_dir(), "ministack": _ministack()}
        draft.write_text(json.dumps(noted))
        draft.replace(self._state_list)

    def check_state(self) -> None:
        """Raise `LocalCloudError` for a state that is damaged or lacks a file: it would come back empty."""
        for path in sorted(self.state.glob("*.json")):
            try:
                json.loads(path.read_text())
            except (ValueError, RecursionError) as error:
                raise LocalCloudError(f"{path} is damaged: {error}: {_ANEW}") from error
        try:
            noted = json.loads(self._state_list.read_text())
            names, objects = list(noted["files"]), bool(noted["objects"])
            writer = str(noted.get("ministack") or _ministack())
        except FileNotFoundError:
            return
        except (ValueError, TypeError, KeyError) as error:
            raise LocalCloudError(f"{self._state_list} is damaged: {error}: {_ANEW}") from error
        if _numbers(writer) > _numbers(_ministack()):
            raise LocalCloudError(
                f"{self.state} was written by ministack {writer}, and {_ministack()} is installed: "
                f"install localcloud again, or {_ANEW}"
            )
        expected = [self.state / str(name) for name in names] + ([self.objects] if objects else [])
        if missing := [str(path) for path in expected if not path.exists()]:
            raise LocalCloudError(f"{missing[0]} is missing: restore it, or {_ANEW}")

    def forget_state(self) -> None:
        """Remove what the cloud keeps between runs."""
        self._state_list.unlink(missing_ok=True)
        for folder in (self.state, self.objects, self.databases):
            shutil.rmtree(folder, ignore_errors=True)

    def sweep(self) -> None:
        """End the processes and remove the files that a server has left, killed or not; state stays."""
        processes.end(self.temporary)
        shutil.rmtree(self.temporary, ignore_errors=True)
        self._run_file.unlink(missing_ok=True)

    def remove(self) -> None:
        """Leave nothing: no process, no file."""
        self.sweep()
        shutil.rmtree(self.path, ignore_errors=True)


def _ministack() -> str:
    """The release that writes the state: an older one cannot read what a newer one wrote."""
    return importlib.metadata.version("ministack")


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".") if part.isdecimal()]


def _lock(file: IO[str], patience: float) -> bool:
    """Take the lock of an open file, trying for `patience` seconds; says whether it was taken."""
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.01)
        else:
            return True


def ephemeral() -> Home:
    """A new home in the temporary folder; those of killed clouds beside it are removed first."""
    parent = Path(tempfile.gettempdir()).resolve()
    for left in parent.glob(f"{_EPHEMERAL_PREFIX}*"):
        if left.stat().st_uid == os.getuid() and (left / "lock").exists() and not Home(left).is_held():
            Home(left).remove()
    return Home(Path(tempfile.mkdtemp(prefix=_EPHEMERAL_PREFIX, dir=parent)))
