"""The same content gives the same bytes, whatever the checkout."""

import os
import zipfile
from pathlib import Path

from covidlake.bundle.archive import archive, archive_folder


def make_tree(folder: Path, names: list[str]) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"content of {name}")
    return folder


def test_order_times_and_modes_do_not_matter(tmp_path: Path) -> None:
    names = ["b.py", "a/z.py", "a/b.py"]
    first = make_tree(tmp_path / "first", names)
    second = make_tree(tmp_path / "second", names[::-1])
    for path in second.rglob("*.py"):
        os.utime(path, (1, 1))
        path.chmod(0o600)
    assert archive_folder(first) == archive_folder(second)


def test_caches_byte_code_and_hidden_files_stay_behind(tmp_path: Path) -> None:
    make_tree(tmp_path, ["a.py", "__pycache__/a.pyc", ".DS_Store", "sub/.hidden/x", "b.pyc"])
    (tmp_path / "out").mkdir()
    target = tmp_path / "out" / "x.zip"
    content = archive_folder(tmp_path)
    target.write_bytes(content)
    assert zipfile.ZipFile(target).namelist() == ["a.py"]


def test_other_content_gives_other_bytes() -> None:
    assert archive([("a", b"1")]) != archive([("a", b"2")])
    assert archive([("a", b"1")]) != archive([("b", b"1")])
