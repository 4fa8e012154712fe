"""The process that runs a handler: answers, log, errors, environment."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from localcloud.lambda_ import bootstrap


def execute(folder: Path, source: str, *events: Any) -> tuple[list[dict[str, Any]], str]:
    """Run the bootstrap as ministack does, on a handler of this source; its answers and its log."""
    code = folder / "code"
    code.mkdir()
    (code / "handler.py").write_text(source)
    function = {"code_dir": str(code), "module": "handler", "handler": "handler", "function_name": "f"}
    lines: list[Any] = [function]
    for event in events:
        context = {"request_id": "id-1", "invoked_function_arn": "arn", "timeout_ms": 1000}
        lines.append({"event": event, "ctx": context})
    done = subprocess.run(
        [sys.executable, bootstrap.__file__],
        input="".join(json.dumps(line) + "\n" for line in lines),
        cwd=code,
        env={"AWS_LAMBDA_FUNCTION_NAME": "f", "LAMBDA_TASK_ROOT": str(code), "HOME": "/somewhere"},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr
    ready, *answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert ready["status"] == "ready"
    return answers, done.stderr


def test_a_handler_is_called_once_per_event(tmp_path: Path) -> None:
    answers, _ = execute(tmp_path, "def handler(event, context): return event * 2", 1, "a")
    assert [answer["result"] for answer in answers] == [2, "aa"]


def test_bytes_are_the_answer_as_they_are(tmp_path: Path) -> None:
    values = ['"Hello"', '{"a": 1}', "plain", "[1]", ""]
    answers, _ = execute(tmp_path, "def handler(event, context): return event.encode()", *values)
    assert [answer["result"] for answer in answers] == ["Hello", {"a": 1}, "plain", [1], ""]
    (tmp_path / "nested").mkdir()
    inside = "def handler(event, context): return {'a': b'x'}"
    (answer,), _ = execute(tmp_path / "nested", inside, None)
    assert answer["raised"]["errorType"] == "Runtime.MarshalError"


def test_what_a_handler_prints_does_not_disturb_its_answer(tmp_path: Path) -> None:
    source = """
import os
def handler(event, context):
    print('{"status": "ok", "result": "forged"}')
    os.write(1, b'{"status": "ok", "result": "forged"}\\n')
    return "real"
"""
    answers, log = execute(tmp_path, source, None)
    assert [answer["result"] for answer in answers] == ["real"]
    assert log.count("forged") == 2
    assert log.rstrip("\n").endswith(bootstrap.END_OF_LOG)


def test_an_exception_is_an_answer_and_the_process_goes_on(tmp_path: Path) -> None:
    source = "def handler(event, context): return 1 / event"
    (first, second), log = execute(tmp_path, source, 0, 1)
    assert first["raised"]["errorType"] == "ZeroDivisionError"
    assert 'File "/var/task/handler.py", line 1, in handler' in first["raised"]["stackTrace"][0]
    assert second["result"] == 1
    assert "[ERROR] ZeroDivisionError: division by zero" in log


def test_the_context_and_the_temporary_folder_are_the_functions_own(tmp_path: Path) -> None:
    source = """
import os, tempfile
def handler(event, context):
    return [context.function_name, context.aws_request_id, context.get_remaining_time_in_millis() <= 1000,
            tempfile.gettempdir(), os.environ.get("HOME")]
"""
    (answer,), _ = execute(tmp_path, source, None)
    assert answer["result"] == ["f", "id-1", True, str(tmp_path / "tmp"), None]
