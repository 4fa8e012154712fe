"""Functions of URLs."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import SplitResult, parse_qsl, quote_plus, unquote_plus, urlsplit

from localcloud.athena.sql.trino import types
from localcloud.athena.sql.trino.functions.signatures import define
from localcloud.athena.sql.trino.functions.strings import python


def _split(url: str) -> SplitResult | None:
    try:
        found = urlsplit(url)
    except ValueError:
        return None
    return None if any(one in url for one in ' <>"{}|\\^`') else found


def part(name: str) -> Callable[[str], str | None]:
    """A part of a URL; NULL where the URL cannot be read or has no host at all, as Trino says."""

    def run(url: str) -> str | None:
        found = _split(url)
        if found is None:
            return None
        value: str | None = getattr(found, name)
        return value or ("" if name in ("path", "query", "fragment") else None)

    return run


def host(url: str) -> str | None:
    found = _split(url)
    return found.netloc.rpartition("@")[2].partition(":")[0] or None if found else None


def port(url: str) -> int | None:
    found = _split(url)
    return found.port if found else None


def parameter(url: str, name: str) -> str | None:
    found = _split(url)
    pairs = parse_qsl(found.query, keep_blank_values=True) if found else []
    return next((value for key, value in pairs if key == name), None)


def encode(text: str) -> str:
    """As Java's form encoding: a space is `+`, and `*` stays."""
    return quote_plus(text, safe="*-._").replace("~", "%7E")


def claim() -> None:
    for name, own in (("protocol", "scheme"), ("path", "path"), ("query", "query"), ("fragment", "fragment")):
        define(f"url_extract_{name}(varchar) -> varchar", python(part(own), types.VARCHAR, own))
    define("url_extract_host(varchar) -> varchar", python(host, types.VARCHAR))
    define("url_extract_port(varchar) -> bigint", python(port, types.BIGINT))
    define("url_extract_parameter(varchar, varchar) -> varchar", python(parameter, types.VARCHAR))
    define("url_encode(varchar) -> varchar", python(encode, types.VARCHAR, "url_encode"))
    define("url_decode(varchar) -> varchar", python(unquote_plus, types.VARCHAR, "url_decode"))
