"""Lambda functions as AWS runs them: their own environment, error names with stack trace, declared runtime.

ministack keeps one warm process per execution environment; ours runs `lambda_bootstrap` in it.
"""

from __future__ import annotations

import logging
import math
import queue
import re
import sys
import threading
import time
from collections.abc import Mapping
from importlib import resources
from typing import Any

from localcloud import plugin
from localcloud.lambda_.bootstrap import END_OF_LOG
from localcloud.plugin import cleanup, refusals

_logger = logging.getLogger(__name__)
_PYTHON_RUNTIME = re.compile(r"python3\.(9|1\d)")
_LOG_SECONDS = 2.0
_HAS_PLATFORM_LINES = "rie"  # ministack adds none to a log of this source
_last_answer = threading.local()


def install(_app: Any) -> None:
    """Replace ministack's Python worker, and refuse the functions that this machine cannot run."""
    from ministack.core import lambda_runtime
    from ministack.services import lambda_svc

    _use_bootstrap(lambda_runtime)
    _report_errors(lambda_svc)
    _refuse_functions(lambda_svc)
    cleanup.at_exit(lambda_runtime.reset)


def _use_bootstrap(lambda_runtime: Any) -> None:
    plugin.require(lambda_runtime, "_detect_runtime_binary", ["runtime"])
    plugin.require(lambda_runtime, "_worker_class_for", ["config"])
    base = lambda_runtime.Worker
    plugin.require(base, "invoke", ["self", "event", "request_id"])
    plugin.require(base, "_drain_stderr_bounded", ["self"])
    script = resources.files("localcloud.lambda_").joinpath("bootstrap.py").read_text()

    class PythonWorker(base):  # type: ignore[misc, valid-type]
        """An execution environment whose log ends where the process says so, not after a guess of time."""

        def invoke(self, *arguments: Any, **options: Any) -> dict[str, Any]:
            answer: dict[str, Any] = super().invoke(*arguments, **options)
            _last_answer.raised = answer.get("raised")
            return answer

        def _drain_stderr_bounded(self, *arguments: Any, **options: Any) -> str:
            if self._proc is None:  # it died and cannot say where its log ends
                return str(super()._drain_stderr_bounded(*arguments, **options))
            return _read_log(self._stderr_queue)

    lambda_runtime._detect_runtime_binary = lambda _runtime: (sys.executable, script)
    lambda_runtime._worker_class_for = lambda _config: PythonWorker


def _read_log(lines: queue.Queue[str]) -> str:
    """What one invocation has written, up to its end mark."""
    written = []
    deadline = time.monotonic() + _LOG_SECONDS
    while (left := deadline - time.monotonic()) > 0:
        try:
            line = lines.get(timeout=min(left, 0.2))
        except queue.Empty:
            continue
        if line.endswith(END_OF_LOG):
            written.append(line.removesuffix(END_OF_LOG))
            break
        written.append(line)
    return "\n".join(written).strip("\n")


def _report_errors(lambda_svc: Any) -> None:
    """An exception keeps its class as `errorType`, which Step Functions' Retry and Catch match on.

    The log has the platform's lines, which `LogType=Tail` shows as well.
    """
    execute = plugin.require(lambda_svc, "_execute_function_warm", ["func", "event", "request_id"])
    memory = plugin.require(lambda_svc, "_probe_peak_memory_mb", ["func"])

    def reporting(func: Any, event: Any, request_id: str) -> dict[str, Any]:
        _last_answer.raised = None
        began = time.monotonic()
        outcome: dict[str, Any] = execute(func, event, request_id)
        if not outcome.get("throttle"):
            took = math.ceil(1000 * (time.monotonic() - began))
            config = func.get("config") or func
            written = outcome.get("log") or ""
            outcome["log"] = whole_log(written, request_id, config, took, memory(func))
            outcome["log_source"] = _HAS_PLATFORM_LINES
        raised: Mapping[str, Any] | None = _last_answer.raised
        if raised is not None:
            outcome.update(body={**raised, "requestId": request_id}, error=True)
        return outcome

    lambda_svc._execute_function_warm = reporting


def whole_log(written: str, request_id: str, config: Mapping[str, Any], took: int, memory: int) -> str:
    """What a function wrote, between the lines that Lambda writes; `took` is in milliseconds."""
    report = (
        f"REPORT RequestId: {request_id}\tDuration: {took} ms\tBilled Duration: {took} ms\t"
        f"Memory Size: {config.get('MemorySize', 128)} MB\tMax Memory Used: {memory} MB"
    )
    start = f"START RequestId: {request_id} Version: {config.get('Version', '$LATEST')}"
    return "\n".join([start, *written.splitlines(), f"END RequestId: {request_id}", report]) + "\n"


def _refuse_functions(lambda_svc: Any) -> None:
    from ministack.core.responses import error_response_json

    create = plugin.require(lambda_svc, "_create_function", ["data"])
    fetch = plugin.require(lambda_svc, "_fetch_code_from_s3", ["bucket", "key"])

    def checked_create(data: dict[str, Any]) -> Any:
        try:
            check_function(data)
            return create(data)
        except plugin.AwsError as error:
            return error_response_json(error.code, error.message, 400)

    def checked_fetch(bucket: str, key: str, **options: Any) -> bytes:
        code: bytes | None = fetch(bucket, key, **options)
        if code is None:
            raise plugin.AwsError(
                "InvalidParameterValueException",
                f"Error occurred while GetObject of s3://{bucket}/{key}. S3 Error Code: NoSuchKey.",
            )
        return code

    lambda_svc._create_function = checked_create
    lambda_svc._fetch_code_from_s3 = checked_fetch


def check_function(function: Mapping[str, Any]) -> None:
    """Raise `AwsError` for a function that this machine cannot run or Lambda would not accept.

    `function` has the fields of CreateFunction, which CloudFormation's properties share.
    """
    runtime, role = function.get("Runtime", ""), function.get("Role", "")
    problem = None
    if function.get("PackageType", "Zip") != "Zip" or "ImageUri" in function.get("Code", {}):
        problem = refusals.not_supported("container images", "it runs Zip packages only")
    elif not _PYTHON_RUNTIME.fullmatch(runtime):
        problem = refusals.not_supported(f"runtime {runtime!r}", "it runs python3.9 and later")
    elif role.startswith("arn:") and not plugin.role_trusts(role, "lambda.amazonaws.com"):
        problem = f"The role defined for the function cannot be assumed by Lambda: {role}"
    if problem:
        raise plugin.AwsError("InvalidParameterValueException", problem)
