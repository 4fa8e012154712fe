"""One cloud, one process: configure ministack, plug our services in, serve on the loop-back interface."""

from __future__ import annotations

import importlib
import os
import socket
import sys
from pathlib import Path

PLUGS = ("iam", "cloudformation", "lambdas", "glue_jobs", "crawlers", "step_functions", "athena")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def serve(port: int, region: str, state: Path | None, wait_scale: float) -> None:
    """Serve until SIGTERM or Ctrl-C. ministack reads its settings at import, so they are set first."""
    os.environ.update(
        GATEWAY_PORT=str(port),
        BIND_HOST="127.0.0.1",
        AUTH="true",
        IOT_MTLS_ENABLED="0",
        SFTP_ENABLED="0",
        MINISTACK_ACCOUNT_ID="000000000000",
        MINISTACK_REGION=region,
        SFN_WAIT_SCALE=str(wait_scale),
    )
    if state is not None:
        os.environ.update(
            PERSIST_STATE="1", S3_PERSIST="1", STATE_DIR=str(state / "state"), S3_DATA_DIR=str(state / "s3")
        )
    from ministack import app

    for name in PLUGS:
        importlib.import_module(f"localcloud.{name}").install(app)
    sys.argv = ["ministack"]
    app.main()
