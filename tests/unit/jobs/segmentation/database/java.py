"""Java's exceptions as py4j hands them over, without Java."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from py4j.protocol import Py4JJavaError


def sql_error(state: str | None, message: str = "FATAL: no") -> Any:
    return _exception("org.postgresql.util.PSQLException", message, None, state)


def wrapped(cause: Any, message: str = "Job aborted") -> Any:
    return _exception("org.apache.spark.SparkException", message, cause)


class JavaError(Py4JJavaError):  # type: ignore[misc]
    """Without the connection that the real one asks for its text."""

    def __init__(self, exception: Any) -> None:
        self.java_exception = exception

    def __str__(self) -> str:
        return "a Java exception"


def _exception(name: str, message: str, cause: Any, state: str | None = None) -> Any:
    return SimpleNamespace(
        getClass=lambda: SimpleNamespace(getName=lambda: name),
        getMessage=lambda: message,
        getCause=lambda: cause,
        getSQLState=lambda: state,
    )
