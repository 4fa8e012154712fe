"""Window functions; `{n}` is IGNORE NULLS."""

from __future__ import annotations

from localcloud.athena.sql.trino.functions import signatures
from localcloud.athena.sql.trino.functions.signatures import WINDOW


def define(text: str, emit: str) -> None:
    signatures.define(text, emit, kind=WINDOW)


def claim() -> None:
    for name in ("row_number", "rank", "dense_rank"):
        define(f"{name}() -> bigint", f"{name}(){{tail}}")
    for name in ("percent_rank", "cume_dist"):
        define(f"{name}() -> double", f"{name}(){{tail}}")
    define("ntile(bigint) -> bigint", "ntile({0}){tail}")
    for name in ("first_value", "last_value"):
        define(f"{name}(T) -> T", f"{name}({{0}}{{n}}){{tail}}")
    define("nth_value(T, bigint) -> T", "nth_value({0}, {1}{n}){tail}")
    for name in ("lag", "lead"):
        define(f"{name}(T) -> T", f"{name}({{0}}{{n}}){{tail}}")
        define(f"{name}(T, bigint) -> T", f"{name}({{0}}, {{1}}{{n}}){{tail}}")
        define(f"{name}(T, bigint, T) -> T", f"{name}({{0}}, {{1}}, {{2}}{{n}}){{tail}}")
