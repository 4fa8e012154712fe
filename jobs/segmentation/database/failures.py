"""What the database's errors mean, by their SQLSTATE, also where Spark has wrapped them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from py4j.protocol import Py4JJavaError

from segmentation.database.access import Access
from segmentation.errors import (
    DatabaseError,
    DatabaseLoginError,
    DatabasePermissionError,
    DatabaseUnreachableError,
)

# No connection, or the server is starting, stopping or has been told to end it.
TRANSIENT = ("08", "57P01", "57P02", "57P03", "53300")
LOGIN = ("28",)
PERMISSION = ("42501",)
NO_DATABASE = ("3D000",)
DEPTH = 12  # of causes in causes


def translated(error: Exception, access: Access, doing: str = "") -> DatabaseError | None:
    """The error of the database in one of Java's, or of Spark's; None if there is none in it."""
    for cause in _causes(error):
        state = _state(cause)
        if state is not None:
            return _of_state(state, _words(cause), access, doing)
    return None


def is_transient(error: DatabaseError) -> bool:
    """Whether another attempt may succeed, as while a database resumes from zero."""
    return error.state.startswith(TRANSIENT)


def _of_state(state: str, said: str, access: Access, doing: str) -> DatabaseError:
    where = f"{access.place}{f', {doing}' if doing else ''}"
    if state.startswith(TRANSIENT):
        hint = "see whether the database runs, and whether its security group admits the job's"
        return DatabaseUnreachableError(f"{where}: {said}: {hint}", state)
    if state.startswith(LOGIN):
        hint = "set the password of the role to the one in the secret, or the secret to the role's"
        return DatabaseLoginError(f"{where}: {said}: {hint}", state)
    if state.startswith(PERMISSION):
        hint = f"grant it to the role `{access.user}`, as prepare_database does"
        return DatabasePermissionError(f"{where}: {said}: {hint}", state)
    if state.startswith(NO_DATABASE):
        return DatabaseError(f"{where}: {said}: correct the database in the connection's URL", state)
    return DatabaseError(f"{where}: {said} (SQLSTATE {state})", state)


def _causes(error: Exception) -> Iterator[Any]:
    """The Java exceptions, from the outermost to the root."""
    java = error.java_exception if isinstance(error, Py4JJavaError) else getattr(error, "_origin", None)
    for _ in range(DEPTH):
        if java is None:
            return
        yield java
        java = java.getCause()


def _state(cause: Any) -> str | None:
    """The SQLSTATE of a Java exception; None for one that is not of SQL."""
    if "SQLException" not in _name(cause):
        return None
    return str(cause.getSQLState() or "")


def _name(cause: Any) -> str:
    return str(cause.getClass().getName())


def _words(cause: Any) -> str:
    return " ".join(str(cause.getMessage() or "no words were given").split())
