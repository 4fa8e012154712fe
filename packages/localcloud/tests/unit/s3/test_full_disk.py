"""An object that the disk does not keep is not accepted."""

from __future__ import annotations

import errno
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from localcloud.s3 import full_disk


def s3_of(folder: Path, failure: OSError | None) -> tuple[SimpleNamespace, dict[str, Any]]:
    """A stand-in for ministack's S3, which swallows what goes wrong on the disk."""
    objects: dict[str, Any] = {}
    service = SimpleNamespace(DATA_DIR=str(folder), _ensure_bucket=lambda _bucket: {"objects": objects})

    def put(_bucket: str, key: str, body: bytes, _headers: Any) -> tuple[int, dict[str, str], bytes]:
        objects[key] = body
        if failure is not None:
            failures = full_disk._failed.get()
            assert failures is not None
            failures.append(f"{failure.strerror}: {folder / key}")
        return 200, {}, b""

    service.put = full_disk._kept(put, service, lambda code, message, status: (status, code, message))
    return service, objects


@pytest.mark.claim("S3", "supported", "an object that the disk cannot keep is refused")
def test_an_object_that_could_not_be_written_is_refused_and_gone(tmp_path: Path) -> None:
    service, objects = s3_of(tmp_path, OSError(errno.ENOSPC, "No space left on device"))
    status, code, message = service.put("b", "k", b"body", {})
    assert (status, code) == (507, "InsufficientStorage")
    assert f"No space left on device: {tmp_path / 'k'}" in message
    assert objects == {}


def test_an_object_that_will_not_fit_is_refused_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, objects = s3_of(tmp_path, None)
    assert service.put("b", "k", b"body", {})[0] == 200
    monkeypatch.setattr("shutil.disk_usage", lambda _path: SimpleNamespace(free=1 << 20))
    assert service.put("b", "more", b"body", {})[0] == 507
    assert list(objects) == ["k"]
