"""Functions of varbinary: hashes and encodings."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import struct
import zlib
from collections.abc import Callable

from localcloud.athena.sql.trino import types
from localcloud.athena.sql.trino.functions.signatures import define
from localcloud.athena.sql.trino.functions.strings import python, wrong


def from_hex(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise wrong(f"Invalid hex character in: {text}") from None


def from_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except binascii.Error:
        raise wrong(f"Input is not valid base64: {text}") from None


def from_base64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def from_utf8(value: bytes) -> str:
    return value.decode("utf-8", errors="replace")


def digest(name: str) -> Callable[[bytes], bytes]:
    return lambda value: hashlib.new(name, value, usedforsecurity=False).digest()


def keyed(name: str) -> Callable[[bytes, bytes], bytes]:
    return lambda value, key: hmac.new(key, value, name).digest()


def unpacked(form: str, size: int) -> Callable[[bytes], float | int]:
    def run(value: bytes) -> float | int:
        if len(value) != size:
            raise wrong(f"expected {size}-byte input, but got instead: {len(value)}")
        found: float | int = struct.unpack(form, value)[0]
        return found

    return run


def claim() -> None:
    for name in ("md5", "sha1", "sha256", "sha512"):
        define(f"{name}(varbinary) -> varbinary", python(digest(name), types.VARBINARY, name))
        define(
            f"hmac_{name}(varbinary, varbinary) -> varbinary",
            python(keyed(name), types.VARBINARY, f"hmac_{name}"),
        )
    define("crc32(varbinary) -> bigint", python(zlib.crc32, types.BIGINT, "crc32"))
    define("length(varbinary) -> bigint", "octet_length({0})")
    define("to_hex(varbinary) -> varchar", "hex({0})")
    define("from_hex(varchar) -> varbinary", python(from_hex, types.VARBINARY))
    define("to_utf8(varchar) -> varbinary", "encode({0})")
    define("from_utf8(varbinary) -> varchar", python(from_utf8, types.VARCHAR))
    define("to_base64(varbinary) -> varchar", "to_base64({0})")
    define("from_base64(varchar) -> varbinary", python(from_base64, types.VARBINARY))
    define(
        "to_base64url(varbinary) -> varchar",
        python(lambda value: base64.urlsafe_b64encode(value).decode(), types.VARCHAR, "to_base64url"),
    )
    define("from_base64url(varchar) -> varbinary", python(from_base64url, types.VARBINARY))
    define(
        "to_base32(varbinary) -> varchar",
        python(lambda value: base64.b32encode(value).decode(), types.VARCHAR, "to_base32"),
    )
    define("from_base32(varchar) -> varbinary", python(base64.b32decode, types.VARBINARY, "from_base32"))
    define("reverse(varbinary) -> varbinary", python(lambda value: value[::-1], types.VARBINARY, "reverse"))
    for bits, kind, whole, real in ((32, "integer", ">i", ">f"), (64, "bigint", ">q", ">d")):
        number, fraction = types.PLAIN[kind], types.REAL if bits == 32 else types.DOUBLE
        define(
            f"to_big_endian_{bits}({kind}) -> varbinary",
            python(lambda value, form=whole: struct.pack(form, value), types.VARBINARY, whole),
        )
        define(
            f"from_big_endian_{bits}(varbinary) -> {kind}", python(unpacked(whole, bits // 8), number, whole)
        )
        define(
            f"to_ieee754_{bits}({fraction}) -> varbinary",
            python(lambda value, form=real: struct.pack(form, value), types.VARBINARY, real),
        )
        define(
            f"from_ieee754_{bits}(varbinary) -> {fraction}", python(unpacked(real, bits // 8), fraction, real)
        )
