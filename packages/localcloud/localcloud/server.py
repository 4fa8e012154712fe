"""One cloud, one process: configure ministack, install the plug-ins, serve on the loop-back interface."""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from localcloud import packages, plugins
from localcloud.errors import LocalCloudError
from localcloud.home import Home, Run
from localcloud.plugin import cleanup, quiet, state

ACCOUNT = "000000000000"
_STOP_SECONDS = 20.0
_SAVE_SECONDS = 10.0
# Settings of the user's own shell that would reach ministack, boto3 or the jobs through the environment.
_FOREIGN = ("AWS_", "MINISTACK_", "LOCALSTACK_", "LAMBDA_", "S3_", "SFN_", "SPARK_", "PYSPARK_")
_FOREIGN_NAMES = {
    *("ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "EDGE_PORT", "SERVICES", "USE_SSL", "PERSIST_STATE"),
    *("STATE_DIR", "PYTHONPATH", "PYTHONHOME", "JAVA_TOOL_OPTIONS", "DOCKER_HOST", "DOCKER_NETWORK"),
}

_saving = threading.Lock()
_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Settings:
    """How one cloud serves. Port 0 is any free one, also the fall-back when `port_may_differ`.

    `wait_scale` shortens the waits of Step Functions (1 = as on AWS). `warm` keeps a JVM ready for job runs.
    """

    home: Home
    port: int = 0
    port_may_differ: bool = False
    region: str = "us-east-2"
    wait_scale: float = 1.0
    ephemeral: bool = False
    warm: bool = False
    until_stdin_closes: bool = False


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or Ctrl-C, then end this process with everything that it started.

    Raises `LocalCloudError` when the home is in use, the port is taken or packages are missing.
    """
    packages.require()
    home = settings.home
    with home.hold():
        home.sweep()
        if not settings.ephemeral:
            home.check_state()
        listener = _listen(settings.port, settings.port_may_differ)
        configure(settings, listener.getsockname()[1])
        status = 1
        try:
            asyncio.run(_serve(settings, listener))
            status = 0
        except SystemExit as refusal:
            _logger.error("%s", refusal)
        except BaseException:
            _logger.exception("the local cloud ended")
        finally:
            _leave(settings, status)


def _listen(port: int, may_differ: bool) -> socket.socket:
    """Bind before anything else: no other process can take the port between choosing and using it."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        if may_differ:
            listener.close()
            return _listen(0, may_differ=False)
        raise LocalCloudError(
            f"port {port} cannot be used: {error.strerror}; choose another one with --port"
        ) from error
    listener.listen(512)
    return listener


def configure(settings: Settings, port: int) -> None:
    """Set the environment that ministack reads at import, and keep the user's own out of it."""
    for name in list(os.environ):
        if name.startswith(_FOREIGN) or name.upper() in _FOREIGN_NAMES:
            del os.environ[name]
    home = settings.home
    home.temporary.mkdir(parents=True, exist_ok=True)
    os.environ.update(
        GATEWAY_PORT=str(port),
        BIND_HOST="127.0.0.1",
        AUTH="true",
        IOT_MTLS_ENABLED="0",
        SFTP_ENABLED="0",
        MINISTACK_ACCOUNT_ID=ACCOUNT,
        MINISTACK_REGION=settings.region,
        SFN_WAIT_SCALE=str(settings.wait_scale),
        LOCALCLOUD_WARM="1" if settings.warm else "0",
        TMPDIR=str(home.temporary),
        LOG_LEVEL=os.environ.get("LOG_LEVEL", "WARNING"),
        AWS_CONFIG_FILE=os.devnull,
        AWS_SHARED_CREDENTIALS_FILE=os.devnull,
        AWS_EC2_METADATA_DISABLED="true",
        DOCKER_HOST=f"unix://{home.temporary}/no-docker.sock",
    )
    # An ephemeral cloud names folders too: ministack writes keys there although it saves no state.
    kept = "0" if settings.ephemeral else "1"
    base = home.temporary if settings.ephemeral else home.path
    os.environ.update(
        PERSIST_STATE=kept,
        STATE_DIR=str(base / home.state.name),
        S3_PERSIST=kept,
        S3_DATA_DIR=str(base / home.objects.name),
    )


async def _serve(settings: Settings, listener: socket.socket) -> None:
    from hypercorn.asyncio import serve as serve_asgi
    from hypercorn.config import Config
    from ministack import app

    installed = plugins.install(app)
    stop = asyncio.Event()
    _watch_for_stop(settings, stop)
    config = Config()
    port = listener.getsockname()[1]
    config.bind = [f"fd://{listener.detach()}"]
    config.keep_alive_timeout = 75
    config.graceful_timeout = 0.2
    config.loglevel = "WARNING"

    async def stopped() -> None:
        await stop.wait()
        threading.Thread(target=_leave_late, args=(settings,), daemon=True).start()
        for plugin in installed:
            if hasattr(plugin, "settle"):
                await plugin.settle()
        await asyncio.to_thread(cleanup.run)
        await asyncio.to_thread(_saving.acquire)  # a save in progress ends; no other one starts

    warm = [plugin.warm_up for plugin in installed if hasattr(plugin, "warm_up")]
    await serve_asgi(_announcing(app, settings, port, warm), config, shutdown_trigger=stopped)


def _announcing(
    app: Any, settings: Settings, port: int, warm: list[Callable[[], None]]
) -> Callable[..., Awaitable[None]]:
    """The ASGI application: restores the state of plug-ins and writes the run file once ministack is ready.

    It then warms the plug-ins up, and keeps saving the state so that a crash costs seconds of it.
    """
    requests = itertools.count()

    async def application(scope: Any, receive: Any, send: Any) -> None:
        async def send_lifespan(message: dict[str, Any]) -> None:
            if message["type"] == "lifespan.startup.complete":
                await asyncio.to_thread(state.restore)
                started_at = datetime.now(UTC).isoformat(timespec="seconds")
                settings.home.announce(
                    Run(os.getpid(), port, settings.region, settings.wait_scale, started_at)
                )
                sys.stdout.write(f"localcloud on http://127.0.0.1:{port}\n")
                sys.stdout.flush()
                threading.Thread(target=_warm_up, args=(warm,), daemon=True).start()
                if not settings.ephemeral:
                    threading.Thread(
                        target=_save_often, args=(app, requests, settings.home), daemon=True
                    ).start()
            elif message["type"] == "lifespan.shutdown.complete":
                await asyncio.to_thread(state.save)
                if not settings.ephemeral:
                    await asyncio.to_thread(settings.home.note_state)
            await send(message)

        next(requests)
        quiet.note()
        await app.app(scope, receive, send_lifespan if scope["type"] == "lifespan" else send)

    return application


def _warm_up(functions: list[Callable[[], None]]) -> None:
    for function in functions:
        function()


def _save_often(app: Any, requests: itertools.count[int], home: Home) -> None:
    """Save the state between two requests some seconds apart; nothing happens while none arrives."""
    saved = next(requests)
    while not threading.Event().wait(_SAVE_SECONDS):
        if (now := next(requests)) > saved + 1:
            with _saving:
                try:
                    app.save_all(app._build_persistence_save_dict())
                    state.save()
                    home.note_state()
                except OSError:  # the next turn tries again
                    _logger.exception("the state of the local cloud could not be saved")
        saved = now


def _watch_for_stop(settings: Settings, stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)

    def watch() -> None:
        sys.stdin.buffer.read()
        loop.call_soon_threadsafe(stop.set)

    if settings.until_stdin_closes:
        threading.Thread(target=watch, daemon=True).start()


def _leave_late(settings: Settings) -> None:
    """End the process even when a stop hangs: nothing that the cloud started may outlive it."""
    threading.Event().wait(_STOP_SECONDS)
    _logger.error("the local cloud did not stop within %s s and was ended", _STOP_SECONDS)
    _leave(settings, 1)


def _leave(settings: Settings, status: int) -> None:
    """Leave no process and no temporary file, at once: threads of ministack would delay a normal exit.

    The log of a failure stays for whoever started the server; the next start removes it.
    """
    if settings.ephemeral and status == 0:
        settings.home.remove()
    else:
        settings.home.sweep()
    logging.shutdown()
    os._exit(status)
