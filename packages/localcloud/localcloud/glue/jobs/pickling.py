"""How pyspark sends a job's own functions to its workers, for `udf`, `rdd.map` and `createDataFrame`."""

from __future__ import annotations

import sys

PYSPARK_S_OWN_FAILS_FROM = (3, 14)


def use_a_fitting_pickler() -> None:
    """Give pyspark a current cloudpickle where its own, 2.2.1, ends in a RecursionError: on Python 3.14.

    Call it before or after the import of pyspark. The workers need no call.
    """
    if sys.version_info < PYSPARK_S_OWN_FAILS_FROM:
        return
    import cloudpickle

    sys.modules["pyspark.cloudpickle"] = cloudpickle
    if serializers := sys.modules.get("pyspark.serializers"):
        serializers.cloudpickle = cloudpickle  # type: ignore[attr-defined]
