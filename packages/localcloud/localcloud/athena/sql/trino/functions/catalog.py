"""Every function that is done here: importing this module claims them all."""

from __future__ import annotations

from localcloud.athena.sql.trino.functions import (
    aggregates,
    arrays,
    binaries,
    dates,
    json_functions,
    maps,
    numbers,
    regexps,
    strings,
    urls,
    windows,
)
from localcloud.athena.sql.trino.functions.signatures import CATALOG

__all__ = ["CATALOG"]

for _module in (
    aggregates,
    arrays,
    binaries,
    dates,
    json_functions,
    maps,
    numbers,
    regexps,
    strings,
    urls,
    windows,
):
    _module.claim()
