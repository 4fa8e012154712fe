"""The process of one Lambda execution environment: loads the handler and answers one event per line.

ministack writes the text of this module into the folder of the environment and speaks JSON lines with
it: first the function, then events; each answer is one line. It must not import anything of ours.
"""

from __future__ import annotations

import importlib
import importlib.machinery
import json
import logging
import os
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TextIO

END_OF_LOG = "\x1elocalcloud end of log"
# What the service's own runtime sets; nothing else of the server's environment reaches a function.
_RUNTIME_VARIABLES = (
    *("PATH", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
    *("AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"),
    *("AWS_EC2_METADATA_DISABLED", "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE"),
    *("AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME"),
    *("LAMBDA_TASK_ROOT", "_LAMBDA_LAYERS_DIRS"),
)
# Packages that come with the Python runtimes of Lambda; anything else must be in the function's bundle.
_RUNTIME_PACKAGES = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six")


class _RuntimePackages:
    """Finds the packages of Lambda's own runtime in the server's environment, and no others."""

    def __init__(self, folders: list[str]) -> None:
        self._folders = folders

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if path is None and name in _RUNTIME_PACKAGES:
            return importlib.machinery.PathFinder.find_spec(name, self._folders, target)
        return None


class _LambdaLogHandler(logging.Handler):
    """Writes log records as Lambda's text format has them."""

    def emit(self, record: logging.LogRecord) -> None:
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        request = os.environ.get("_LOCALCLOUD_REQUEST", "")
        fields = (f"[{record.levelname}]", f"{stamp}.{record.msecs:03.0f}Z", request, self.format(record))
        sys.stderr.write("\t".join(fields) + "\n")


def main() -> None:
    """Take the protocol off standard output, so that whatever a handler prints is its log, then serve."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    function = json.loads(sys.stdin.readline())
    _enter(function)
    handler, problem = _load(function["module"], function["handler"])
    _answer(answers, {"status": "ready", "cold": True})
    for line in sys.stdin:
        request = json.loads(line)
        os.environ["_LOCALCLOUD_REQUEST"] = request["ctx"]["request_id"]
        answer = {"raised": problem} if handler is None else _invoke(handler, request)
        sys.stdout.flush()
        sys.stderr.write(END_OF_LOG + "\n")
        sys.stderr.flush()
        _answer(answers, {"status": "ok", **answer})


def _answer(answers: TextIO, answer: dict[str, Any]) -> None:
    answers.write(json.dumps(answer) + "\n")
    answers.flush()


def _enter(function: dict[str, Any]) -> None:
    """Become a Lambda environment: its variables, its temporary folder, its packages, its log format."""
    temporary = Path.cwd().parent / "tmp"
    temporary.mkdir(exist_ok=True)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    kept = {name: os.environ[name] for name in _RUNTIME_VARIABLES if name in os.environ}
    os.environ.clear()
    os.environ.update(kept)
    os.environ.update(
        TMPDIR=str(temporary),
        TZ=":UTC",
        LANG="en_US.UTF-8",
        AWS_EXECUTION_ENV=f"AWS_Lambda_{version}",
        AWS_LAMBDA_INITIALIZATION_TYPE="on-demand",
        _HANDLER=f"{function['module']}.{function['handler']}",
    )
    os.environ.setdefault("AWS_LAMBDA_LOG_GROUP_NAME", f"/aws/lambda/{function['function_name']}")
    os.environ.update(function.get("env", {}))
    folders = [entry for entry in sys.path if Path(entry).name in ("site-packages", "dist-packages")]
    layers = os.environ.pop("_LAMBDA_LAYERS_DIRS", "").split(os.pathsep)
    sys.path[:] = [function["code_dir"], *(f"{layer}/python" for layer in layers if layer)] + [
        entry for entry in sys.path[1:] if entry not in folders
    ]
    sys.meta_path.append(_RuntimePackages(folders))
    logging.getLogger().addHandler(_LambdaLogHandler())


def _load(module: str, name: str) -> tuple[Callable[..., Any] | None, dict[str, Any] | None]:
    """The handler, or the error that Lambda gives for one that cannot be loaded."""
    try:
        return getattr(importlib.import_module(module), name), None
    except ImportError as error:
        message = f"Unable to import module '{module}': {error}"
        return None, _failure("Runtime.ImportModuleError", message, error)
    except AttributeError as error:
        message = f"Handler '{name}' missing on module '{module}'"
        return None, _failure("Runtime.HandlerNotFound", message, error)
    except SyntaxError as error:
        message = f"Syntax error in module '{module}': {error}"
        return None, _failure("Runtime.UserCodeSyntaxError", message, error)
    except Exception as error:
        return None, _failure(type(error).__name__, str(error), error)


def _invoke(handler: Callable[..., Any], request: dict[str, Any]) -> dict[str, Any]:
    try:
        result = handler(request["event"], _context(request["ctx"]))
    except SystemExit as error:
        message = f"RequestId: {request['ctx']['request_id']} Error: Runtime exited with error: {error.code}"
        return {"raised": _failure("Runtime.ExitError", message, error)}
    except Exception as error:
        return {"raised": _failure(type(error).__name__, str(error), error)}
    if isinstance(result, bytes):
        return {"result": _payload(result)}
    try:
        json.dumps(result)
    except (TypeError, ValueError) as error:
        return {"raised": _failure("Runtime.MarshalError", f"Unable to marshal response: {error}", error)}
    return {"result": result}


def _payload(content: bytes) -> Any:
    """Lambda's runtime answers with bytes as they are, which should be JSON; other text stays text here."""
    text = content.decode(errors="replace")
    try:
        return json.loads(text)
    except ValueError:
        return text


def _failure(kind: str, message: str, error: BaseException) -> dict[str, Any]:
    """The error payload of Lambda; the trace also goes to the log, as there."""
    own = str(Path(__file__).resolve())
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != own]
    listed = [] if kind.startswith("Runtime.") else traceback.format_list(frames)
    trace = [entry.replace(os.environ["LAMBDA_TASK_ROOT"], "/var/task") for entry in listed]
    sys.stderr.write("\n".join([f"[ERROR] {kind}: {message}", "Traceback (most recent call last):", *trace]))
    sys.stderr.write("\n")
    return {"errorMessage": message, "errorType": kind, "stackTrace": trace}


def _context(given: dict[str, Any]) -> SimpleNamespace:
    """The context object of an invocation."""
    deadline = time.time() + given["timeout_ms"] / 1000
    return SimpleNamespace(
        aws_request_id=given["request_id"],
        invoked_function_arn=given["invoked_function_arn"],
        function_name=os.environ["AWS_LAMBDA_FUNCTION_NAME"],
        function_version=os.environ.get("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        memory_limit_in_mb=os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
        log_group_name=os.environ["AWS_LAMBDA_LOG_GROUP_NAME"],
        log_stream_name=os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME", ""),
        identity=None,
        client_context=None,
        get_remaining_time_in_millis=lambda: max(0, int((deadline - time.time()) * 1000)),
    )


if __name__ == "__main__":
    main()
