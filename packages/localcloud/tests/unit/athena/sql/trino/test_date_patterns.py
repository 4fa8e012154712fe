"""Joda's patterns."""

from __future__ import annotations

import pytest

from localcloud.athena.sql.errors import QueryError
from localcloud.athena.sql.trino.date_patterns import joda


def test_joda_patterns() -> None:
    assert joda("yyyy-MM-dd'T'HH:mm:ss") == "%Y-%m-%dT%H:%M:%S"
    with pytest.raises(QueryError, match="`xx`"):
        joda("xx")
