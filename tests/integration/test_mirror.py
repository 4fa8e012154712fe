"""A bucket becomes a folder's mirror, sending only what differs."""

from pathlib import Path

import pytest

from covidlake import aws
from covidlake.aws import buckets
from covidlake.base.errors import SourceError
from covidlake.laptop.source.mirror import Mirrored, is_whole, mirror

pytestmark = pytest.mark.usefixtures("moto_account")


def write(folder: Path, key: str, text: str) -> None:
    path = folder / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def keys(bucket: str) -> list[str]:
    return [item["Key"] for item in aws.client("s3").list_objects_v2(Bucket=bucket).get("Contents", [])]


def test_a_new_bucket_gets_every_object_under_its_key(tmp_path: Path) -> None:
    write(tmp_path, "uk_covid/json/2022-12-07.json", "{}")
    write(tmp_path, "uk_covid/json/2022-12-08.json", "{}")
    write(tmp_path, "README.md", "about the folder")
    write(tmp_path, "uk_covid/json/.2022-12-09.json.part", "half")
    left_out = ("README.md", "uk_covid/json/.2022-12-09.json.part")
    mirrored = mirror(tmp_path, "covid19-lake")
    assert mirrored == Mirrored(objects=2, sent=2, removed=0, left_out=left_out)
    assert mirrored.remark == f"; 2 left out, at the root or hidden: {', '.join(left_out)}"
    assert keys("covid19-lake") == ["uk_covid/json/2022-12-07.json", "uk_covid/json/2022-12-08.json"]


def test_a_second_time_only_changes_travel(tmp_path: Path) -> None:
    for day in "123":
        write(tmp_path, f"data/{day}", day)
    mirror(tmp_path, "source")
    write(tmp_path, "data/2", "changed")
    (tmp_path / "data/3").unlink()
    assert mirror(tmp_path, "source") == Mirrored(objects=2, sent=1, removed=1)
    assert keys("source") == ["data/1", "data/2"]
    assert aws.client("s3").get_object(Bucket="source", Key="data/2")["Body"].read() == b"changed"


def test_a_mirror_that_was_broken_off_is_not_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not is_whole("source")
    write(tmp_path, "data/1", "x")

    def interrupt(*_: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("covidlake.laptop.source.mirror._send", interrupt)
        with pytest.raises(KeyboardInterrupt):
            mirror(tmp_path, "source")
    assert not is_whole("source")
    mirror(tmp_path, "source")
    assert is_whole("source")


def test_a_bucket_made_by_hand_is_whole() -> None:
    buckets.create("by-hand")
    assert is_whole("by-hand")


def test_more_objects_than_one_request_lists_or_deletes(tmp_path: Path) -> None:
    for number in range(1005):
        write(tmp_path, f"data/{number:04}", "x")
    assert mirror(tmp_path, "source").sent == 1005
    for path in (tmp_path / "data").iterdir():
        path.unlink()
    write(tmp_path, "data/left", "x")
    assert mirror(tmp_path, "source") == Mirrored(objects=1, sent=1, removed=1005)
    assert keys("source") == ["data/left"]


def test_an_object_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "data/1", "x")

    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(SourceError, match="data/1: Permission denied: give a folder"):
        mirror(tmp_path, "source")
    assert not is_whole("source")
