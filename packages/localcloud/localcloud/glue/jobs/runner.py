"""The process of one job run: prepare, become the script, leave its failure message behind.

Started as a file, not as a module, and without the folder of this file on the path: a script must not see
more than it sees on AWS. Imports neither pyspark nor boto3; a script that needs neither starts at once.
"""

from __future__ import annotations

import json
import os
import runpy
import secrets
import select
import signal
import socket
import sys
import threading
import traceback
from pathlib import Path
from types import TracebackType
from typing import Any

ROOT = str(Path(__file__).parents[3])


def main() -> int:
    configuration = json.loads(Path(sys.argv[1]).read_text())
    sys.path.insert(0, ROOT)
    from localcloud.glue.jobs import awsglue_stand_in, failure, java, lookups, pickling

    watch_parent()
    try:
        prepare_spark(configuration)
    except java.JavaNotFoundError as error:
        os.environ |= {"JAVA_HOME": configuration["work"], failure.NO_JAVA: str(error)}
    hide_project()
    pickling.use_a_fitting_pickler()
    lookups.remember()
    awsglue_stand_in.install()
    sys.stderr.write(configuration["remark"])
    sys.argv = [configuration["script"], *configuration["arguments"]]
    return run(configuration["script"], Path(configuration["failure_file"]))


def watch_parent() -> None:
    """End this process group when the cloud's server is gone: its end of our standard input closes."""
    pipe = os.dup(0)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)

    def watch() -> None:
        os.read(pipe, 1)
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()


def hide_project() -> None:
    """Only what is installed, and what the run brings, can be imported: not the project's own folders."""
    kept = (sys.prefix, sys.base_prefix, *os.environ["PYTHONPATH"].split(os.pathsep))
    sys.path[:] = [entry for entry in sys.path if entry.startswith(tuple(filter(None, kept)))]
    sys.meta_path[:] = [finder for finder in sys.meta_path if not is_editable_install(finder)]


def is_editable_install(finder: object) -> bool:
    return getattr(finder, "__module__", "").startswith("__editable__")


def prepare_spark(configuration: dict[str, Any]) -> None:
    """Everything that a SparkSession will need; none of it starts before the script asks for one."""
    from localcloud.glue.jobs import handed_over, settings

    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    token = secrets.token_urlsafe(24)
    work = Path(configuration["work"])
    gateway = f"127.0.0.1:{listener.getsockname()[1]}/{token}"
    properties = settings.properties(work) | settings.s3_properties(gateway, configuration["buckets"])
    environment = settings.environment(
        work, properties | configuration["conf"], configuration["java_options"]
    )
    os.environ.update(environment)
    if configuration["jvm"]:
        handed_over.offer(configuration["jvm"], properties, configuration["conf"])
    arguments = (listener, token, dict(os.environ), work / "scratch")
    threading.Thread(target=serve_gateway, args=arguments, daemon=True).start()


def serve_gateway(listener: socket.socket, token: str, environment: dict[str, str], scratch: Path) -> None:
    select.select([listener], [], [])
    from localcloud.glue.jobs import gateway

    gateway.Gateway(listener, token, gateway.s3_client(environment), scratch).serve_forever()


def run(script: str, failure_file: Path) -> int:
    """Run the script and return its exit status; why it failed goes to `failure_file`."""
    from localcloud.glue.jobs import failure

    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as error:
        if error.code in (None, 0):
            return 0
        if not isinstance(error.code, int):
            sys.stderr.write(f"{error.code}\n")
        failure_file.write_text(failure.message_of(error))
        return error.code if isinstance(error.code, int) else 1
    except BaseException as error:
        failure_file.write_text(failure.message_of(error))
        traceback.print_exception(type(error), error, inside_script(error.__traceback__, script))
        return 1
    return 0


def inside_script(trace: TracebackType | None, script: str) -> TracebackType | None:
    """The traceback from the script's first frame on: without the frames of what calls the script."""
    outer = trace
    while trace and trace.tb_frame.f_code.co_filename != script:
        trace = trace.tb_next
    return trace or outer


if __name__ == "__main__":
    sys.exit(main())
