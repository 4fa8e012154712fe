"""A file that is no text in UTF-8 is named as what it is, with the command that mends it."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from pathlib import Path

import pytest

from covidlake.base.errors import DataSetError
from covidlake.dataset.draft.sample_objects import read

TEXT = "place,cases\nX,1\n"


def zipped(*names: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in names:
            archive.writestr(name, TEXT)
    return made.getvalue()


def tarred() -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a.csv"))
    return made.getvalue()


WRONG = {
    "zip": ("a.csv", zipped("a.csv"), "is a zip archive: .*unzip"),
    "zip as gzip": ("a.csv.gz", zipped("a.csv"), "is a zip archive: .*unzip"),
    "xlsx": ("a.csv", zipped("[Content_Types].xml", "xl/workbook.xml"), "is an Excel workbook: .*CSV UTF-8"),
    "xls": ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "is an old Office file: .*CSV UTF-8"),
    "ods": ("a.ods", zipped("mimetype", "content.xml"), "is an OpenDocument file: .*CSV UTF-8"),
    "Parquet": ("a.csv", b"PAR1\x15\x04\xff\xff", "is Parquet: .*duckdb"),
    "Parquet in gzip": ("a.csv.gz", gzip.compress(b"PAR1\x15\x04\xff\xff"), "is Parquet: .*duckdb"),
    "ORC": ("a.orc", b"ORC\x08\x03\xff", "is ORC: "),
    "Avro": ("a.avro", b"Obj\x01\x04\xff", "is Avro: "),
    "bzip2": ("a.csv.bz2", bz2.compress(TEXT.encode()), "is bzip2: .*bunzip2"),
    "xz": ("a.csv.xz", lzma.compress(TEXT.encode()), "is xz: .*unxz"),
    "zstd": ("a.csv.zst", b"\x28\xb5\x2f\xfd\x04\x00", "is zstd: .*unzstd"),
    "7z": ("a.7z", b"7z\xbc\xaf\x27\x1c\0\4", "is a 7z archive"),
    "PDF": ("a.pdf", b"%PDF-1.7\n%\xff\xff", "is a PDF"),
    "tar": ("a.tar", tarred(), "is a tar archive: .*tar -xf"),
    "tar in gzip": ("a.tar.gz", gzip.compress(tarred()), "is a tar archive: .*tar -xf"),
    "web page": ("a.csv", b"\n<!DOCTYPE html><html>", "is a web page: "),
    "XML": ("a.csv", b"<?xml version='1.0'?>", "is XML: "),
    "pointer": ("a.csv", b"version https://git-lfs.github.com/spec/v1\noid x\n", "is a pointer of Git LFS: "),
    "gzip without the name": ("a.csv", gzip.compress(TEXT.encode()), r"is gzip, .*let it end in \.gz"),
    "gzip twice": ("a.csv.gz", gzip.compress(gzip.compress(TEXT.encode())), "is gzip in gzip: "),
    "plain named gzip": ("a.csv.gz", TEXT.encode(), r"is no gzip, .*take \.gz off"),
    "cut gzip": ("a.csv.gz", gzip.compress(TEXT.encode() * 99)[:-9], "is not a complete gzip file"),
    "UTF-16": ("a.csv", TEXT.encode("utf-16"), "is UTF-16: .*iconv -f UTF-16"),
    "UTF-16 without a mark": ("a.csv", TEXT.encode("utf-16-le"), "is UTF-16: .*iconv -f UTF-16LE"),
    "UTF-16 big without a mark": ("a.csv", TEXT.encode("utf-16-be"), "is UTF-16: .*iconv -f UTF-16BE"),
    "UTF-32": ("a.csv", TEXT.encode("utf-32"), "is UTF-32: .*iconv -f UTF-32"),
    "Latin-1": ("a.csv", "place\nCafé\n".encode("latin-1"), "byte 9 is not UTF-8: .*iconv -f WINDOWS-1252"),
    "NUL": ("a.csv", b"place,cases\nX,\x00\n", "byte 14 is NUL"),
}


@pytest.mark.parametrize(("name", "content", "said"), WRONG.values(), ids=WRONG)
def test_it_is_named_as_what_it_is(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DataSetError, match=f"{name}: {said}") as caught:
        read(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [TEXT, "\ufeff" + TEXT, "Café,n\n☃,1\n", "PAR1,n\nX,1\n", "PK,n\nX,1\n"])
@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz"])
def test_text_is_read(tmp_path: Path, name: str, content: str) -> None:
    raw = content.encode()
    (tmp_path / name).write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
    assert len(read(tmp_path / name).rows) == 1
