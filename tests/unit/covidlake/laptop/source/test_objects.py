"""Every file of a source folder becomes an object, is left out and counted, or is refused by its name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from covidlake.base.errors import SourceError
from covidlake.laptop.source import folder_of
from covidlake.laptop.source.objects import found_in

ODD = {
    "not UTF-8": (b"caf\xe9.json", r"data/caf\\udce9\.json"),
    "a line break": (b"a\nb.json", r"data/a\\nb\.json"),
    "a return": (b"a\rb.json", r"data/a\\rb\.json"),
    "an escape": (b"a\x1b[31mb.json", r"data/a\\u001b"),
    "a tab": (b"a\tb.json", r"data/a\\tb"),
    "a delete": (b"a\x7fb.json", r"data/a\\u007fb"),
}


def folder(tmp_path: Path, *names: bytes) -> Path:
    """A folder with these files below `data/`."""
    place = tmp_path / "data"
    place.mkdir()
    for name in names:
        (place / os.fsdecode(name)).write_text("{}")
    return tmp_path


@pytest.mark.parametrize(("name", "said"), ODD.values(), ids=ODD)
def test_a_name_that_no_job_can_read_is_refused(tmp_path: Path, name: bytes, said: str) -> None:
    place = folder(tmp_path, b"good.json", name)
    with pytest.raises(SourceError, match=f"{said}.*rename it") as caught:
        folder_of(str(place), lambda _: None)
    assert str(caught.value).isprintable()


def test_a_folder_name_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    place = tmp_path / os.fsdecode(b"caf\xe9")
    place.mkdir()
    (place / "a.json").write_text("{}")
    with pytest.raises(SourceError, match="rename it"):
        folder_of(str(tmp_path), lambda _: None)


def test_a_key_that_is_longer_than_s3_takes_is_refused(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["x" * 200] * 6)
    deep.mkdir(parents=True)
    (deep / "a.json").write_text("{}")
    with pytest.raises(SourceError, match="1,024 bytes"):
        folder_of(str(tmp_path), lambda _: None)


def test_names_in_any_language_are_objects(tmp_path: Path) -> None:
    place = folder(tmp_path, "café 1.json".encode(), "日本.json".encode(), b"a b+c&d='e'.json")
    assert len(found_in(place).files) == 3


@pytest.mark.parametrize("name", ["a.json", "data/.a.json", ".data/a.json"])
def test_a_folder_with_nothing_that_becomes_an_object_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("{}")
    with pytest.raises(SourceError, match="holds no object"):
        folder_of(str(tmp_path), lambda _: None)


def test_what_is_left_out_is_known(tmp_path: Path) -> None:
    place = folder(tmp_path, b"a.json", b".b.json")
    (place / "README.md").write_text("about")
    (place / "data" / "gone.json").symlink_to(place / "nowhere")
    (place / "linked").symlink_to(place / "data")
    found = found_in(place)
    assert list(found.files) == ["data/a.json"]
    assert found.left_out == ["README.md", "data/.b.json", "data/gone.json", "linked"]


@pytest.mark.parametrize("source", ["nowhere", "x" * 5000, "~no-such-user/x", "a\0b", ""])
def test_what_is_no_folder_is_said(source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SourceError, match=r"no such folder|holds no object"):
        folder_of(source, lambda _: None)
