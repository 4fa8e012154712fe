"""Statements outside of Spark: the JVM's driver, as Glue has no PostgreSQL client for Python."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from py4j.protocol import Py4JJavaError

from segmentation.database import failures
from segmentation.database.access import Access
from segmentation.errors import DatabaseError, DriverMissingError

_logger = logging.getLogger(__name__)

PAUSES = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)  # seconds between attempts: a database resumes from zero in 30 s
READ = "repeatable read read only"


@dataclass(frozen=True)
class Connection:
    """One connection of the driver; a row is a tuple of texts, None for null."""

    java: Any
    access: Access

    def query(self, sql: str, *values: str) -> list[tuple[str | None, ...]]:
        """The rows of a statement, whose `?` are the values. For few rows. Raises DatabaseError."""
        with self._translated(), self._prepared(sql, values) as statement:
            found = statement.executeQuery()
            width = range(1, found.getMetaData().getColumnCount() + 1)
            rows = []
            while found.next():
                rows.append(tuple(found.getString(column) for column in width))
            return rows

    def execute(self, sql: str, *values: str) -> int:
        """Carry out a statement; returns the number of rows that it changed. Raises DatabaseError."""
        with self._translated(), self._prepared(sql, values) as statement:
            statement.execute()
            return int(statement.getUpdateCount())

    @contextmanager
    def transaction(self, characteristics: str = "read committed") -> Iterator[None]:
        """Commit at the end, roll back for whatever is raised, as for a process that is killed."""
        with self._translated():
            self.java.setAutoCommit(False)
        try:
            self.execute(f"set transaction isolation level {characteristics}")
            yield
            with self._translated():
                self.java.commit()
        except BaseException:
            self._roll_back()
            raise
        with self._translated():
            self.java.setAutoCommit(True)

    def _roll_back(self) -> None:
        try:
            self.java.rollback()
        except Exception as error:  # the connection may be what broke: its end rolls back, too
            _logger.debug("not rolled back: %s", type(error).__name__)

    @contextmanager
    def _prepared(self, sql: str, values: Sequence[str]) -> Iterator[Any]:
        statement = self.java.prepareStatement(sql)
        try:
            for place, value in enumerate(values, start=1):
                statement.setString(place, value)
            yield statement
        finally:
            statement.close()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except Py4JJavaError as error:
            raise failures.translated(error, self.access) or error from error


@dataclass(frozen=True)
class Database:
    """Opens connections; one that fails for a passing reason is tried again, about a minute long."""

    jvm: Any
    access: Access
    sleep: Callable[[float], None] = time.sleep

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """Raises DatabaseError and DriverMissingError."""
        java = self._opened()
        try:
            yield Connection(java, self.access)
        finally:
            _close(java)

    def _opened(self) -> Any:
        for pause in PAUSES:
            try:
                return self._open()
            except DatabaseError as error:
                if not failures.is_transient(error):
                    raise
                _logger.warning("%s; once more in %.0f s", error, pause)
                self.sleep(pause)
        return self._open()

    def _open(self) -> Any:
        properties = self.jvm.java.util.Properties()
        for name, value in self.access.properties().items():
            if name != "driver":
                properties.setProperty(name, value)
        try:
            driver = self.jvm.org.postgresql.Driver()
        except TypeError as error:  # what py4j makes of a class that is not there
            raise DriverMissingError(
                "no org.postgresql.Driver is on the class path: Glue ships one; elsewhere add its jar"
            ) from error
        try:
            return driver.connect(self.access.url, properties)
        except Py4JJavaError as error:
            raise failures.translated(error, self.access) or error from error


def _close(java: Any) -> None:
    try:
        java.close()
    except Exception as error:  # what was done is done
        _logger.debug("not closed: %s", type(error).__name__)
