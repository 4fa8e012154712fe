"""A handle on a local cloud: start one for a while, or attach to one that runs in the background."""

from __future__ import annotations

import contextlib
import functools
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from localcloud import packages
from localcloud.errors import LocalCloudError, NotRunningError
from localcloud.home import Home, Run, ephemeral
from localcloud.plugin import faults

ACCOUNT = "000000000000"
DEFAULT_REGION = "us-east-2"
_ROOT_SECRET = "test"  # noqa: S105 - the cloud listens on the loop-back interface only
_READY_SECONDS = 60.0
_STOP_SECONDS = 30.0
_LOG_TAIL_LINES = 8

_session_lock = threading.Lock()


class LocalCloud:
    """A cloud that serves: where it is, how to call it, how to stop it."""

    def __init__(self, home: Home, run: Run, process: subprocess.Popen[bytes] | None = None) -> None:
        self.home = home
        self._run = run
        self._process = process

    @classmethod
    @contextlib.contextmanager
    def ephemeral(
        cls,
        region: str = DEFAULT_REGION,
        wait_scale: float = 1.0,
        warm: bool = False,
        little_data: bool = False,
    ) -> Iterator[LocalCloud]:
        """A cloud of its own on a free port; it ends, and all it holds, with the block or this process.

        `warm` keeps a JVM ready for the next job run, from the start on. With `little_data` Java compiles
        less, which suits some thousand rows. Raises `LocalCloudError` when the cloud does not start.
        """
        home = ephemeral()
        options = ["--ephemeral", "--until-stdin-closes"]
        options += [name for name, on in (("--warm", warm), ("--little-data", little_data)) if on]
        process = launch(home, *options, region=region, wait_scale=wait_scale)
        try:
            yield cls(home, await_ready(home, process), process)
        finally:
            _end(process)
            home.remove()

    @classmethod
    def running(cls, home: Path) -> LocalCloud:
        """The cloud that `python -m localcloud up` keeps in this home.

        Raises `NotRunningError` when there is none, `LocalCloudError` when the home does not say where it is.
        """
        run = Home(home.resolve()).run()
        if run is None:
            raise NotRunningError(f"no local cloud runs in {home}; start one with: python -m localcloud up")
        return cls(Home(home.resolve()), run)

    @property
    def endpoint_url(self) -> str:
        return self._run.endpoint_url

    @property
    def region(self) -> str:
        return self._run.region

    @property
    def pid(self) -> int:
        return self._run.pid

    def environment(self) -> dict[str, str]:
        """The variables that point AWS SDKs and the AWS CLI at this cloud as the account's root."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": ACCOUNT,
            "AWS_SECRET_ACCESS_KEY": _ROOT_SECRET,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_REGION": self.region,
            "AWS_EC2_METADATA_DISABLED": "true",
            **dict.fromkeys(("NO_PROXY", "no_proxy"), _hosts_without_proxy()),
        }

    def client(self, service: str, credentials: Mapping[str, str] | None = None) -> Any:
        """A boto3 client on this cloud, as root or with the `Credentials` that STS or IAM returned.

        The profile, the configuration files and the proxy of the user's own shell have no part in it.
        """
        from botocore.config import Config

        given = credentials or {"AccessKeyId": ACCOUNT, "SecretAccessKey": _ROOT_SECRET}
        with _session_lock:  # building a client is not thread safe
            return _session().client(
                service,
                endpoint_url=self.endpoint_url,
                region_name=self.region,
                aws_access_key_id=given["AccessKeyId"],
                aws_secret_access_key=given["SecretAccessKey"],
                aws_session_token=given.get("SessionToken"),
                config=Config(
                    s3={"addressing_style": "path"},
                    proxies={},
                    retries={"total_max_attempts": 2},
                    inject_host_prefix=False,  # StartSyncExecution is at a host of its own on AWS
                ),
            )

    def fail(
        self, stack: str, resource: str, reason: str, action: faults.Action = "create", times: int = 1
    ) -> None:
        """Have CloudFormation fail the next `times` that it does this to a resource, by its logical id."""
        for _ in range(times):
            faults.order(self.home.temporary, faults.Fault(stack, resource, action, reason))

    @contextlib.contextmanager
    def long_crawls(self, crawler: str) -> Iterator[None]:
        """Have the crawls of a crawler go on until the end of the block, or until they are stopped."""
        held = faults.hold_crawls(self.home.temporary, crawler)
        try:
            yield
        finally:
            held.unlink()

    def stop(self) -> None:
        """Stop the cloud and wait until it is gone; state is saved when it is kept. Twice is no error."""
        if self._process is not None:
            _end(self._process)
            self.home.remove()
            return
        with contextlib.suppress(ProcessLookupError):
            if self.home.is_held():
                os.kill(self.pid, signal.SIGTERM)
        deadline = time.monotonic() + _STOP_SECONDS
        while self.home.is_held():
            if time.monotonic() > deadline:
                os.kill(self.pid, signal.SIGKILL)
            time.sleep(0.02)
        self.home.sweep()


@functools.cache
def _session() -> Any:
    """A session that reads no profile and no file, made once: a new one parses megabytes of models again."""
    import boto3
    import botocore.session

    core = botocore.session.Session(
        session_vars={
            "profile": (None, None, None, None),
            "config_file": (None, None, os.devnull, None),
            "credentials_file": (None, None, os.devnull, None),
        }
    )
    return boto3.session.Session(botocore_session=core)


def _hosts_without_proxy() -> str:
    """The hosts that the user reaches without a proxy, this machine's own address among them."""
    hosts = [
        host.strip() for host in (os.environ.get("no_proxy") or os.environ.get("NO_PROXY", "")).split(",")
    ]
    return ",".join(dict.fromkeys([*filter(None, hosts), "127.0.0.1"]))


def launch(
    home: Home, *options: str, region: str = DEFAULT_REGION, wait_scale: float = 1.0
) -> subprocess.Popen[bytes]:
    """Start a server of this home in a session of its own, so that Ctrl-C reaches its owner only.

    Its output goes to the log of the home; its standard input is a pipe that closes with this process.
    Raises `LocalCloudError` where the packages that it runs on are not installed.
    """
    packages.require()
    home.create()
    command = [sys.executable, "-m", "localcloud", "serve", "--home", str(home.path)]
    command += ["--region", region, "--wait-scale", str(wait_scale), *options]
    with home.log.open("wb") as log:
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=Path(__file__).parents[1],
            start_new_session=True,
        )


def await_ready(home: Home, process: subprocess.Popen[bytes]) -> Run:
    """Wait until the server serves. Raises `LocalCloudError` with the end of its log when it dies first."""
    try:
        return _poll_ready(home, process)
    except BaseException:
        _end(process)
        raise


def await_other(home: Home) -> Run | None:
    """Wait for the cloud of whoever holds the home; None when nobody does."""
    deadline = time.monotonic() + _READY_SECONDS
    while home.is_held() and time.monotonic() < deadline:
        if (run := home.run()) is not None:
            return run
        time.sleep(0.05)
    return None


def _poll_ready(home: Home, process: subprocess.Popen[bytes]) -> Run:
    deadline = time.monotonic() + _READY_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        run = home.run()
        if run is not None and run.pid == process.pid:
            return run
        time.sleep(0.01)
    state = "is not ready" if process.poll() is None else f"ended with status {process.returncode}"
    tail = home.log.read_text(errors="replace").splitlines()[-_LOG_TAIL_LINES:]
    raise LocalCloudError("\n".join([f"the local cloud {state}; the end of {home.log}:", *tail]))


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.stdin and not process.stdin.closed:
        process.stdin.close()
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
