"""The text of a sample object; a file that is none is named as what it is, with the command that mends it."""

from __future__ import annotations

import codecs
import gzip
import io
import zipfile
import zlib
from pathlib import Path

from covidlake.base.errors import DataSetError

_GZIP = b"\x1f\x8b"
_TABLE = "save it as CSV UTF-8 in the program that made it"
_UNPACK = "unpack it and give the files in it, for instance with: "
_COPY = "the job reads JSON Lines and CSV: write one with duckdb, pandas or Spark"

# Where the bytes are no text: how they begin, what that is, and what to do.
_BINARY = (
    (b"PK\x05\x06", "an empty zip archive", "give an object with rows"),
    (b"\xd0\xcf\x11\xe0", "an old Office file", _TABLE),
    (b"PAR1", "Parquet", _COPY),
    (b"ORC", "ORC", _COPY),
    (b"Obj\x01", "Avro", _COPY),
    (b"ARROW1", "Arrow", _COPY),
    (b"SQLite format 3", "an SQLite database", _COPY),
    (b"BZh", "bzip2", f"{_UNPACK}bunzip2"),
    (b"\xfd7zXZ\0", "xz", f"{_UNPACK}unxz"),
    (b"\x28\xb5\x2f\xfd", "zstd", f"{_UNPACK}unzstd"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", f"{_UNPACK}7z x"),
    (b"Rar!", "a RAR archive", f"{_UNPACK}unrar x"),
)
_TEXTUAL = (
    (b"%PDF-", "a PDF", "ask the publisher for the table as CSV or JSON"),
    (
        b"<!doctype html",
        "a web page",
        "download the data itself, the page may be an error or ask for a login",
    ),
    (b"<html", "a web page", "download the data itself, the page may be an error or ask for a login"),
    (b"<?xml", "XML", "make it JSON Lines or CSV"),
    (b"version https://git-lfs.", "a pointer of Git LFS", "get the file itself with: git lfs pull"),
)
_MARKS = {
    codecs.BOM_UTF32_LE: "UTF-32",  # before that of UTF-16, with which it begins
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}


def text(path: Path) -> str:
    """Raises `DataSetError` for a file that cannot be read, or is not text in UTF-8, plain or in gzip."""
    try:
        content = path.read_bytes()
    except (OSError, ValueError) as error:  # the second for a name with a NUL
        said = getattr(error, "strerror", None) or str(error)
        raise DataSetError(f"{path}: {said}: give a file that you may read") from error
    plain = _unpacked(path, content)
    if said := _other_format(plain):
        raise DataSetError(f"{path}: {said}")
    try:
        return plain.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataSetError(
            f"{path}: byte {error.start} is not UTF-8: make it UTF-8, for "
            "instance, if it is from Windows in a western language, with: iconv -f WINDOWS-1252 -t UTF-8"
        ) from error


def _unpacked(path: Path, content: bytes) -> bytes:
    """The job goes by the name: whatever ends in .gz is unpacked, nothing else."""
    packed = content.startswith(_GZIP)
    if path.suffix != ".gz":
        if packed:
            raise DataSetError(f"{path}: is gzip, but the job goes by the name: let it end in .gz")
        return content
    if content and not packed:
        hint = _other_format(content) or "is no gzip, but the job goes by the name: take .gz off it"
        raise DataSetError(f"{path}: {hint}")
    try:
        plain = gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise DataSetError(f"{path}: is not a complete gzip file ({error}): download it again") from error
    if plain.startswith(_GZIP):
        raise DataSetError(f"{path}: is gzip in gzip: unpack it once, with: gunzip")
    return plain


def _other_format(content: bytes) -> str:
    """What the bytes are, if not text in a byte-wise encoding, and what to do; empty for text."""
    start = content[:512].lstrip().lower()
    for begin, name, hint in _TEXTUAL:
        if start.startswith(begin.lower()):
            return f"is {name}: {hint}"
    if _is_text(content):
        return ""
    if content.startswith(b"PK\x03\x04"):
        return _zipped(content)
    if content[257:262] == b"ustar":
        return f"is a tar archive: {_UNPACK}tar -xf"
    for begin, name, hint in _BINARY:
        if content.startswith(begin):
            return f"is {name}: {hint}"
    return _wide(content)


def _is_text(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return b"\0" not in content


def _zipped(content: bytes) -> str:
    try:
        names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    except zipfile.BadZipFile:
        return "is a zip archive that is not complete: download it again"
    if any(name.startswith("xl/") for name in names):
        return f"is an Excel workbook: {_TABLE}"
    if "mimetype" in names and "content.xml" in names:
        return f"is an OpenDocument file: {_TABLE}"
    return f"is a zip archive: {_UNPACK}unzip"


def _wide(content: bytes) -> str:
    """UTF-16 and UTF-32, also without a mark: every second byte of most texts is then a NUL."""
    for mark, name in _MARKS.items():
        if content.startswith(mark):
            return f"is {name}: make it UTF-8, for instance with: iconv -f {name} -t UTF-8"
    head = content[:4096]
    for offset, name in ((1, "UTF-16LE"), (0, "UTF-16BE")):
        if len(head) > 1 and head[offset::2].count(0) > len(head) * 0.4:
            return f"is UTF-16: make it UTF-8, for instance with: iconv -f {name} -t UTF-8"
    if b"\0" in content:
        at = content.index(b"\0")
        return f"byte {at} is NUL, which no text has: have it published again, or drop it with: tr -d '\\000'"
    return ""
