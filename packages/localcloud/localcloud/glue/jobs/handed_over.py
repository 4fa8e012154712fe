"""Give a script the JVM that waited for it, when and only when the script asks for Spark.

The JVM gets this process's environment and this run's settings first. Where the script wants something that
a JVM takes at its start only, it gets a new one, as it would without one that waits.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from localcloud.glue.jobs import after_import

MODULE = "pyspark.java_gateway"
# Variables that Java, Hadoop or Spark's own scripts read when a JVM starts.
READ_AT_START = ("SPARK_", "PYSPARK_", "_PYSPARK_", "JAVA_", "_JAVA_", "JDK_", "HADOOP_", "LC_", "LANG", "TZ")
ADDRESS = ("PYSPARK_GATEWAY_PORT", "PYSPARK_GATEWAY_SECRET")
APP_NAME = "spark.app.name"

Launch = Callable[..., Any]


def fits(names: Mapping[str, str]) -> bool:
    """Whether a JVM that runs already can take these settings: Spark SQL's, and the application's name.

    Some of Spark SQL's are static; only the JVM knows which.
    """
    return all(name.startswith("spark.sql.") or name == APP_NAME for name in names)


def offer(connection: Mapping[str, Any], properties: Mapping[str, str], conf: Mapping[str, str]) -> None:
    """Have pyspark take the JVM of `connection` at its first start of one. `conf` is what the run set."""
    jvm = _Offer(connection, properties, conf)

    def replace_start(module: ModuleType) -> None:
        module.launch_gateway = jvm.instead_of(module.launch_gateway)  # type: ignore[attr-defined]

    after_import.change(MODULE, replace_start)


class _Offer:
    """One JVM, taken once or ended."""

    def __init__(
        self, connection: Mapping[str, Any], properties: Mapping[str, str], conf: Mapping[str, str]
    ) -> None:
        self._connection = connection
        self._properties = {**properties, **conf}
        self._conf = conf
        self._surroundings = _surroundings()
        self._is_open = True

    def instead_of(self, launch: Launch) -> Launch:
        def launch_gateway(conf: Any = None, popen_kwargs: Any = None) -> Any:
            gateway = None
            if self._is_open:
                self._is_open = False
                asked = dict(conf.getAll()) if conf else {}
                gateway = self._taken(launch, asked) if popen_kwargs is None and fits(asked) else None
                if gateway is None:
                    self._end()
            return gateway or launch(conf, popen_kwargs)

        return launch_gateway

    def _taken(self, launch: Launch, asked: Mapping[str, str]) -> Any:
        """The gateway of the JVM, now this run's; None where it does not fit or is no longer there."""
        if self._surroundings != _surroundings():
            return None
        try:
            gateway = self._connected(launch)
            if any(_is_static(gateway.jvm, name) for name in {*self._conf, *asked}):
                gateway.close()
                return None
            become(gateway.jvm, dict(os.environ), self._properties)
        except Exception as error:
            sys.stderr.write(
                f"localcloud: the JVM that waited is not used: {type(error).__name__}: {error}\n"
            )
            return None
        return gateway

    def _connected(self, launch: Launch) -> Any:
        address = str(self._connection["port"]), self._connection["secret"]
        os.environ.update(zip(ADDRESS, address, strict=True))
        try:
            return launch(None)
        finally:
            for name in ADDRESS:
                del os.environ[name]

    def _end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._connection["process"], signal.SIGKILL)


def _surroundings() -> tuple[str, dict[str, str]]:
    """What a new JVM would take from this process."""
    return os.getcwd(), {  # noqa: PTH109 - a text, to compare
        name: value for name, value in os.environ.items() if name.startswith(READ_AT_START)
    }


def _is_static(jvm: Any, name: str) -> bool:
    return bool(jvm.org.apache.spark.sql.internal.SQLConf.isStaticConfigKey(name))


def become(jvm: Any, environment: Mapping[str, str], properties: Mapping[str, str]) -> None:
    """Give a JVM the environment and the Spark settings that it would have been started with.

    Java has no call for the first: the map behind `System.getenv`, which its child processes inherit too,
    is changed by reflection, which Spark's own options for Java 17 allow.
    """
    system = jvm.java.lang.System
    field = jvm.java.lang.Class.forName("java.util.Collections$UnmodifiableMap").getDeclaredField("m")
    field.setAccessible(True)
    variables = field.get(system.getenv())
    variables.clear()
    for name, value in environment.items():
        variables.put(name, value)
    for name, value in properties.items():
        system.setProperty(name, value)
