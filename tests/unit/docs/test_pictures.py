"""The pictures of the report show what it shows now."""

from __future__ import annotations

import struct

import pytest

from tests.browser import pictures


def test_the_pictures_are_made_of_the_report_as_it_is() -> None:
    assert pictures.DIGEST.read_text().strip() == pictures.digest(), "make docs-pictures"


@pytest.mark.parametrize("picture", pictures.PICTURES, ids=lambda one: one.name)
def test_each_picture_is_there_small_and_of_its_width(picture: pictures.Picture) -> None:
    content = picture.path.read_bytes()
    assert content.startswith(b"\x89PNG")
    assert len(content) <= pictures.LARGEST
    (width,) = struct.unpack(">I", content[16:20])
    assert width <= picture.width


def test_a_page_shows_each_of_them() -> None:
    pages = "".join(
        path.read_text()
        for path in (pictures.FOLDER.parent / "report.md", pictures.FOLDER.parents[1] / "README.md")
    )
    assert all(f"pictures/{picture.name}.png" in pages for picture in pictures.PICTURES)
