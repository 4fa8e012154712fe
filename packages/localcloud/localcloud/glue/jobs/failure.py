"""What a script's end means: the message that Glue shows for a failed run, in one line."""

from __future__ import annotations

import os
import re
import signal

from localcloud.glue.jobs.awsglue_stand_in import ADVICE

LIMIT = 2000
NO_JAVA = "LOCALCLOUD_NO_JAVA"  # why there is no Java for this process, when there is none


def message_of(error: BaseException) -> str:
    """The last exception line of the script, `ValueError: bad record`, without Glue's error category.

    An error of Spark's Java side is shown with its root cause, as Glue does; its trace is in the log.
    """
    name, text = type(error).__name__, str(error)
    if isinstance(error, SystemExit):
        text = str(error.code)
    elif name == "Py4JJavaError":
        text = _java_error(text)
    else:
        text = _python_error(text) or _first_line(text)
    if "[JAVA_GATEWAY_EXITED]" in text:
        text = f"{text.rstrip('.')}: {os.environ.get(NO_JAVA) or 'the error log says why'}"
    if "'JavaPackage' object is not callable" in text:
        text = f"{text}. {ADVICE}"
    return f"{name}: {text}"[:LIMIT].rstrip(": ") if text else name


def _python_error(text: str) -> str:
    """The exception inside a Python function of Spark's: the last line of the trace that Spark quotes."""
    found = re.findall(r"Traceback \(most recent call last\):\n(?:[ \t].*\n)+(\S.*)", text)
    return found[-1].strip() if found else ""


def _java_error(text: str) -> str:
    first = _first_line(text).rstrip(".:")
    if inner := _python_error(text):
        return f"{first}. {inner}"
    causes = re.findall(r"^(?:Caused by: |: )(\S.*)$", text, flags=re.MULTILINE)
    return f"{first}. {_java_cause(causes[-1])}" if causes else first


def _java_cause(cause: str) -> str:
    """The name without its package, and what Hadoop had wrapped without the wrapping."""
    if unknown := re.search(r"Could not initialize target File System for URI : (\S+?)/?$", cause):
        return f"NoSuchBucket: The specified bucket does not exist: {unknown[1]}"
    remote = re.match(r"org\.apache\.hadoop\.ipc\.RemoteException\(([\w.$]+)\)", cause)
    name, _, rest = (remote[1] + cause[remote.end() :] if remote else cause).partition(":")
    return f"{name.rpartition('.')[2]}:{rest}"


def _first_line(text: str) -> str:
    return next(iter(_lines(text)), "").rstrip(";")


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def message_of_exit(status: int) -> str:
    """For a process that ended without an exception of its script: `os._exit`, a signal, out of memory."""
    if status < 0:
        return f"Command failed: the script's process was ended by {signal.Signals(-status).name}"
    return f"Command failed with exit code {status}"
